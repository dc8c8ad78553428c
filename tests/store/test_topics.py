from bot.store import articles, topics
from bot.store.database import Database
from tests.make import an_article, news


async def test_spellings_share_a_topic(database: Database) -> None:
    async with database.write() as connection:
        (one,) = await topics.ensure(connection, ["kim jong un"], as_tags=False)
        (other,) = await topics.ensure(connection, ["KIM JONG-UN"], as_tags=False)
    assert one == other
    assert one.name == "kim jong un"


async def test_the_newsrooms_spelling_wins(database: Database) -> None:
    async with database.write() as connection:
        await topics.ensure(connection, ["kim jong un"], as_tags=False)
        (tag,) = await topics.ensure(connection, ["Kim Jong-Un"], as_tags=True)
        (later,) = await topics.ensure(connection, ["Kim Jong-un"], as_tags=True)
    assert tag.name == later.name == "Kim Jong-Un"


async def test_the_order_is_kept_and_words_without_letters_are_none(database: Database) -> None:
    async with database.write() as connection:
        named = await topics.ensure(connection, ["Zimbabwe", "🔥", "Angola", "zimbabwe", "Mali"], as_tags=True)
    assert [topic.name for topic in named] == ["Zimbabwe", "Angola", "Mali"]


async def test_no_names_are_no_topics(database: Database) -> None:
    async with database.write() as connection:
        assert await topics.ensure(connection, [], as_tags=True) == ()


async def test_changes_are_seen_once(database: Database) -> None:
    async with database.write() as connection:
        await topics.ensure(connection, ["Mali", "Chad"], as_tags=False)
        first, version = await topics.changed_since(connection, 0)
        await topics.ensure(connection, ["Mali", "Togo"], as_tags=False)
        second, latest = await topics.changed_since(connection, version)
        nothing, still = await topics.changed_since(connection, latest)
    assert {topic.name for topic in first} == {"Mali", "Chad"}
    assert [topic.name for topic in second] == ["Togo"]
    assert nothing == []
    assert still == latest


async def test_most_used_tags_come_first(database: Database) -> None:
    async with database.write() as connection:
        for number, tags in enumerate([["Mali", "Chad"], ["Chad"], ["Chad", "Togo"], ["Mali"]]):
            await news(connection, an_article(str(number), tags=tags), [])
        await topics.ensure(connection, ["a reader's words"], as_tags=False)
        used = await topics.most_used(connection, 2)
        without = await topics.most_used(connection, 9, without=[used[0].id])
    assert [topic.name for topic in used] == ["Chad", "Mali"]
    assert [topic.name for topic in without] == ["Mali", "Togo"]


async def test_a_topic_by_its_id(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await topics.ensure(connection, ["Mali"], as_tags=False)
        assert await topics.get(connection, mali.id) == mali
        assert await topics.get(connection, mali.id + 1) is None


async def test_an_articles_tags_keep_their_order(database: Database) -> None:
    async with database.write() as connection:
        article_id = await news(connection, an_article(tags=["Togo", "Angola", "Mali"]), [])
        stored = (await articles.get(connection, [article_id]))[article_id]
    assert [topic.name for topic in stored.topics] == ["Togo", "Angola", "Mali"]
