"""Parsing: from a feed's bytes to articles. Of an entry's content nothing is read: what is not read cannot leak."""

import calendar
import re
import signal
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import anyio
import anyio.to_process
import feedparser

from bot import text
from bot.errors import NotAFeed
from bot.feeds.identity import identify, keys
from bot.feeds.plain import cut, has_tags, lines, one_line
from bot.feeds.teaser import teaser
from bot.model import Article, FeedContents

PARSE_SECONDS = 20.0
MAX_ENTRIES = 1000
"""The newest that are read of one feed; WordPress has 10."""
MAX_HEADLINE = 250
MAX_HEADLINE_FROM_TEASER = 100
"""Where an entry has no title, as short notes have none, its first words stand for it."""
MAX_BYLINE = 100
MAX_TAGS = 50
MAX_TAG = 100
"""Characters; what is longer is no topic."""
MAX_LINK = 2000
"""Characters; Telegram's buttons take no more."""

_CLOSED = re.compile(rb"</\s*(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_CAPTION = re.compile(rb"(</?)media:description\b")
"""A picture's caption, which feedparser would take for the entry's summary."""
_MAIL = re.compile(r"[(<]?[^\s()<>]+@[^\s()<>]+[)>]?")
_BY = re.compile(r"^by\s+", re.IGNORECASE)

Found = Mapping[str, Any]
"""Something that feedparser found: untyped, any of it missing."""


async def read_feed_apart(
    body: bytes, *, url: str, content_type: str | None, premium_categories: tuple[str, ...]
) -> FeedContents:
    """The same as ``read_feed`` in a process of its own: the event loop goes on, and no bytes can hold it up."""
    try:
        with anyio.fail_after(PARSE_SECONDS):
            return await anyio.to_process.run_sync(
                _read_undisturbed, body, url, content_type, premium_categories, cancellable=True
            )
    except TimeoutError:
        raise NotAFeed(f"{url} could not be read within {PARSE_SECONDS:.0f} seconds") from None
    except anyio.BrokenWorkerProcess:
        raise NotAFeed(f"{url} broke the process that read it") from None


def read_feed(body: bytes, *, url: str, content_type: str | None, premium_categories: tuple[str, ...]) -> FeedContents:
    """What the feed says. Raises NotAFeed where no parser takes the bytes for one."""
    headers = {"content-location": url, **({"content-type": content_type} if content_type else {})}
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
        raise NotAFeed(f"{url} is no feed: {_what_else(body)}; correct FEED_URLS")
    reader = _Reader(found.feed, url, premium_categories)
    return reader.contents(found.entries, is_whole=_is_whole(body))


class _Reader:
    """Reads one feed's entries."""

    def __init__(self, feed: Found, url: str, premium_categories: tuple[str, ...]) -> None:
        self._url = url
        self._title = cut(_text(feed, "title"), MAX_HEADLINE)
        self._site = one_line(feed.get("link") or "")
        self._premium = {text.key(category) for category in premium_categories}

    def contents(self, entries: list[Found], *, is_whole: bool) -> FeedContents:
        """Everything; of a feed that breaks off, the entry in which it does is left for when it is whole."""
        skipped = []
        if not is_whole and entries:
            skipped.append(f"{_name(entries.pop())}: the feed breaks off here; it is read when the feed is whole")
        if len(entries) > MAX_ENTRIES:
            skipped.append(f"{_name(entries[MAX_ENTRIES])} and all after it: no more than {MAX_ENTRIES} are read")
        articles = []
        for entry in entries[:MAX_ENTRIES]:
            article = self._article(entry)
            if article is None:
                skipped.append(f"{_name(entry)}: it has no link, or neither headline nor summary")
            else:
                articles.append((one_line(entry.get("id") or ""), article))
        identities = [identify(guid, article.link, article.headline, feed=self._url) for guid, article in articles]
        known_by = keys(identities, nowhere=(self._url, self._site))
        return FeedContents(
            title=self._title or None,
            site=self._site or None,
            articles=tuple(replace(article, keys=its) for (_, article), its in zip(articles, known_by, strict=True)),
            skipped=tuple(skipped),
        )

    def _article(self, entry: Found) -> Article | None:
        title, link = _text(entry, "title"), _link(entry)
        # feedparser puts the content where there is no summary, but never with a detail
        summary = entry.get("summary") if "summary_detail" in entry else None
        shown = teaser(summary or "", title, self._title)
        headline = cut(title or shown, MAX_HEADLINE if title else MAX_HEADLINE_FROM_TEASER)
        if not link or not headline:
            return None
        categories = {text.key(name): name for name in reversed(_categories(entry))}
        return Article(
            keys=(),
            link=link,
            headline=headline,
            teaser=shown if shown != headline else "",
            tags=tuple(name for key, name in reversed(categories.items()) if key and key not in self._premium)[
                :MAX_TAGS
            ],
            premium=not self._premium.isdisjoint(categories),
            byline=_byline(entry),
            published_at=_moment(entry, "published_parsed") or _moment(entry, "updated_parsed"),
        )


def _read_undisturbed(
    body: bytes, url: str, content_type: str | None, premium_categories: tuple[str, ...]
) -> FeedContents:
    # a terminal's Ctrl-C comes to every process of ours; only the first is to act on it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return read_feed(body, url=url, content_type=content_type, premium_categories=premium_categories)


def _text(found: Found, name: str) -> str:
    """A field that may be HTML, or claim to be, as one line."""
    value = found.get(name) or ""
    kind = (found.get(f"{name}_detail") or {}).get("type")
    return one_line(value) if kind == "text/plain" and not has_tags(value) else " ".join(lines(value))


def _link(entry: Found) -> str | None:
    candidates = (entry.get("link"), entry.get("id"))
    web = (one_line(url) for url in candidates if url and url.strip().lower().startswith(("http://", "https://")))
    return next((url for url in web if len(url) <= MAX_LINK and " " not in url), None)


def _categories(entry: Found) -> list[str]:
    """What the entry is filed under, as people write it: machines' names, which are addresses, are none."""
    names = (one_line(" ".join(lines(tag.get("label") or tag.get("term") or ""))) for tag in entry.get("tags") or ())
    return [name for name in names if len(name) <= MAX_TAG and "://" not in name]


def _byline(entry: Found) -> str | None:
    """Who wrote it: people's names, without their addresses."""
    named = [author["name"] for author in entry.get("authors") or () if author.get("name")]
    written = ", ".join(named) if len(named) > 1 else entry.get("author") or ""
    name = _BY.sub("", " ".join(lines(_MAIL.sub("", written))).strip(" (),"))
    return cut(name, MAX_BYLINE) or None


def _moment(entry: Found, name: str) -> datetime | None:
    if name not in entry:  # feedparser would answer with another date, and warn
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(entry[name]), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _name(entry: Found) -> str:
    """The entry as the log may name it."""
    said = _text(entry, "title") or one_line(entry.get("link") or entry.get("id") or "") or "an entry without a title"
    return f"“{cut(said, MAX_HEADLINE_FROM_TEASER)}”"


def _is_whole(body: bytes) -> bool:
    tail = body[-4096:]
    return b"\0" in tail or _CLOSED.search(tail) is not None  # of other encodings nothing can be said


def _what_else(body: bytes) -> str:
    start = body[:1000].lstrip().lower()
    if not body.strip():
        return "it is empty"
    return "it is a web page" if start.startswith((b"<!doctype html", b"<html")) else "it is neither RSS nor Atom"
