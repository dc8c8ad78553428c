"""Parsing in a process of its own, which may hang, swell or die."""

from pathlib import Path

import anyio
import pytest

from bot.errors import NotAFeed
from bot.feeds import parsing
from bot.feeds.parsing import read_feed, read_feed_apart
from bot.feeds.premium import PremiumRules

DATA = Path(__file__).parents[1] / "data"
URL = "https://harbour.example/feed/"
RULES = PremiumRules()
ITEM = "<item><title>A headline</title><link>https://harbour.example/a/</link>{}</item>"


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'


async def test_apart_it_reads_the_same() -> None:
    body = (DATA / "wordpress.xml").read_bytes()
    apart = await read_feed_apart(body, url=URL, content_type=None, rules=RULES)
    assert apart == read_feed(body, url=URL, content_type=None, rules=RULES)
    with pytest.raises(NotAFeed, match="web page"):
        await read_feed_apart(b"<html></html>", url=URL, content_type=None, rules=RULES)


async def test_apart_a_feed_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    await read_feed_apart(rss().encode(), url=URL, content_type=None, rules=RULES)
    monkeypatch.setattr(parsing, "PARSE_SECONDS", 0.05)
    slow = rss(*(ITEM.format(f"<description>{'&lt;p&gt;' * 3000}</description>") for _ in range(2000))).encode()
    with pytest.raises(NotAFeed, match="could not be read within"):
        await read_feed_apart(slow, url=URL, content_type=None, rules=RULES)
    monkeypatch.undo()
    contents = await read_feed_apart(rss().encode(), url=URL, content_type=None, rules=RULES)
    assert contents.title == "T"


async def test_apart_a_feed_that_takes_much_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_MEMORY", 150 * 1024 * 1024)
    nested = f"<rss><channel><item>{'<a>' * 1_000_000}{'</a>' * 1_000_000}</item></channel></rss>".encode()
    with pytest.raises(NotAFeed, match=r"memory|breaks|broke"):
        await read_feed_apart(nested, url=URL, content_type=None, rules=RULES)
    contents = await read_feed_apart(rss().encode(), url=URL, content_type=None, rules=RULES)
    assert contents.title == "T"


async def test_apart_a_process_that_dies_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(*_: object, **__: object) -> None:
        raise anyio.BrokenWorkerProcess

    with monkeypatch.context() as patched:
        patched.setattr("anyio.to_process.run_sync", dies)
        with pytest.raises(NotAFeed, match="broke the process"):
            await read_feed_apart(b"", url=URL, content_type=None, rules=RULES)
    contents = await read_feed_apart(rss().encode(), url=URL, content_type=None, rules=RULES)
    assert contents.title == "T"
