from dataclasses import replace
from datetime import timedelta

import pytest

from bot.store import feeds
from bot.store.database import Database
from tests.make import NOW

LEASE = timedelta(seconds=60)
ONE, TWO = "http://127.0.0.1/feed/", "http://127.0.0.1/two/feed/"


async def test_a_feed_is_claimed_once_and_falls_due_again_by_itself(database: Database) -> None:
    async with database.write() as connection:
        await feeds.register(connection, [ONE, TWO], NOW)
        claimed = await feeds.claim_due(connection, [ONE, TWO], NOW, LEASE)
        assert sorted(feed.url for feed in claimed) == [ONE, TWO]
        assert await feeds.claim_due(connection, [ONE, TWO], NOW, LEASE) == []
        assert await feeds.next_due(connection, [ONE, TWO]) == NOW + LEASE
        assert len(await feeds.claim_due(connection, [ONE], NOW + LEASE, LEASE)) == 1


async def test_a_start_makes_feeds_due_and_keeps_what_is_known(database: Database) -> None:
    async with database.write() as connection:
        await feeds.register(connection, [ONE], NOW)
        (feed,) = await feeds.claim_due(connection, [ONE], NOW, LEASE)
        learnt = replace(feed, title="The Paper", etag='"1"', last_modified="yesterday", body_hash="x", filled_at=NOW)
        await feeds.record_success(connection, learnt, NOW, NOW + LEASE)
        await feeds.register(connection, [ONE, TWO], NOW)
        again = await feeds.claim_due(connection, [ONE], NOW, LEASE)
    assert again == [learnt]


async def test_failures_are_counted_until_a_success(database: Database) -> None:
    async with database.write() as connection:
        await feeds.register(connection, [ONE], NOW)
        (feed,) = await feeds.claim_due(connection, [ONE], NOW, LEASE)
        told = [await feeds.record_failure(connection, feed, why, NOW, NOW) for why in ("it broke", "it broke", "no")]
        assert told == [True, False, True]
        (failing,) = await feeds.claim_due(connection, [ONE], NOW, LEASE)
        assert failing.failures == 3
        await feeds.record_success(connection, failing, NOW, NOW)
        (well,) = await feeds.claim_due(connection, [ONE], NOW, LEASE)
        assert well.failures == 0


async def test_the_sites_title_is_that_of_its_first_feed(database: Database) -> None:
    async with database.write() as connection:
        await feeds.register(connection, [TWO, ONE], NOW)
        assert await feeds.site_title(connection, [ONE, TWO]) is None
        for feed in await feeds.claim_due(connection, [ONE, TWO], NOW, LEASE):
            await feeds.record_success(connection, replace(feed, title=f"Title of {feed.url}"), NOW, NOW)
        assert await feeds.site_title(connection, [ONE, TWO]) == f"Title of {ONE}"


@pytest.mark.parametrize("after", [timedelta(0), timedelta(seconds=1), -timedelta(seconds=1)])
async def test_a_feed_that_is_asked_for_while_it_is_polled_stays_due_whatever_comes_of_the_poll(
    database: Database, after: timedelta
) -> None:
    async with database.write() as connection:
        await feeds.register(connection, [ONE, TWO], NOW)
        asked, other = await feeds.claim_due(connection, [ONE, TWO], NOW, LEASE)
        later = NOW + timedelta(seconds=1)
        await feeds.look_now(connection, [asked.url], later - after)
        assert [feed.id for feed in await feeds.claim_due(connection, [ONE, TWO], later, LEASE, but=[asked.id])] == []
        assert await feeds.next_due(connection, [ONE, TWO], but=[asked.id]) == NOW + LEASE
        for record in (
            feeds.renew(connection, [asked.id], later, LEASE),
            feeds.record_unchanged(connection, {asked.id: later + LEASE}, later),
            feeds.record_success(connection, asked, later, later + LEASE),
            feeds.record_failure(connection, asked, "it broke", later, later + LEASE),
        ):
            await record
            assert await feeds.next_due(connection, [asked.url]) == later - after
        await feeds.renew(connection, [other.id], later, LEASE)
        assert await feeds.next_due(connection, [other.url]) == later + LEASE
        await feeds.record_unchanged(connection, {other.id: later + LEASE * 2}, later)
        assert await feeds.next_due(connection, [other.url]) == later + LEASE * 2
