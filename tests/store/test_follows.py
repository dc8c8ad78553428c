from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.store import chats, follows, matches, outbox
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.follows import Follow
from bot.store.matches import MAX_WORDS, Match
from tests.make import NOW, a_follower, an_article, news

HOUR = timedelta(hours=1)


async def told(database: Database, found_in: str, *, name: str = "one") -> list[int]:
    """The chats that are told of an article that says Mali there."""
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 99, "Mali")
        await follows.remove(connection, 99, mali.id, NOW)
        article_id = await news(connection, an_article(name), [])
        await matches.add(connection, article_id, [Match(mali.id, found_in, "mali")])
        while await fan_out(connection, NOW, 100):
            pass
        claimed = await outbox.claim(connection, NOW, HOUR, 100)
    return sorted(alert.chat_id for alert in claimed)


@pytest.mark.parametrize(
    ("found_in", "expected"),
    [("tag", [1, 2, 3, 4]), ("headline", [2, 3, 4]), ("teaser", [2, 3, 4]), ("body", [4])],
)
async def test_a_mention_counts_where_the_follow_looks(database: Database, found_in: str, expected: list[int]) -> None:
    async with database.write() as connection:
        for chat_id, scope in ((1, "tags"), (2, None), (3, "headline"), (4, "anywhere")):
            (mali,) = await a_follower(connection, chat_id, "Mali")
            assert scope is None or await follows.set_scope(connection, chat_id, mali.id, scope)
    assert await told(database, found_in) == expected


async def test_a_follow_can_begin_with_its_scope_and_keeps_it(database: Database) -> None:
    async with database.write() as connection:
        mali, chad = await a_follower(connection, 1, "Mali", "Chad")
        await follows.remove(connection, 1, chad.id, NOW)
        assert await follows.add(connection, 1, chad.id, NOW + HOUR, scope="tags")
        assert not await follows.add(connection, 1, chad.id, NOW)
        assert await follows.details(connection, 1) == [Follow(mali, "headline", None), Follow(chad, "tags", None)]
        assert await follows.number_of(connection, 1) == 2


async def test_no_other_scope_is_stored(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            (mali,) = await a_follower(connection, 1, "Mali")
            await follows.set_scope(connection, 1, mali.id, "nowhere")


@pytest.mark.parametrize(("until", "expected"), [(NOW + HOUR, []), (NOW, [1]), (NOW - HOUR, [1]), (None, [1])], ids=str)
async def test_a_muted_follow_is_silent_until_then_and_not_lost(
    database: Database, until: object, expected: list[int]
) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        assert await follows.mute(connection, 1, mali.id, NOW + 9 * HOUR)
        assert await follows.mute(connection, 1, mali.id, until)  # type: ignore[arg-type] # parametrized
        assert await follows.of_chat(connection, 1) == [mali]
    assert await told(database, "tag") == expected


async def test_a_chat_is_told_for_the_follow_that_is_not_muted(database: Database) -> None:
    async with database.write() as connection:
        mali, chad = await a_follower(connection, 1, "Mali", "Chad")
        await follows.mute(connection, 1, mali.id, NOW + HOUR)
        await news(connection, an_article(), [mali.id, chad.id])
        chunk = await fan_out(connection, NOW, 100)
    assert chunk is not None
    assert chunk.alerts == 1


async def test_what_is_not_followed_has_no_scope_and_cannot_be_muted(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        assert not await follows.set_scope(connection, 2, mali.id, "tags")
        assert not await follows.mute(connection, 2, mali.id, NOW)


async def test_who_stops_a_topic_is_not_told_for_one_that_looks_elsewhere(database: Database) -> None:
    async with database.write() as connection:
        mali, chad = await a_follower(connection, 1, "Mali", "Chad")
        await follows.set_scope(connection, 1, chad.id, "tags")
        article_id = await news(connection, an_article(), [])
        await matches.add(connection, article_id, [Match(mali.id, "headline"), Match(chad.id, "headline")])
        await fan_out(connection, NOW, 100)
        await follows.remove(connection, 1, mali.id, NOW)
        assert await outbox.claim(connection, NOW, HOUR, 10) == []


async def test_a_group_that_moves_keeps_scope_and_silence(database: Database) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, -1, "Mali")
        await follows.set_scope(connection, -1, mali.id, "anywhere")
        await follows.mute(connection, -1, mali.id, NOW + HOUR)
        await chats.migrate(connection, -1, -1001)
        assert await follows.details(connection, -1001) == [Follow(mali, "anywhere", NOW + HOUR)]


async def test_why_a_chat_was_told_is_kept(database: Database) -> None:
    async with database.write() as connection:
        mali, chad, togo = await a_follower(connection, 1, "Mali", "Chad", "Togo")
        (angola,) = await a_follower(connection, 2, "Angola")
        await follows.set_scope(connection, 1, togo.id, "tags")
        article_id = await news(connection, an_article(), [])
        found = [
            Match(mali.id, "teaser", "bamako, " * 100),
            Match(chad.id, "tag", "Tchad"),
            Match(togo.id, "headline", "togo"),
            Match(angola.id, "tag", "Angola"),
            Match(chad.id, "tag", "Tchad"),
        ]
        await matches.add(connection, article_id, found)
        first, second = await matches.for_chat(connection, article_id, 1)
    assert first == Match(chad.id, "tag", "Tchad")
    assert second == Match(mali.id, "teaser", ("bamako, " * 100)[:MAX_WORDS])


async def test_followers_of_two_topics_that_the_site_has_merged_get_one_alert(database: Database) -> None:
    async with database.write() as connection:
        both = await a_follower(connection, 1, "North Korea", "DPRK")
        await a_follower(connection, 2, "DPRK")
        article_id = await news(connection, an_article(tags=["North Korea"]), [])
        await matches.add(connection, article_id, [Match(topic.id, "tag", "North Korea") for topic in both])
        chunk = await fan_out(connection, NOW, 100)
        claimed = await outbox.claim(connection, NOW, HOUR, 10)
    assert chunk is not None
    assert chunk.alerts == 2
    assert sorted(alert.chat_id for alert in claimed) == [1, 2]
