"""What an article's page says of the article: to machines, in its meta tags and its JSON-LD; never its text."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from bot import text
from bot.feeds import byline
from bot.feeds.addresses import absolute
from bot.feeds.apart import Bounds, apart
from bot.feeds.json_ld import read_json_ld
from bot.feeds.plain import cut, lines, one_line

BOUNDS = Bounds(seconds=2, memory=190 * 1024 * 1024)
"""For one page; real ones take some milliseconds."""
MAX_PARSED = 512 * 1024
"""Bytes of a page that are parsed as HTML: its head and mostly its JSON-LD stand there; of the rest only JSON-LD."""
MAX_SCRIPTS = 50
MAX_LATE_SCRIPT = 200_000
"""Bytes of one that stands further down."""
MAX_METAS = 500
MAX_META = 100
"""Characters of a meta tag by which a page may be known as premium."""
MAX_TAGS = 50
MAX_TAG = 100
"""Characters; what is longer is no topic."""
MAX_WRITTEN = 1000
"""The same before it is cleaned."""
MAX_STANDFIRST = 1000
"""Characters, of which a teaser takes the first."""

_REHEARSAL = b"""<!doctype html>
<meta property="article:tag" content="A &amp;amp; B"><meta name="author" content="By C">
<script type="application/ld+json">
{"@type": "NewsArticle", "isAccessibleForFree": false, "keywords": "D, E"}</script>"""
"""A page with something of all that usual ones have."""
_CHARSET = re.compile(rb"<meta[^>]{0,200}?\bcharset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
_CHARSET_OF_TYPE = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_LOOKED_FOR_CHARSET = 4096
_TEXT_CODECS = re.compile(
    r"ascii|utf-8|utf-16\w*|iso8859-\d+|cp\d+|koi8-\w|gb\w+|big5\w*|euc_\w+|shift_jis\w*|mac-cyrillic"
)
"""Those of Python's codecs that browsers know too; some of the others take long, or stand for no text."""
_LATE_SCRIPT = re.compile(rb"<script\b[^<>]{0,200}\bapplication/ld\+json\b[^<>]{0,200}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says; everything is plain text and bounded, and None or empty where the page does not say."""

    url: str
    """The address that answered, after redirects."""
    tags: tuple[str, ...] = ()
    free: bool | None = None
    """What its JSON-LD says of ``isAccessibleForFree``."""
    byline: str | None = None
    image: str | None = None
    standfirst: str | None = None
    metas: tuple[tuple[str, str], ...] = ()
    """Its short meta tags, name and content, by which it may be known as premium."""

    def meta(self, name: str) -> tuple[str, ...]:
        """The contents of its meta tags of this name, in any case."""
        return tuple(content for its_name, content in self.metas if its_name == name.lower())


async def read_page_apart(body: bytes, *, url: str, content_type: str | None) -> PageFacts:
    """The same as ``read_page`` in a process of its own: nested deeply enough, half a megabyte takes half a minute.

    Raises OutOfBounds.
    """
    return await apart(_read, body, url, content_type, bounds=BOUNDS)


def rehearse() -> None:
    """Read a page of our own, with which everything that usual ones take is loaded and compiled."""
    read_page(_REHEARSAL, url="http://page.invalid/", content_type=None)


def read_page(body: bytes, *, url: str, content_type: str | None) -> PageFacts:
    """What the page at this address says. Whatever the bytes are, there is an answer; it may say nothing."""
    tree = LexborHTMLParser(_decoded(body[:MAX_PARSED], content_type))
    metas = list(_metas(tree))
    said = read_json_ld((*_scripts(tree), *_late_scripts(body)), url)

    def first(*names: str) -> str | None:
        return next((content for name in names for its_name, content in metas if its_name == name), None)

    tagged = (content for name, content in metas if name == "article:tag")
    described = first("og:description") or said.description or ""
    return PageFacts(
        url=url,
        tags=_tags((*tagged, *said.keywords)),
        free=said.free,
        byline=_byline(said.authors) or _byline([first("author") or ""]),
        image=absolute(image, url) if (image := first("og:image", "og:image:url")) else None,
        standfirst=cut(_plain(described), MAX_STANDFIRST) or None,
        metas=tuple((name, content) for name, content in metas if len(name) <= MAX_META and len(content) <= MAX_META),
    )


def _read(body: bytes, url: str, content_type: str | None) -> PageFacts:
    return read_page(body, url=url, content_type=content_type)


def _decoded(body: bytes, content_type: str | None) -> str:
    """The page's text, in the encoding that it or its server names, else in UTF-8.

    https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    by_server = _CHARSET_OF_TYPE.search(content_type or "")
    by_page = _CHARSET.search(body[:_LOOKED_FOR_CHARSET])
    label = by_server[1] if by_server else by_page[1].decode() if by_page else "utf-8"
    try:
        codec = codecs.lookup(label).name
    except (LookupError, ValueError):
        codec = "utf-8"
    if codec in {"ascii", "iso8859-1"}:
        codec = "cp1252"  # as browsers have it
    return body.decode(codec if _TEXT_CODECS.fullmatch(codec) else "utf-8", "replace").lstrip("\ufeff")


def _metas(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in tree.css("meta[content]")[:MAX_METAS]:
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = one_line(attributes.get("content") or "")
        if name and content:
            yield one_line(name).lower(), content


def _scripts(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("script[type]")[:MAX_SCRIPTS]:
        kind = (node.attributes.get("type") or "").partition(";")[0].strip().lower()
        if kind == "application/ld+json":
            yield node.text()


def _late_scripts(body: bytes) -> Iterator[str]:
    for start in list(_LATE_SCRIPT.finditer(body, MAX_PARSED))[:MAX_SCRIPTS]:
        end = body.find(b"</script", start.end(), start.end() + MAX_LATE_SCRIPT)
        if end >= 0:
            yield body[start.end() : end].decode("utf-8", "replace")


def _tags(names: Iterable[str]) -> tuple[str, ...]:
    """The names as people write them, one for each topic."""
    tags: dict[str, str] = {}
    for written in names:
        name = _plain(written) if len(written) <= MAX_WRITTEN else ""
        if len(name) <= MAX_TAG and "://" not in name and (key := text.key(name)):
            tags.setdefault(key, name)
    return tuple(tags.values())[:MAX_TAGS]


def _byline(authors: Iterable[str]) -> str | None:
    """The names of people; addresses of pages or mailboxes, as some have for an author, are none."""
    names = (byline.names(_plain(author)) for author in authors if "://" not in author and "@" not in author)
    return cut(", ".join(dict.fromkeys(filter(None, names))), byline.MAX_BYLINE) or None


def _plain(markup: str) -> str:
    """Text that may hold HTML, as one line: systems that escape twice leave entities behind."""
    return " ".join(lines(markup))
