"""The HTML that a bot may write, https://core.telegram.org/bots/api#html-style, as text and entities.

Tags, attributes and refusals are those of TDLib's parser: only the tags that Telegram knows, every tag closed in order,
the entities ``&lt; &gt; &amp; &quot;`` and numeric ones decoded, anything else left as it stands.
Offsets and lengths count code points here; ``formatting`` makes them UTF-16 units.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.telegram.answers import Refusal, bad_request
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
_TAGS = frozenset(_STYLES) | {"a", "pre", "code", "blockquote", "tg-emoji", "tg-time"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_SPACE = " \t\r\n\0\v"
_SPECIAL = re.compile("[<&]")
_REFERENCE = re.compile("&(?:#(?:x(?P<hex>[0-9a-fA-F]*)|(?P<decimal>[0-9]*))|(?P<name>[a-zA-Z]*));?")
_TAG_NAME = re.compile(f"[^{_SPACE}>]*")
_ATTRIBUTE_NAME = re.compile(f"[^{_SPACE}=>/\"']*")
_GAP = re.compile("[ \t\r\n\v]*")
_QUOTED = {quote: re.compile(f"[^{quote}\0]*") for quote in "\"'"}
_TOKEN = re.compile("[A-Za-z0-9.-]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
DATE_FORMAT = re.compile("[rR]|[tTdDwW]*")
"""How a ``date_time`` may be written."""
_INTEGER = re.compile("-?[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch of the text that is more than text; ``extra`` holds the fields that only its type has."""

    type: str
    offset: int
    length: int
    extra: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.offset + self.length


@dataclass(slots=True)
class _OpenTag:
    name: str
    offset: int
    attributes: dict[str, str]


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The text without its tags, and what the tags say of it. Raises Refusal, naming the place in UTF-8 bytes."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source + "\0"  # the end reads like a character that no tag may hold
        self.text: list[str] = []
        self.offset = 0
        self.open: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        source, position = self.source, 0
        while found := _SPECIAL.search(source, position):
            start = found.start()
            self.write(source[position:start])
            if source[start] == "&":
                character, position = _reference(source, start)
                self.write(character)
            elif source[start + 1] == "/":
                position = self.end_tag(start)
            else:
                position = self.start_tag(start)
        self.write(source[position:-1])
        if self.open:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return _checked("".join(self.text)), [_without_language(entity) for entity in self.entities]

    def write(self, text: str) -> None:
        self.text.append(text)
        self.offset += len(text)

    def place(self, position: int) -> str:
        return f"at byte offset {len(self.source[:position].encode())}"

    def start_tag(self, start: int) -> int:
        name = _match(_TAG_NAME, self.source, start + 1)
        position = start + 1 + len(name)
        if self.source[position] == "\0":
            raise _wrong(f"Unclosed start tag {self.place(start)}")
        name = _lower(name)
        if name not in _TAGS:
            raise _wrong(f'Unsupported start tag "{name}" {self.place(start)}')
        attributes: dict[str, str] = {}
        while True:
            position = _skip_gap(self.source, position)
            if self.source[position] == ">":
                break
            position = self.attribute(name, start, position, attributes)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" {self.place(start)}')
        self.open.append(_OpenTag(name, self.offset, attributes))
        return position + 1

    def attribute(self, tag: str, start: int, position: int, attributes: dict[str, str]) -> int:
        source = self.source
        name = _match(_ATTRIBUTE_NAME, source, position)
        if not name:
            raise _wrong(f'Empty attribute name in the tag "{tag}" {self.place(start)}')
        position = _skip_gap(source, position + len(name))
        if source[position] == "=":
            position = _skip_gap(source, position + 1)
            if source[position] != "\0":
                attributes[name], position = self.value(start, position)
                return position
        elif source[position] != "\0":
            attributes[name] = ""
            return position
        raise _wrong(f'Unclosed start tag "{tag}" {self.place(start)}')

    def value(self, start: int, position: int) -> tuple[str, int]:
        source = self.source
        quote = source[position]
        if quote not in _QUOTED:
            token = _match(_TOKEN, source, position)
            end = position + len(token)
            if source[end] not in _SPACE and source[end] != ">":
                raise _wrong(f"Unexpected end of name token {self.place(position)}")
            value = _lower(token)
        else:
            quoted = _match(_QUOTED[quote], source, position + 1)
            value = _checked(_decoded(quoted))
            end = position + 1 + len(quoted)
            end += source[end] == quote
        if source[end] == "\0":
            raise _wrong(f"Unclosed start tag {self.place(start)}")
        return value, end

    def end_tag(self, start: int) -> int:
        if not self.open:
            raise _wrong(f"Unexpected end tag {self.place(start)}")
        name = _match(_TAG_NAME, self.source, start + 2)
        position = _skip_gap(self.source, start + 2 + len(name))
        if self.source[position] != ">":
            raise _wrong(f"Unclosed end tag {self.place(start)}")
        tag = self.open.pop()
        if name and _lower(name) != tag.name:
            expected = f'expected "</{tag.name}>", found "</{_lower(name)}>"'
            raise _wrong(f"Unmatched end tag {self.place(start)}, {expected}")
        if self.offset > tag.offset:
            self.add(tag)
        return position + 1

    def add(self, tag: _OpenTag) -> None:
        length = self.offset - tag.offset
        if tag.name in ("pre", "code"):
            self.add_code(tag, length)
            return
        entity = _style(tag) or (self.link(tag) if tag.name == "a" else None)
        if entity is not None:
            kind, extra = entity
            self.entities.append(Entity(kind, tag.offset, length, extra))

    def add_code(self, tag: _OpenTag, length: int) -> None:
        """A ``code`` with a language that fills a ``pre``, inside it or around it, makes one block in that language."""
        last = self.entities[-1] if self.entities else None
        together = last is not None and (last.offset, last.length) == (tag.offset, length)
        language = _language(tag)
        extra = {"language": language} if language else {}
        if together and last is not None and {last.type, tag.name} == {"pre", "code"}:
            if tag.name == "pre" and "language" in last.extra:
                self.entities[-1] = Entity("pre", tag.offset, length, last.extra)
                return
            if tag.name == "code" and language:
                self.entities[-1] = Entity("pre", tag.offset, length, extra)
                return
        self.entities.append(Entity(tag.name, tag.offset, length, extra))

    def link(self, tag: _OpenTag) -> tuple[str, Mapping[str, str | int]] | None:
        url = tag.attributes.get("href") or "".join(self.text)[tag.offset :]
        user = linked_user(url)
        if user is not None:
            return "text_mention", {"user": user}
        try:
            return "text_link", {"url": check_link(url)}
        except WrongLink:  # the text stays, as plain text
            return None


def _style(tag: _OpenTag) -> tuple[str, Mapping[str, str | int]] | None:
    if tag.name in _STYLES:
        return _STYLES[tag.name], {}
    if tag.name == "blockquote":
        return ("expandable_blockquote" if "expandable" in tag.attributes else "blockquote"), {}
    if tag.name == "tg-emoji":
        emoji = tag.attributes.get("emoji-id", "")
        if not re.fullmatch("[0-9]{1,19}", emoji) or int(emoji) == 0:
            raise _wrong("Invalid custom emoji identifier specified")
        return "custom_emoji", {"custom_emoji_id": emoji}
    if tag.name == "tg-time":
        found = _INTEGER.match(tag.attributes.get("unix", ""))
        date, form = int(found.group()) if found else 0, tag.attributes.get("format", "")
        if not DATE_FORMAT.fullmatch(form):
            raise _wrong("Invalid date format used")
        return ("date_time", {"unix_time": date, "date_time_format": form}) if date > 0 else None
    return None


def _without_language(entity: Entity) -> Entity:
    """Only a ``pre`` keeps its language."""
    if entity.type == "code" and entity.extra:
        return Entity("code", entity.offset, entity.length)
    return entity


def _language(tag: _OpenTag) -> str:
    css = tag.attributes.get("class", "") if tag.name == "code" else ""
    return css.removeprefix("language-") if css.startswith("language-") else ""


def _reference(source: str, start: int) -> tuple[str, int]:
    """The character that ``&…;`` at ``start`` stands for, or the ampersand itself; and where to read on."""
    found = _REFERENCE.match(source, start)
    if found is None or found["name"] is not None:
        character = _NAMED.get(found["name"], "") if found else ""
    else:
        digits, base = (found["hex"], 16) if found["hex"] is not None else (found["decimal"], 10)
        short = len(found.group().rstrip(";")) < 10
        code = int(digits, base) if digits and short else 0
        character = chr(code) if 0 < code < 0x10FFFF else ""
    return (character, found.end()) if found and character else ("&", start + 1)


def _decoded(value: str) -> str:
    parts: list[str] = []
    position = 0
    while (start := value.find("&", position)) >= 0:
        character, end = _reference(value, start)
        parts += (value[position:start], character)
        position = end
    return "".join((*parts, value[position:]))


def _checked(text: str) -> str:
    if not text.isascii() and _SURROGATE.search(text):
        raise _wrong(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return text


def _match(pattern: re.Pattern[str], source: str, position: int) -> str:
    found = pattern.match(source, position)
    return found.group() if found else ""


def _skip_gap(source: str, position: int) -> int:
    found = _GAP.match(source, position)
    return found.end() if found else position


def _lower(name: str) -> str:
    """Only A to Z become small: no other letter makes a tag."""
    return name.encode().lower().decode()


def _wrong(what: str) -> Refusal:
    return bad_request(f"can't parse entities: {what}")
