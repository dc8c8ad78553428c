"""Clocks that jump: no feed waits for the time to come again, and none is polled more than once for it."""

from datetime import timedelta

import pytest

from bot.feeds.polling import CLOCK_SLACK
from bot.sandbox.site import Site
from tests.feeds.newsroom import Open, logged, newsroom

__all__ = ["logged", "newsroom"]


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=400)])
async def test_a_clock_that_is_set_back_makes_no_feed_wait_and_starts_no_storm(newsroom: Open, back: timedelta) -> None:
    async with Site() as site:
        room = await newsroom(f"{site.url}/feed/")
        await room.poll()
        article = site.publish_next()
        assert article is not None
        said, polled = await room.poll(later=-back)
        assert (said["event"], said["level"]) == ("the clock was set back; all feeds are polled now", "warning")
        assert polled["new"] == 1
        for _ in range(3):
            assert await room.poll(later=timedelta(seconds=1)) == []
        assert await room.headlines(news_only=True) == [article.story.headline]


async def test_a_clock_that_is_a_little_fast_is_nothing_to_speak_of(newsroom: Open) -> None:
    async with Site() as site:
        room = await newsroom(f"{site.url}/feed/")
        await room.poll()
        assert await room.poll(later=-CLOCK_SLACK) == []


async def test_a_clock_that_is_set_forward_has_each_feed_polled_once(newsroom: Open) -> None:
    async with Site() as site:
        room = await newsroom(f"{site.url}/feed/", f"{site.url}/feed/?paged=1")
        await room.poll()
        site.publish_next()
        told = await room.poll(later=timedelta(days=1))
        assert sorted(poll["new"] for poll in told) == [0, 1]
        assert await room.poll(later=timedelta(seconds=1)) == []
        assert len(await room.headlines()) == 11
