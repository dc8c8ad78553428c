import asyncio
from datetime import timedelta

from bot.store import articles, topics
from bot.store.database import Database
from bot.store.topics import MAX_SPELLINGS
from tests.make import NOW, an_article, news


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


async def test_a_tags_spellings_are_kept_in_their_order_and_bounded(database: Database) -> None:
    async with database.write() as connection:
        await topics.ensure(connection, ["kim jong un"], as_tags=False)
        for spelling in ("Kim Jong-Un", "Kim Jong-un", "Kim Jong-Un", "KIM JONG UN"):
            await topics.ensure(connection, [spelling], as_tags=True)
        await topics.ensure(connection, ["kim jong-UN"], as_tags=False)
        await topics.ensure(connection, ["Chad" + "!" * number for number in range(50)], as_tags=True)
        kim, chad = (await topics.tags_since(connection, 0))[0]
    assert kim.spellings == ("Kim Jong-Un", "Kim Jong-un", "KIM JONG UN")
    assert chad.spellings == tuple("Chad" + "!" * number for number in range(MAX_SPELLINGS))


async def test_only_what_the_newsroom_uses_is_a_tag_and_each_change_is_seen_once(database: Database) -> None:
    async with database.write() as connection:
        await topics.ensure(connection, ["Mali", "chad"], as_tags=False)
        assert (await topics.tags_since(connection, 0))[0] == []
        await topics.ensure(connection, ["Chad"], as_tags=True)
        (chad,), version = await topics.tags_since(connection, 0)
        assert chad.topic.name == "Chad"
        await topics.ensure(connection, ["Chad"], as_tags=True)
        assert await topics.tags_since(connection, version) == ([], version)
        await topics.ensure(connection, ["CHAD"], as_tags=True)
        (chad,), _ = await topics.tags_since(connection, version)
        assert chad.spellings == ("Chad", "CHAD")


async def test_how_often_and_when_last_a_tag_was_used(database: Database) -> None:
    async with database.write() as connection:
        mali, chad = await topics.ensure(connection, ["Mali", "Chad"], as_tags=True)
        await topics.count_articles(connection, [chad.id, mali.id], NOW)
        await topics.count_articles(connection, [mali.id], NOW + timedelta(hours=1))
        await topics.count_articles(connection, [], NOW)
        tags, _ = await topics.tags_since(connection, 0)
        assert await topics.used(connection, [mali.id, chad.id]) == {mali.id: 2, chad.id: 1}
    assert {tag.topic.name: (tag.articles, tag.last_at) for tag in tags} == {
        "Mali": (2, NOW + timedelta(hours=1)),
        "Chad": (1, NOW),
    }


async def test_two_articles_with_the_same_tags_do_not_wait_for_each_other_in_a_circle(database: Database) -> None:
    async with database.write() as connection:
        made = await topics.ensure(connection, [f"Topic {number}" for number in range(40)], as_tags=True)
    ids = [topic.id for topic in made]

    async def count(order: list[int]) -> None:
        for _ in range(10):
            async with database.write() as connection:
                await topics.count_articles(connection, order, NOW)

    await asyncio.gather(count(ids), count(ids[::-1]), count(ids[20:] + ids[:20]))
    async with database.read() as connection:
        assert set((await topics.used(connection, ids)).values()) == {30}


async def test_a_query_is_a_topic_under_its_own_key(database: Database) -> None:
    async with database.write() as connection:
        (plain,) = await topics.ensure(connection, ["trade war"], as_tags=False)
        (query,) = await topics.ensure_queries(connection, {'"trade war"': '"Trade war"'})
        (again,) = await topics.ensure_queries(connection, {'"trade war"': '"TRADE WAR"'})
        changed, _ = await topics.changed_since(connection, 0)
    assert query == again
    assert query.id != plain.id
    assert (query.key, query.name) == ('"trade war"', '"Trade war"')
    assert changed == [plain, query]


async def test_five_hundred_tags_on_an_article_are_five_hundred_topics(database: Database) -> None:
    async with database.write() as connection:
        names = [f"Tag {number} <b>&amp;" for number in range(500)]
        await news(connection, an_article(tags=names), [])
        tags, _ = await topics.tags_since(connection, 0)
    assert [tag.topic.name for tag in tags] == names
