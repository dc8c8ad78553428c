from dataclasses import replace
from datetime import timedelta

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
        await feeds.record_success(connection, learnt, NOW + LEASE)
        await feeds.register(connection, [ONE, TWO], NOW)
        again = await feeds.claim_due(connection, [ONE], NOW, LEASE)
    assert again == [learnt]


async def test_failures_are_counted_until_a_success(database: Database) -> None:
    async with database.write() as connection:
        await feeds.register(connection, [ONE], NOW)
        (feed,) = await feeds.claim_due(connection, [ONE], NOW, LEASE)
        for _ in range(2):
            await feeds.record_failure(connection, feed, "it broke", NOW, NOW)
        (failing,) = await feeds.claim_due(connection, [ONE], NOW, LEASE)
        assert failing.failures == 2
        await feeds.record_success(connection, failing, NOW)
        (well,) = await feeds.claim_due(connection, [ONE], NOW, LEASE)
        assert well.failures == 0


async def test_the_sites_title_is_that_of_its_first_feed(database: Database) -> None:
    async with database.write() as connection:
        await feeds.register(connection, [TWO, ONE], NOW)
        assert await feeds.site_title(connection, [ONE, TWO]) is None
        for feed in await feeds.claim_due(connection, [ONE, TWO], NOW, LEASE):
            await feeds.record_success(connection, replace(feed, title=f"Title of {feed.url}"), NOW)
        assert await feeds.site_title(connection, [ONE, TWO]) == f"Title of {ONE}"
