"""Parsing: from a feed's bytes to articles, in a process of its own."""

import re
import signal
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import anyio
import anyio.to_process
import feedparser

from bot.errors import NotAFeed
from bot.feeds.addresses import absolute
from bot.feeds.entries import MAX_HEADLINE, EntryReader, Found, field, name_of
from bot.feeds.identity import identify, keys
from bot.feeds.plain import cut, one_line
from bot.feeds.premium import PremiumRules
from bot.model import FeedContents

PARSE_SECONDS = 20.0
MAX_ENTRIES = 1000
"""The newest that are read of one feed; WordPress has 10."""

_CLOSED = re.compile(rb"</\s*(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|(?><!--.*?-->)|<!(?!--)[^>\[]*>)*+<([\w:.-]+)", re.DOTALL)
_CAPTION = re.compile(rb"(</?)media:description\b")
"""A picture's caption, which feedparser would take for the entry's summary."""
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
        with anyio.fail_after(PARSE_SECONDS):
            return await anyio.to_process.run_sync(_read_undisturbed, body, url, content_type, rules, cancellable=True)
    except TimeoutError:
        raise NotAFeed(f"{url} could not be read within {PARSE_SECONDS:.0f} seconds") from None
    except anyio.BrokenWorkerProcess:
        raise NotAFeed(f"{url} broke the process that read it") from None


def read_feed(body: bytes, *, url: str, content_type: str | None, rules: PremiumRules) -> FeedContents:
    """What the feed says. Raises NotAFeed where no parser takes the bytes for one."""
    # without a type feedparser takes what declares no encoding for Latin-1; XML says that it is UTF-8
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    try:
        found = feedparser.parse(
            BytesIO(_CAPTION.sub(rb"\1media:caption", body)),
            response_headers=headers,
            sanitize_html=False,  # every text becomes plain text anyway
            resolve_relative_uris=False,
        )
    except Exception as error:  # noqa: BLE001 - whatever bytes do to the parser, it is the feed that is broken
        raise NotAFeed(f"{url} breaks the parser: {type(error).__name__}") from None
    if not found.entries and not found.get("version"):
        raise NotAFeed(f"{url} is no feed: {_what_else(body)}; give the address of an RSS or Atom feed")
    reader = _Reader(found.feed, url, rules)
    return reader.contents(found.entries, is_whole=_is_whole(body))


class _Reader:
    """Reads one feed."""

    def __init__(self, feed: Found, url: str, rules: PremiumRules) -> None:
        self._feed = feed
        self._url = url
        self._title = cut(field(feed, "title"), MAX_HEADLINE)
        self._site = one_line(feed.get("link") or "")
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
        )

    def _related(self, relation: str) -> str | None:
        """The feed's first address of this relation, https://www.w3.org/TR/websub/#discovery."""
        named = (link.get("href") for link in self._feed.get("links") or () if link.get("rel") == relation)
        found = (absolute(address, self._url) for address in named if address)
        return next((address for address in found if address), None)


def every(feed: Found) -> timedelta | None:
    """How often the feed says that it changes, no more than once a minute.

    See https://web.resource.org/rss/1.0/modules/syndication/ and, for ttl, https://www.rssboard.org/rss-specification.
    """
    period = _PERIODS.get((feed.get("sy_updateperiod") or "").strip().lower())
    if period:
        return max(period / (_number(feed.get("sy_updatefrequency")) or 1), timedelta(minutes=1))
    ttl = _number(feed.get("ttl"))
    return timedelta(minutes=ttl) if ttl else None


def _number(value: str | None) -> int | None:
    return int(value) if value and re.fullmatch(r"\s*[0-9]{1,6}\s*", value) else None


def _read_undisturbed(body: bytes, url: str, content_type: str | None, rules: PremiumRules) -> FeedContents:
    # a terminal's Ctrl-C comes to every process of ours; only the first is to act on it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return read_feed(body, url=url, content_type=content_type, rules=rules)


def _is_whole(body: bytes) -> bool:
    """Whether its end is the end of a feed; where nothing can be said, as of encodings with two bytes, it is."""
    tail = body[-4096:]
    if b"\0" in tail or _CLOSED.search(tail):
        return True
    root = _ROOT.match(body[:4096])
    return root is not None and re.search(rb"</\s*" + re.escape(root[1]) + rb"\s*>", tail) is not None


def _what_else(body: bytes) -> str:
    start = body[:1000].lstrip().lower()
    if not body.strip():
        return "it is empty"
    return "it is a web page" if start.startswith((b"<!doctype html", b"<html")) else "it is neither RSS nor Atom"
