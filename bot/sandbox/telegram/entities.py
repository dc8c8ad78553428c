"""The HTML that a bot may write, read into text and entities.

Tags, attributes and refusals are those of TDLib's parser: only the tags that Telegram knows, every tag closed in order,
the entities ``&lt; &gt; &amp; &quot;`` and numeric ones decoded, anything else left as it stands.
Offsets and lengths count code points here; ``formatting`` makes them UTF-16 units.
"""

import re

from bot.sandbox.telegram.arguments import SURROGATE
from bot.sandbox.telegram.tags import TAGS, Entity, Tag, add_entity, without_language, wrong

_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_SPACE = " \t\r\n\0\v"
_SPECIAL = re.compile("[<&]")
_REFERENCE = re.compile("&(?:#(?:x(?P<hex>[0-9a-fA-F]*)|(?P<decimal>[0-9]*))|(?P<name>[a-zA-Z]*));?")
_TAG_NAME = re.compile(f"[^{_SPACE}>]*")
_ATTRIBUTE_NAME = re.compile(f"[^{_SPACE}=>/\"']*")
_GAP = re.compile("[ \t\r\n\v]*")
_QUOTED = {quote: re.compile(f"[^{quote}\0]*") for quote in "\"'"}
_TOKEN = re.compile("[A-Za-z0-9.-]*")


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The text without its tags, and what the tags say of it. Raises Refusal, naming the place in UTF-8 bytes."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source + "\0"  # the end reads like a character that no tag may hold
        self.text: list[str] = []
        self.offset = 0
        self.open: list[Tag] = []
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
            raise wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return _checked("".join(self.text)), without_language(self.entities)

    def write(self, text: str) -> None:
        self.text.append(text)
        self.offset += len(text)

    def place(self, position: int) -> str:
        return f"at byte offset {len(self.source[:position].encode())}"

    def start_tag(self, start: int) -> int:
        name = _match(_TAG_NAME, self.source, start + 1)
        position = start + 1 + len(name)
        if self.source[position] == "\0":
            raise wrong(f"Unclosed start tag {self.place(start)}")
        name = _lower(name)
        if name not in TAGS:
            raise wrong(f'Unsupported start tag "{name}" {self.place(start)}')
        attributes: dict[str, str] = {}
        while True:
            position = _skip_gap(self.source, position)
            if self.source[position] == ">":
                break
            position = self.attribute(name, start, position, attributes)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise wrong(f'Tag "span" must have class "tg-spoiler" {self.place(start)}')
        self.open.append(Tag(name, self.offset, attributes))
        return position + 1

    def attribute(self, tag: str, start: int, position: int, attributes: dict[str, str]) -> int:
        source = self.source
        name = _match(_ATTRIBUTE_NAME, source, position)
        if not name:
            raise wrong(f'Empty attribute name in the tag "{tag}" {self.place(start)}')
        position = _skip_gap(source, position + len(name))
        if source[position] == "=":
            position = _skip_gap(source, position + 1)
            if source[position] != "\0":
                attributes[name], position = self.value(start, position)
                return position
        elif source[position] != "\0":
            attributes[name] = ""
            return position
        raise wrong(f'Unclosed start tag "{tag}" {self.place(start)}')

    def value(self, start: int, position: int) -> tuple[str, int]:
        source = self.source
        quote = source[position]
        if quote not in _QUOTED:
            token = _match(_TOKEN, source, position)
            end = position + len(token)
            if source[end] not in _SPACE and source[end] != ">":
                raise wrong(f"Unexpected end of name token {self.place(position)}")
            value = _lower(token)
        else:
            quoted = _match(_QUOTED[quote], source, position + 1)
            value = _checked(_decoded(quoted))
            end = position + 1 + len(quoted)
            end += source[end] == quote
        if source[end] == "\0":
            raise wrong(f"Unclosed start tag {self.place(start)}")
        return value, end

    def end_tag(self, start: int) -> int:
        if not self.open:
            raise wrong(f"Unexpected end tag {self.place(start)}")
        name = _match(_TAG_NAME, self.source, start + 2)
        position = _skip_gap(self.source, start + 2 + len(name))
        if self.source[position] != ">":
            raise wrong(f"Unclosed end tag {self.place(start)}")
        tag = self.open.pop()
        if name and _lower(name) != tag.name:
            expected = f'expected "</{tag.name}>", found "</{_lower(name)}>"'
            raise wrong(f"Unmatched end tag {self.place(start)}, {expected}")
        if self.offset > tag.offset:
            content = "".join(self.text)[tag.offset :] if tag.name == "a" else ""
            add_entity(self.entities, tag, self.offset - tag.offset, content)
        return position + 1


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
    if not text.isascii() and SURROGATE.search(text):
        raise wrong(
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
