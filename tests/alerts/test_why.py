"""Why an article matched is stored with it, and followers of what is the same are told once."""

from dataclasses import replace

from sqlalchemy import select

from bot.alerts.intake import Intake
from bot.model import Article, Body
from bot.store import follows, matches, outbox
from bot.store import topics as topic_store
from bot.store.database import Database
from bot.store.latest import Shelf, page
from bot.store.matches import Match
from bot.store.schema import matches as match_table
from bot.store.schema import metadata
from bot.topics.learning import Learner
from bot.topics.matching import Matcher
from bot.topics.studying import Student
from tests.alerts.test_intake import Desk, desk
from tests.make import NOW, NoPages, a_follower, an_article

__all__ = ["desk"]


async def stored(database: Database) -> set[tuple[int, str, str | None]]:
    """What the store has of why articles matched."""
    async with database.read() as connection:
        rows = await connection.execute(select(match_table.c.topic_id, match_table.c.found_in, match_table.c.words))
        return {(row.topic_id, row.found_in, row.words) for row in rows}


async def test_the_most_telling_place_is_stored_with_its_words(desk: Desk) -> None:
    await desk.take(an_article(tags=["MALI"], headline="Mali and Chad", teaser="Mali, Chad, North-Korea"))
    assert await stored(desk.database) == {
        (1, "tag", "MALI"), (2, "headline", "Chad"), (3, "teaser", "North-Korea"),
    }  # fmt: skip


async def test_who_wants_tags_only_is_not_told_of_a_headline(desk: Desk) -> None:
    async with desk.database.write() as connection:
        await follows.set_scope(connection, 1, 1, "tags")
    await desk.take(an_article("headline", headline="Rain in Mali"), an_article("tag", tags=["Mali"]))
    assert await desk.alerts() == [(1, "Headline of tag")]


SECRET = "A secret envoy told Bamako that it rains on North Korean soil and in Chad."


async def test_what_only_the_body_mentions_is_told_to_who_asks_and_kept_nowhere(desk: Desk) -> None:
    await desk.follower(2, "Chad", "Bamako")
    async with desk.database.write() as connection:
        (query,) = await topic_store.ensure_queries(connection, {"(headline AND north korea)": "q"})
        await follows.add(connection, 2, query.id, NOW)
        for topic_id in (2, 3, query.id):  # Chad, North Korea
            await follows.set_scope(connection, 1 if topic_id == 3 else 2, topic_id, "anywhere")
    await desk.take(replace(an_article("one", premium=True), body=Body(SECRET)))
    assert await desk.alerts() == [(1, "Headline of one"), (2, "Headline of one")]
    assert await stored(desk.database) == {(2, "body", None), (3, "body", None), (query.id, "body", None)}
    async with desk.database.read() as connection:
        assert [match.topic_id for match in await matches.for_chat(connection, 1, 2)] == [2, query.id]
        kept = [str(row) for table in metadata.sorted_tables for row in await connection.execute(table.select())]
        assert await page(connection, Shelf(topic_id=2), None, 10) == []
    assert not any(word in row for row in kept for word in ("secret", "envoy", "soil", "rains"))


async def test_what_a_body_says_takes_nothing_from_what_the_headline_says(desk: Desk) -> None:
    async with desk.database.write() as connection:
        (query,) = await topic_store.ensure_queries(connection, {"(mali AND NOT rain)": "Mali -rain"})
        await follows.add(connection, 1, query.id, NOW, scope="anywhere")
    await desk.take(replace(an_article(headline="Sun in Mali"), body=Body("There was rain in Mali.")))
    assert (query.id, "headline", "Mali") in await stored(desk.database)


async def test_a_query_alerts_and_says_by_which_words(desk: Desk) -> None:
    async with desk.database.write() as connection:
        await a_follower(connection, 2)
        (query,) = await topic_store.ensure_queries(connection, {"(mali AND rain)": "Mali AND rain"})
        await follows.add(connection, 2, query.id, NOW)
    await desk.take(an_article("sun", headline="Sun in Mali"), an_article("rain", headline="Rain in Mali"))
    assert [headline for chat, headline in await desk.alerts() if chat == 2] == ["Rain in Mali"]
    assert (query.id, "headline", "Mali, Rain") in await stored(desk.database)


async def test_followers_of_tags_that_the_site_has_merged_get_one_alert(desk: Desk) -> None:
    names = {"north korea": ["dprk"], "dprk": ["north korea"]}
    intake = Intake(desk.database, Matcher(aliases=lambda key: names.get(key, ())), lambda: NOW, news=desk.news,
                    pages=NoPages())  # fmt: skip
    await desk.follower(1, "DPRK")
    await desk.follower(2, "DPRK")
    await intake.take(1, [an_article("one", tags=["North Korea"]), an_article("two", tags=["DPRK"])], as_news=True)
    assert await desk.alerts() == [(chat, f"Headline of {name}") for chat in (1, 2) for name in ("one", "two")]


async def test_what_words_stand_for_is_learned_from_the_archive_and_alerts_with_the_reason(desk: Desk) -> None:
    beats = (("Bamako", "Mali"), ("Scrum", "Rugby"), ("Levy", "Budget"), ("Gown", "Fashion"))
    student = Student(Learner())
    intake = Intake(desk.database, Matcher(learner=student.learner), lambda: NOW, news=desk.news,
                    pages=NoPages(), student=student)  # fmt: skip
    archive = [an_article(str(n), headline=f"{beats[n % 4][0]} n{n}", tags=[beats[n % 4][1]]) for n in range(60)]
    await intake.take(1, archive, as_news=False)
    await intake.take(1, [an_article("new", headline="Sirens in Bamako")], as_news=True)
    assert (1, "Sirens in Bamako") in await desk.alerts()
    assert (1, "headline", "Bamako") in await stored(desk.database)


async def test_a_tags_articles_are_counted_as_they_come_whether_news_or_not(desk: Desk) -> None:
    await desk.take(an_article("one", tags=["Mali"]), an_article("two", tags=["Mali", "Togo"]), as_news=False)
    await desk.take(an_article("one", tags=["Mali"]), an_article("three", tags=["Mali"]))
    async with desk.database.read() as connection:
        tags, _ = await topic_store.tags_since(connection, 0)
    assert {tag.topic.name: tag.articles for tag in tags} == {"Mali": 3, "Togo": 1}


async def test_an_article_of_five_hundred_tags_alerts_each_follower_once(desk: Desk) -> None:
    article: Article = an_article(tags=[f"<i>Tag</i> {number} &amp;" for number in range(499)] + ["Mali"])
    await desk.take(article)
    assert await desk.alerts() == [(1, "Headline of one")]
    async with desk.database.read() as connection:
        assert await matches.for_chat(connection, 1, 1) == [Match(1, "tag", "Mali")]
        assert await outbox.next_due(connection, NOW) == NOW
