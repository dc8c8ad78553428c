"""Entries: from one entry of a feed, as feedparser found it, to an article.

Whether it is premium is decided first. A premium entry's content is read into the article's body and nothing else.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot import text
from bot.feeds import byline, reading_on
from bot.feeds.addresses import absolute
from bot.feeds.plain import cut, has_tags, lines, one_line
from bot.feeds.premium import PremiumRules, decide
from bot.feeds.teaser import first_sentences, teaser
from bot.model import Article, Body

MAX_HEADLINE = 250
MAX_HEADLINE_FROM_TEASER = 100
"""Where an entry has no title, as short notes have none, its first words stand for it."""
MAX_TAGS = 50
MAX_TAG = 100
"""Characters; what is longer is no topic."""
MAX_GUID = 2000

_MAIL = re.compile(r"[(<]?[^\s()<>]+@[^\s()<>]+[)>]?")
_PROSE = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)

Found = Mapping[str, Any]
"""Something that feedparser found: untyped, any of it missing."""


class EntryReader:
    """Reads the entries of one feed, which has this title and whose relative addresses are seen from ``base``."""

    def __init__(self, title: str, base: str, rules: PremiumRules) -> None:
        self._title = title
        self._base = base
        self._rules = rules
        self._no_topics = set(map(text.key, rules.categories))

    def article(self, entry: Found) -> Article | None:
        """The article, still without keys; None where it has no link, or neither headline nor summary.

        Its content alone is not told of: no words of it may stand for a headline before its page has said that it is
        free, and alerts that say nothing help nobody.
        """
        link, title = self._link(entry), field(entry, "title")
        if link is None:
            return None
        categories = _categories(entry)
        terms = [said(tag, "term") for tag in parts(entry, "tags")]  # which a label may hide
        premium = decide(self._rules, categories=[*categories, *terms], links=[link]).premium
        author = _author(entry)
        summary, links = reading_on.split(_summary(entry), link)
        written_by, summary = byline.take_out(summary, author)
        shown = teaser(summary, title, self._title)
        headline = cut(title or shown, MAX_HEADLINE if title else MAX_HEADLINE_FROM_TEASER)
        if not headline:
            return None
        shown = shown if shown != headline else ""
        content, more_links = reading_on.split(_content(entry), link)
        _, prose = byline.take_out(content, author)
        opening = ""
        if not premium:
            links += more_links
            opening = "" if shown else self._opening(prose, headline)
        return Article(
            keys=(),
            link=link,
            headline=headline,
            teaser=shown or opening,
            tags=self._tags(categories),
            premium=premium,
            byline=written_by or author or None,
            published_at=_moment(entry, "published_parsed") or _moment(entry, "updated_parsed"),
            image=self._image(entry),
            also_read=reading_on.the_first(links, besides=link),
            guid=_guid(entry),
            teaser_from_content=bool(opening),
            body=Body("\n".join(prose)),
        )

    def _opening(self, prose: list[str], headline: str) -> str:
        opening = first_sentences(prose, headline, self._title)
        return opening if opening != headline else ""

    def _link(self, entry: Found) -> str | None:
        link, guid = said(entry, "link"), said(entry, "id")
        # where there is no link, feedparser takes the guid for one, and a number is no address
        return (absolute(link, self._base) if link != guid else None) or absolute(guid)

    def _tags(self, categories: list[str]) -> tuple[str, ...]:
        spellings = {text.key(name): name for name in reversed(categories)}
        return tuple(name for key, name in reversed(spellings.items()) if key and key not in self._no_topics)[:MAX_TAGS]

    def _image(self, entry: Found) -> str | None:
        found = (absolute(address, self._base) for address in _pictures(entry))
        return next((address for address in found if address), None)


def said(found: Found, name: str) -> str:
    """What stands there as text, or nothing: an element can put anything into the place of what is expected."""
    value = found.get(name)
    return value if isinstance(value, str) else ""


def field(found: Found, name: str) -> str:
    """A field of a feed or an entry that may be HTML, or claim to be, as one line."""
    value, detail = said(found, name), found.get(f"{name}_detail")
    is_plain = isinstance(detail, Mapping) and detail.get("type") == "text/plain"
    return one_line(value) if is_plain and not has_tags(value) else " ".join(lines(value))


def parts(found: Found, name: str) -> list[Found]:
    """The parts of a field that has several, or none."""
    several = found.get(name)
    return [part for part in several if isinstance(part, Mapping)] if isinstance(several, list) else []


def name_of(entry: Found) -> str:
    """The entry as the log may name it."""
    name = field(entry, "title") or one_line(said(entry, "link") or said(entry, "id")) or "an entry without a title"
    return f"“{cut(name, MAX_HEADLINE_FROM_TEASER)}”"


def _summary(entry: Found) -> str:
    # feedparser puts the content where there is no summary, but never with a detail
    return said(entry, "summary") if isinstance(entry.get("summary_detail"), Mapping) else ""


def _content(entry: Found) -> str:
    """The first of its contents that is prose, as HTML."""
    contents = ((said(part, "value"), said(part, "type")) for part in parts(entry, "content"))
    return next((value for value, kind in contents if value.strip() and kind in _PROSE), "")


def _categories(entry: Found) -> list[str]:
    """What the entry is filed under, as people write it: machines' names, which are addresses, are none."""
    names = (one_line(" ".join(lines(said(tag, "label") or said(tag, "term")))) for tag in parts(entry, "tags"))
    return [name for name in names if len(name) <= MAX_TAG and "://" not in name]


def _author(entry: Found) -> str:
    """Who wrote it, as the feed's own field says: people's names, without their addresses."""
    named = [name for author in parts(entry, "authors") if (name := said(author, "name"))]
    written = ", ".join(named) if len(named) > 1 else said(entry, "author")
    line = " ".join(lines(written))[: byline.MAX_READ]
    return byline.names(_MAIL.sub("", line).strip(" (),"))


def _guid(entry: Found) -> str | None:
    guid = one_line(said(entry, "id"))
    return guid if 0 < len(guid) <= MAX_GUID else None


def _moment(entry: Found, name: str) -> datetime | None:
    if name not in entry:  # feedparser would answer with another date, and warn
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(entry[name]), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _pictures(entry: Found) -> Iterator[str]:
    """Addresses of its pictures: the widest of its media, then their thumbnails, then what comes along."""
    media = [found for found in parts(entry, "media_content") if _is_picture(found, said(found, "url"))]
    for found in (*sorted(media, key=_width, reverse=True), *parts(entry, "media_thumbnail")):
        yield said(found, "url")
    for found in parts(entry, "links"):
        if found.get("rel") == "enclosure" and _is_picture(found, said(found, "href")):
            yield said(found, "href")


def _is_picture(found: Found, address: str) -> bool:
    kind = said(found, "medium") or said(found, "type")
    if kind:
        return kind.lower().startswith("image")
    try:
        return _PICTURE.search(urlsplit(address).path) is not None
    except ValueError:
        return False


def _width(found: Found) -> int:
    width = said(found, "width")
    return int(width) if re.fullmatch(r"[0-9]{1,6}", width) else 0
