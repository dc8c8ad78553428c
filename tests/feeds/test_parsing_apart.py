"""Parsing in a process of its own, which may hang, swell or die."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bot.errors import NotAFeed
from bot.feeds import clean_room, parsing
from bot.feeds.apart import Bounds, OutOfBounds, apart
from bot.feeds.parsing import read_feed, read_feed_apart
from bot.feeds.premium import PremiumRules

DATA = Path(__file__).parents[1] / "data"
URL = "https://harbour.example/feed/"
RULES = PremiumRules()
SHORT = Bounds(seconds=0.1, memory=parsing.BOUNDS.memory)
ITEM = "<item><title>A headline</title><link>https://harbour.example/a/</link>{}</item>"


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'


async def test_apart_it_reads_the_same() -> None:
    body = (DATA / "wordpress.xml").read_bytes()
    apart = await read_feed_apart(body, url=URL, content_type=None, rules=RULES)
    assert apart == read_feed(body, url=URL, content_type=None, rules=RULES)
    with pytest.raises(NotAFeed, match="web page"):
        await read_feed_apart(b"<html></html>", url=URL, content_type=None, rules=RULES)


async def test_a_feed_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "BOUNDS", SHORT)
    slow = rss(*(ITEM.format(f"<description>{'&lt;p&gt;' * 3000}</description>") for _ in range(400))).encode()
    with pytest.raises(NotAFeed, match=r"could not be read within 0\.1 seconds"):
        await read_feed_apart(slow, url=URL, content_type=None, rules=RULES)
    await still_reads()


async def test_a_feed_that_takes_much_memory_is_given_up_and_leaves_none_of_it_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nested = f"<rss><channel><item>{'<a>' * 200_000}{'</a>' * 200_000}</item></channel></rss>".encode()
    with monkeypatch.context() as narrow:
        narrow.setattr(parsing, "BOUNDS", Bounds(seconds=20, memory=40 * 1024 * 1024))
        with pytest.raises(NotAFeed, match=r"memory|breaks|broke"):
            await read_feed_apart(nested, url=URL, content_type=None, rules=RULES)
    await still_reads()
    assert await apart(memory, bounds=parsing.BOUNDS) < 130 * 1024 * 1024


async def test_a_process_that_dies_is_replaced() -> None:
    for name in ("SIGKILL", "SIGSEGV"):
        with pytest.raises(OutOfBounds, match="broke the process"):
            await apart(end_by, name, bounds=parsing.BOUNDS)
    await still_reads()


async def test_what_the_work_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await apart(int, "no number", bounds=parsing.BOUNDS)


async def test_what_is_too_much_to_be_handed_over_is_out_of_bounds() -> None:
    with pytest.raises(OutOfBounds, match="needs more than 190 MB of memory"):
        await apart(much, bounds=parsing.BOUNDS)


async def test_one_process_does_one_piece_after_another() -> None:
    assert await process() == await process()


async def test_pieces_that_wait_for_one_that_breaks_its_process_are_done_by_the_next() -> None:
    breaking = apart(end_by, "SIGKILL", bounds=parsing.BOUNDS)
    waiting = [apart(int, str(number), bounds=parsing.BOUNDS) for number in range(3)]
    broken, *done = await asyncio.gather(breaking, *waiting, return_exceptions=True)
    assert isinstance(broken, OutOfBounds)
    assert done == [0, 1, 2]


async def test_a_process_that_has_grown_is_replaced() -> None:
    before = await process()
    assert await apart(grow, bounds=parsing.BOUNDS) == before
    assert await process() != before


async def test_a_process_that_ended_while_it_waited_is_replaced() -> None:
    before = await process()
    os.kill(before, signal.SIGKILL)
    with suppress(ChildProcessError):  # it may have been found ended already
        os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - at once, and it stays to be waited for
    assert await process() != before


async def test_work_of_which_nobody_waits_for_the_result_is_not_begun(tmp_path: Path) -> None:
    first = asyncio.create_task(apart(signal.pause, bounds=SHORT), name="first")
    second = asyncio.create_task(apart(Path.touch, tmp_path / "done", bounds=parsing.BOUNDS), name="second")
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([first, second])
    await still_reads()
    assert not (tmp_path / "done").exists()


async def test_what_does_nothing_for_long_is_given_up_by_the_clock() -> None:
    with pytest.raises(OutOfBounds, match=r"could not be read within 0\.1 seconds"):
        await apart(signal.pause, bounds=SHORT)
    await still_reads()


async def test_where_no_process_starts_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(OutOfBounds):
        await apart(end_by, "SIGKILL", bounds=parsing.BOUNDS)
    with pytest.raises(NotAFeed, match="no process starts"):
        await still_reads()
    monkeypatch.undo()
    await still_reads()


async def process() -> int:
    return await apart(os.getpid, bounds=parsing.BOUNDS)


def grow() -> int:
    globals()["grown"] = bytearray(clean_room.GROWN)
    return os.getpid()


async def still_reads() -> None:
    contents = await read_feed_apart(rss().encode(), url=URL, content_type=None, rules=RULES)
    assert contents.title == "T"


def much() -> list[str]:
    """Much in memory, and twice that while it is written down."""
    return [f"{number}" * 100 for number in range(300_000)]


def end_by(name: str) -> None:
    os.kill(os.getpid(), signal.Signals[name])


def memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")
