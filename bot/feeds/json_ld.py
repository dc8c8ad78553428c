"""JSON-LD: what a page says of its article to machines, https://schema.org/NewsArticle. Its text is never kept."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.feeds.identity import canonical

MAX_NODES = 500
"""Objects that are looked at; a page has some ten."""
MAX_NAMES = 100
"""Keywords or authors that are looked at."""

_WANTED = frozenset(
    {
        "@graph",
        "@id",
        "@type",
        "about",
        "author",
        "description",
        "hasPart",
        "isAccessibleForFree",
        "keywords",
        "mainEntity",
        "mainEntityOfPage",
        "name",
        "url",
    }
)
"""All that is taken from any object: articleBody is not among it, so nothing of it outlives the parser."""
_ARTICLE = ("Article", "Posting", "Report", "Review", "CreativeWork")
_PAGE = ("WebPage",)
_WRAPPING = re.compile(r"(?://|/\*)?\s{0,9}(?:<!\[CDATA\[|<!--)\s{0,9}(?:\*/)?")
"""What some put around a script for parsers of old."""

Node = Mapping[str, Any]
"""An object of which only the wanted keys are left: untyped, any of it missing."""


@dataclass(frozen=True, slots=True)
class LinkedData:
    """What JSON-LD says of the article: texts as they stand there, neither cleaned nor bounded."""

    free: bool | None = None
    keywords: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    description: str | None = None


def read_json_ld(scripts: Iterable[str], url: str) -> LinkedData:
    """What the scripts of the page at this address say. Whatever cannot be read counts as not said."""
    nodes = list(_nodes(_parsed(script) for script in scripts))
    people = {node["@id"]: node["name"] for node in nodes if _is_text(node.get("@id")) and _is_text(node.get("name"))}
    ours = _of_this_page([node for node in nodes if _is_kind(node, _ARTICLE) or _is_kind(node, _PAGE)], url)
    articles = [node for node in ours if _is_kind(node, _ARTICLE)]
    descriptions = (node.get("description") for node in (*articles, *ours))
    return LinkedData(
        free=_free(ours),
        keywords=tuple(word for node in articles for word in _keywords(node)),
        authors=next((names for node in articles if (names := tuple(_names(node.get("author"), people)))), ()),
        description=next((text for text in descriptions if _is_text(text)), None),
    )


def _parsed(script: str) -> object:
    text = script.lstrip().lstrip("\ufeff").lstrip()
    wrapping = _WRAPPING.match(text)
    try:
        return _DECODER.raw_decode(text[wrapping.end() if wrapping else 0 :].lstrip())[
            0
        ]  # what follows, a semicolon or the end of a wrapping, does not matter
    except (ValueError, RecursionError):
        return None


def _wanted(pairs: list[tuple[str, Any]]) -> Node:
    return {name: value for name, value in pairs if name in _WANTED}


def _no_number(_: str) -> None:
    """Numbers say nothing that is asked here, and can be too long to be read."""


_DECODER = json.JSONDecoder(
    object_pairs_hook=_wanted,
    parse_int=_no_number,
    parse_float=_no_number,
    parse_constant=_no_number,
    strict=False,  # line breaks within texts are a frequent mistake
)


def _nodes(said: Iterable[object]) -> Iterator[Node]:
    """The objects that stand for themselves: on their own, in a list, in a graph, or as what a page is about."""
    waiting, seen = list(said)[::-1], 0
    while waiting and seen < MAX_NODES:
        seen += 1
        thing = waiting.pop()
        if isinstance(thing, list):
            waiting += thing[MAX_NODES::-1]
        elif isinstance(thing, dict):
            waiting += [thing[name] for name in ("mainEntity", "@graph") if name in thing]
            yield thing


def _is_kind(node: Node, endings: tuple[str, ...]) -> bool:
    """Whether the object is of this kind; one of no kind is taken for an article if it says what articles say."""
    kinds = [kind for kind in _listed(node.get("@type")) if isinstance(kind, str)]
    if not kinds:
        return endings is _ARTICLE and not node.keys().isdisjoint(("isAccessibleForFree", "hasPart", "keywords"))
    return any(kind.endswith(endings) for kind in kinds)


def _of_this_page(nodes: list[Node], url: str) -> list[Node]:
    """Without the objects about other pages, such as related articles, where one is about this page."""
    here = canonical(url)
    addresses = [set(filter(None, map(canonical, _addresses(node)))) for node in nodes]
    if not any(here in its for its in addresses):
        return nodes
    return [node for node, its in zip(nodes, addresses, strict=True) if not its or here in its]


def _addresses(node: Node) -> Iterator[str]:
    for name in ("url", "@id", "mainEntityOfPage"):
        for value in _listed(node.get(name)):
            address = value.get("@id") if isinstance(value, dict) else value
            if isinstance(address, str):
                yield address


def _free(nodes: Iterable[Node]) -> bool | None:
    """Whether anyone may read all of it; one part that only some may read is enough for a no.

    https://developers.google.com/search/docs/appearance/structured-data/paywalled-content
    """
    said = set()
    for node in nodes:
        said.add(_truth(node.get("isAccessibleForFree")))
        parts = (part for part in _listed(node.get("hasPart")) if isinstance(part, dict))
        said.update(False for part in parts if _truth(part.get("isAccessibleForFree")) is False)
    return False if False in said else True if True in said else None


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().lower().rpartition("/")[2] if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)


def _keywords(node: Node) -> Iterator[str]:
    keywords = node.get("keywords")
    yield from keywords.split(",")[:MAX_NAMES] if isinstance(keywords, str) else _names(keywords, {})
    yield from _names(node.get("about"), {})


def _names(value: object, known: Mapping[str, str]) -> Iterator[str]:
    """The names of one thing or several, each a text, an object with a name, or the id of one that is known."""
    for thing in _listed(value)[:MAX_NAMES]:
        if isinstance(thing, dict):
            name, its_id = thing.get("name"), thing.get("@id")
            thing = name if _is_text(name) else known.get(its_id) if isinstance(its_id, str) else None
        if _is_text(thing):
            yield thing


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
