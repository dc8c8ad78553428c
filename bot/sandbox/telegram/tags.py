"""What the tags of a bot's HTML mean, https://core.telegram.org/bots/api#html-style."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.telegram.answers import Refusal, bad_request
from bot.sandbox.telegram.arguments import leading_integer
from bot.sandbox.telegram.links import WrongLink, check_link, linked_user

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
TAGS = frozenset(_STYLES) | {"a", "pre", "code", "blockquote", "tg-emoji", "tg-time"}
"""The tags that Telegram knows."""
DATE_FORMAT = re.compile("[rR]|[tTdDwW]*")
"""How a ``date_time`` may be written."""

_EMOJI_ID = re.compile("[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch of a text that is more than text; ``extra`` holds the fields that only its type has."""

    type: str
    offset: int
    length: int
    extra: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that was opened at this offset of the text."""

    name: str
    offset: int
    attributes: Mapping[str, str]

    @property
    def language(self) -> str:
        """The programming language that ``code`` says it is written in."""
        css = self.attributes.get("class", "") if self.name == "code" else ""
        return css.removeprefix("language-") if css.startswith("language-") else ""


def add_entity(entities: list[Entity], tag: Tag, length: int, content: str) -> None:
    """Add what a tag says of its content, which is not empty, after the tags inside it. Raises Refusal.

    The content itself is needed for ``a`` only.
    """
    if tag.name in ("pre", "code"):
        _add_code(entities, tag, length)
    elif said := _said(tag, content):
        kind, extra = said
        entities.append(Entity(kind, tag.offset, length, extra))


def without_language(entities: list[Entity]) -> list[Entity]:
    """The entities, when all are known: only a ``pre`` keeps its language."""
    return [Entity("code", e.offset, e.length) if e.type == "code" and e.extra else e for e in entities]


def wrong(what: str) -> Refusal:
    """The refusal of markup that cannot be read."""
    return bad_request(f"can't parse entities: {what}")


def _add_code(entities: list[Entity], tag: Tag, length: int) -> None:
    """A ``code`` with a language that fills a ``pre``, inside it or around it, makes one block in that language."""
    extra = {"language": tag.language} if tag.language else {}
    inner = entities[-1] if entities else None
    if inner is not None and (inner.offset, inner.length) == (tag.offset, length):
        if (inner.type, tag.name) == ("code", "pre") and inner.extra:
            entities[-1] = Entity("pre", tag.offset, length, inner.extra)
            return
        if (inner.type, tag.name) == ("pre", "code") and extra:
            entities[-1] = Entity("pre", tag.offset, length, extra)
            return
    entities.append(Entity(tag.name, tag.offset, length, extra))


def _said(tag: Tag, content: str) -> tuple[str, Mapping[str, str | int]] | None:
    if tag.name in _STYLES:
        return _STYLES[tag.name], {}
    if tag.name == "blockquote":
        return ("expandable_blockquote" if "expandable" in tag.attributes else "blockquote"), {}
    if tag.name == "a":
        return _link(tag.attributes.get("href") or content)
    if tag.name == "tg-emoji":
        return _emoji(tag.attributes.get("emoji-id", ""))
    return _date(leading_integer(tag.attributes.get("unix", "")), tag.attributes.get("format", ""))


def _link(url: str) -> tuple[str, Mapping[str, str | int]] | None:
    user = linked_user(url)
    if user is not None:
        return "text_mention", {"user": user}
    try:
        return "text_link", {"url": check_link(url)}
    except WrongLink:  # the text stays, as plain text
        return None


def _emoji(number: str) -> tuple[str, Mapping[str, str | int]]:
    if not _EMOJI_ID.fullmatch(number) or int(number) == 0:
        raise wrong("Invalid custom emoji identifier specified")
    return "custom_emoji", {"custom_emoji_id": number}


def _date(unix: int, form: str) -> tuple[str, Mapping[str, str | int]] | None:
    if not DATE_FORMAT.fullmatch(form):
        raise wrong("Invalid date format used")
    return ("date_time", {"unix_time": unix, "date_time_format": form}) if unix > 0 else None
