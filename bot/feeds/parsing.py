"""Parsing: from a feed's bytes to articles, in a process of its own."""

import codecs
import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from bot.errors import NotAFeed
from bot.feeds.addresses import absolute
from bot.feeds.apart import Bounds, OutOfBounds, apart
from bot.feeds.entries import MAX_HEADLINE, EntryReader, Found, field, name_of, parts, said
from bot.feeds.identity import identify, keys
from bot.feeds.mending import mended, reduced, shortened
from bot.feeds.plain import cut
from bot.feeds.premium import PremiumRules
from bot.model import FeedContents

BOUNDS = Bounds(seconds=4, memory=190 * 1024 * 1024)
"""For one feed. Real ones of 400 kB were measured to take 0.2 s and 40 MB; blown up to 10 MB, 3 s and 125 MB. Two that
take all of it stay below 500 MB, the bot itself included."""
MAX_ENTRIES = 500
"""The newest that are read of one feed; WordPress has 10."""

_REHEARSAL = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>T</title><atom:link rel="self" href="http://feed.invalid/"/>
<item><title>A &amp; B</title><link>http://feed.invalid/a/?utm_source=x</link><guid isPermaLink="false">1</guid>
<pubDate>Sun, 01 Mar 2026 12:00:00 +0000</pubDate><category>C</category>
<description>&lt;p&gt;By D&amp;#8217;E / F&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>G</p>]]></content:encoded></item>
</channel></rss>"""
"""A feed with something of all that usual ones have."""
_CLOSED = re.compile(rb"</\s*(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|(?><!--.*?-->)|<!(?!--)[^>\[]*>)*+<([\w:.-]+)", re.DOTALL)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}


async def read_feed_apart(body: bytes, *, url: str, content_type: str | None, rules: PremiumRules) -> FeedContents:
    """The same as ``read_feed`` in a process of its own: the event loop goes on, and no bytes can hold it up."""
    try:
        return await apart(_read, body, url, content_type, rules, bounds=BOUNDS)
    except OutOfBounds as error:
        raise NotAFeed(f"{url} {error}") from None


def rehearse() -> None:
    """Read a feed of our own, with which everything that usual ones take is loaded and compiled."""
    read_feed(_REHEARSAL, url="http://feed.invalid/", content_type=None, rules=PremiumRules())


def read_feed(body: bytes, *, url: str, content_type: str | None, rules: PremiumRules) -> FeedContents:
    """What the feed says. Raises NotAFeed where no parser takes the bytes for one."""
    if _is_page(body) and not _CLOSED.search(body):  # large ones take long to be found to be no feed
        raise NotAFeed(_no_feed(url, body))
    found = _found(body, url, content_type)
    if not found.entries and not found.get("version"):
        raise NotAFeed(_no_feed(url, body))
    reader = _Reader(found.feed, url, rules)
    return reader.contents(found.entries, is_whole=_is_whole(body))


def _found(body: bytes, url: str, content_type: str | None) -> Any:
    """What feedparser finds; where an element that nobody needs breaks it, what it finds without such elements."""
    import feedparser  # here, since only the process that parses needs it

    body = mended(shortened(body, MAX_ENTRIES + 1))
    for prepared in (bytes, reduced):
        with suppress(Exception):
            return feedparser.parse(
                BytesIO(prepared(body)),
                # without a type feedparser takes what declares no encoding for Latin-1; XML says that it is UTF-8
                response_headers={"content-type": content_type or "application/xml"},
                sanitize_html=False,  # every text becomes plain text anyway
                resolve_relative_uris=False,
            )
    raise NotAFeed(f"{url} breaks the parser")


class _Reader:
    """Reads one feed."""

    def __init__(self, feed: Found, url: str, rules: PremiumRules) -> None:
        self._feed = feed
        self._url = url
        self._title = cut(field(feed, "title"), MAX_HEADLINE)
        self._site = absolute(said(feed, "link"), url) or ""
        self._entries = EntryReader(self._title, absolute(url) or self._site, rules)

    def contents(self, entries: list[Found], *, is_whole: bool) -> FeedContents:
        """Everything; of a feed that breaks off, the entry in which it does is left for when it is whole."""
        skipped = []
        if not is_whole and entries:
            skipped.append(f"{name_of(entries.pop())}: the feed breaks off here; it is read when the feed is whole")
        if len(entries) > MAX_ENTRIES:
            skipped.append(f"{name_of(entries[MAX_ENTRIES])} and all after it: no more than {MAX_ENTRIES} are read")
        articles = []
        for entry in entries[:MAX_ENTRIES]:
            article = self._entries.article(entry)
            if article is None:
                skipped.append(f"{name_of(entry)}: it has no link, or neither headline nor summary")
            else:
                articles.append(article)
        identities = [identify(one.guid or "", one.link, one.headline, feed=self._url) for one in articles]
        known_by = keys(identities, nowhere=(self._url, self._site))
        return FeedContents(
            title=self._title or None,
            site=self._site or None,
            articles=tuple(replace(article, keys=its) for article, its in zip(articles, known_by, strict=True)),
            skipped=tuple(skipped),
            every=every(self._feed),
            hub=self._related("hub"),
            self_url=self._related("self"),
            is_whole=is_whole,
        )

    def _related(self, relation: str) -> str | None:
        """The feed's first address of this relation, https://www.w3.org/TR/websub/#discovery."""
        named = (said(link, "href") for link in parts(self._feed, "links") if link.get("rel") == relation)
        found = (absolute(address, self._url) for address in named if address)
        return next((address for address in found if address), None)


def every(feed: Found) -> timedelta | None:
    """How often the feed says that it changes, no more than once a minute.

    See https://web.resource.org/rss/1.0/modules/syndication/ and, for ttl, https://www.rssboard.org/rss-specification.
    """
    period = _PERIODS.get(said(feed, "sy_updateperiod").strip().lower())
    if period:
        return max(period / (_number(said(feed, "sy_updatefrequency")) or 1), timedelta(minutes=1))
    ttl = _number(said(feed, "ttl"))
    return timedelta(minutes=ttl) if ttl else None


def _number(value: str) -> int | None:
    return int(value) if re.fullmatch(r"\s*[0-9]{1,6}\s*", value) else None


def _read(body: bytes, url: str, content_type: str | None, rules: PremiumRules) -> FeedContents:
    return read_feed(body, url=url, content_type=content_type, rules=rules)


def _is_whole(body: bytes) -> bool:
    """Whether its end is the end of a feed; where nothing can be said, as of encodings with two bytes, it is."""
    tail = body[-4096:]
    if b"\0" in tail or _CLOSED.search(tail):
        return True
    root = _ROOT.match(body[:4096])
    return root is not None and re.search(rb"</\s*" + re.escape(root[1]) + rb"\s*>", tail) is not None


def _is_page(body: bytes) -> bool:
    start = body[:1000].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _no_feed(url: str, body: bytes) -> str:
    other = "JSON, not RSS or Atom" if body.lstrip().startswith(b"{") else "neither RSS nor Atom"
    page = "a web page" if _is_page(body) else other
    return f"{url} is no feed: it is {page if body.strip() else 'empty'}; give the address of an RSS or Atom feed"
