"""What Telegram makes of a text and its entities before it keeps them: cleaned, trimmed, entities in order.

The rules are those of TDLib's ``fix_formatted_text``, so what a bot reads back is what it would read from Telegram:
control characters become spaces, the ends are trimmed, styles are cut where another entity begins, code holds nothing
else, links do not nest; commands, mentions, hashtags, links and addresses in the text get entities of their own.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from bot.sandbox.telegram.answers import Json, bad_request
from bot.sandbox.telegram.detecting import detect
from bot.sandbox.telegram.entities import parse_html
from bot.sandbox.telegram.tags import Entity

TEXT_LIMIT = 4096
"""UTF-16 units that a message may have after its entities are parsed."""
SOURCE_LIMIT = 1 << 15
"""UTF-8 bytes that a text may have before."""
NO_PARSING = ("", "none")
"""The parse modes, in small letters, in which a text is taken as it stands."""

_STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_CODE = frozenset({"pre", "code", "date_time"})
_PRIORITY = {
    **dict.fromkeys(_QUOTES, 0),
    "pre": 11,
    "code": 20,
    "date_time": 30,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
"""Which of two entities over the same characters stands first; 50 for those that are found in the text."""

_UNCLEAN = re.compile("[\0-\t\x0b-\x1f\u2028-\u202e\u0333\u033f\u030a]")
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_CONTROL = re.compile("[\0-\t\x0b-\x1f]")
_MARKS = re.compile("[\u200e\u200f]{2,}")
_INVISIBLE = re.compile(
    "[\\s\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufffc\ufeff\u00a0\U000e0000-\U000e01ff]*"
)


def format_text(source: str, parse_mode: str, given: Iterable[Entity] = ()) -> tuple[str, list[Entity]]:
    """A text as Telegram keeps it, with its entities in code points. Raises Refusal.

    ``given`` are entities of the source that its author sent along; they count only where no parse mode does.
    """
    if len(source.encode()) > SOURCE_LIMIT:
        raise bad_request("Text is too long")
    mode = parse_mode.lower()
    if mode in NO_PARSING:
        text, entities = source, list(given)
    elif mode == "html":
        text, entities = parse_html(source)
    elif mode in ("markdown", "markdownv2"):
        raise bad_request("this sandbox parses HTML only; send parse_mode HTML, or entities")
    else:
        raise bad_request("Unsupported parse_mode")
    text, entities = _trim(*_clean(text, entities))
    if _INVISIBLE.fullmatch(text):
        raise bad_request("Text must be non-empty")
    return text, _merge(_in_order(entities), detect(text))


def utf16_length(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def entities_json(text: str, entities: Iterable[Entity], users: Mapping[int, Json]) -> list[Json]:
    """The entities as the Bot API has them: in UTF-16 units; a mention of a user nobody knows is left out."""
    wide = not text.isascii() and max(text) > "\uffff"
    listed: list[Json] = []
    for entity in entities:
        offset, length, extra = entity.offset, entity.length, dict[str, Any](entity.extra)
        if wide:
            length = utf16_length(text[offset : entity.end])
            offset = utf16_length(text[:offset])
        if entity.type == "text_mention":
            if extra["user"] not in users:
                continue
            extra["user"] = users[extra["user"]]
        listed.append({"offset": offset, "length": length, "type": entity.type, **extra})
    return listed


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    if not _UNCLEAN.search(text):
        return _MARKS.sub(_only_last, text) if not text.isascii() else text, entities
    dropped = [found.start() for found in _DROPPED.finditer(text)]

    def moved(offset: int) -> int:
        return offset - sum(place < offset for place in dropped)

    entities = [
        Entity(entity.type, moved(entity.offset), moved(entity.end) - moved(entity.offset), entity.extra)
        for entity in entities
    ]
    cleaned = _CONTROL.sub(" ", _DROPPED.sub("", text))
    return _MARKS.sub(_only_last, cleaned), [entity for entity in entities if entity.length > 0]


def _only_last(marks: re.Match[str]) -> str:
    return "\u200c" * (len(marks.group()) - 1) + marks.group()[-1]


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    end = len(text.rstrip(" \n"))
    first = min((entity.offset for entity in entities), default=end)
    start = min(len(text) - len(text.lstrip(" \n")), first)
    trimmed = (
        Entity(entity.type, entity.offset - start, min(entity.end, end) - entity.offset, entity.extra)
        for entity in entities
    )
    return text[start:end], [entity for entity in trimmed if entity.length > 0]


def _order(entity: Entity) -> tuple[int, int, int]:
    return entity.offset, -entity.length, _PRIORITY.get(entity.type, 50)


def _in_order(entities: list[Entity]) -> list[Entity]:
    """Quotes may hold the rest, code and links hold no other of their kind, styles are cut at every edge."""
    if len(entities) < 2:
        return entities
    entities = sorted(entities, key=_order)
    quotes = _apart(entity for entity in entities if entity.type in _QUOTES)
    whole = _apart(entity for entity in entities if entity.type not in _STYLES and entity.type not in _QUOTES)
    whole = [entity for entity in whole if not any(_crosses(entity, quote) for quote in quotes)]
    return _with_styles([entity for entity in entities if entity.type in _STYLES], whole + quotes)


def _merge(entities: list[Entity], found: list[Entity]) -> list[Entity]:
    """What was found in the text joins what the bot said, and gives way where both speak of the same characters."""
    if not found:
        return entities
    quotes = [entity for entity in entities if entity.type in _QUOTES]
    whole = [entity for entity in entities if entity.type not in _STYLES and entity.type not in _QUOTES]
    kept = [
        entity
        for entity in found
        if not any(entity.offset < other.end and other.offset < entity.end for other in whole)
        and not any(_crosses(entity, quote) for quote in quotes)
    ]
    return _with_styles([entity for entity in entities if entity.type in _STYLES], whole + kept + quotes)


def _apart(entities: Iterable[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if not kept or entity.offset >= kept[-1].end:
            kept.append(entity)
    return kept


def _crosses(entity: Entity, quote: Entity) -> bool:
    overlaps = entity.offset < quote.end and quote.offset < entity.end
    return overlaps and not (quote.offset <= entity.offset and entity.end <= quote.end)


def _with_styles(styles: list[Entity], others: list[Entity]) -> list[Entity]:
    """Cut the styles wherever another entity begins or ends, and leave them out inside code."""
    if not styles:
        return sorted(others, key=_order)
    spans = {kind: _joined(style for style in styles if style.type == kind) for kind in _STYLES}
    edges = sorted(
        {edge for entity in others for edge in (entity.offset, entity.end)}
        | {start for joined in spans.values() for start, _ in joined}
    )
    code = [entity for entity in others if entity.type in _CODE]
    parts: list[Entity] = []
    for kind, joined in spans.items():
        for start, end in joined:
            cuts = [start, *edges[bisect_right(edges, start) : bisect_left(edges, end)], end]
            parts += [Entity(kind, left, right - left) for left, right in pairwise(cuts)]
    parts = [part for part in parts if not any(c.offset <= part.offset and part.end <= c.end for c in code)]
    return sorted(others + parts, key=_order)


def _joined(styles: Iterable[Entity]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for style in styles:
        if spans and style.offset <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], style.end))
        else:
            spans.append((style.offset, style.end))
    return spans
