"""What buttons send back: each kind is a frozen dataclass, written into the 64 bytes that Telegram gives it.

A press with its numbers and choices is written "mute:5:24"; one that leads back to another ends in that one's own
data, "mute:5:24:more:12". Clients may send whatever they like: what is read here is well formed and no more than that.
Whether it may be done is for its handler to check against the chat it comes from.
"""

import re
from dataclasses import dataclass, fields
from functools import cache
from types import UnionType
from typing import ClassVar, get_args, get_type_hints

from telegram import InlineKeyboardButton

MAX_BYTES = 64
"""https://core.telegram.org/bots/api#inlinekeyboardbutton"""

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_KINDS: dict[str, type["Press"]] = {}


@dataclass(frozen=True, slots=True)
class Press:
    """The root of all kinds. Their fields are numbers, words and, as the last, some other press or None.

    Words are of a StrEnum or another kind of str that refuses, by ValueError, what is none of its own.

    ``WORD`` names the kind in the data of buttons that may stand in chats for years: it stays what it is. Without one
    it is only the root of others.
    """

    WORD: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Raises TypeError where two kinds have one word."""
        if not cls.WORD:
            return
        known = _KINDS.setdefault(cls.WORD, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"{known} and {cls} are both written {cls.WORD!r}")
        _KINDS[cls.WORD] = cls  # a dataclass with slots is made twice; the second is the one

    @property
    def data(self) -> str:
        """As a button carries it. Raises ValueError where Telegram would not take it."""
        values = (getattr(self, field.name) for field in fields(self))
        written = (value.data if isinstance(value, Press) else str(value) for value in values if value is not None)
        data = ":".join((self.WORD, *written))
        if len(data.encode()) > MAX_BYTES:
            raise ValueError(f"{data!r} is longer than {MAX_BYTES} bytes")
        return data


@dataclass(frozen=True, slots=True)
class AboutTopic(Press):
    """The root of all that name a topic by its id.

    It counts under a message that has a button for this topic: other topics are other readers' words, and not for
    whoever counts up numbers.
    """

    topic: int


def read(data: object) -> Press | None:
    """What a button's data asks for; None for data that no button of ours carries."""
    if not isinstance(data, str) or len(data) > MAX_BYTES:
        return None
    try:
        return _read(data.split(":"))
    except ValueError:
        return None


def button(label: str, press: Press) -> InlineKeyboardButton:
    """A button that sends this press."""
    return InlineKeyboardButton(label, callback_data=press.data)


def _read(parts: list[str]) -> Press:
    """Raises ValueError where the parts are no press."""
    word, *parts = parts
    if word not in _KINDS:
        raise ValueError("no such word")
    values: list[int | str | Press | None] = []
    for field in _fields(word):
        if isinstance(field, UnionType):
            values.append(_back(field, parts))
            parts = []
        else:
            part, *parts = parts or [""]
            values.append(_value(field, part))
    if parts:
        raise ValueError("more than it has fields")
    return _KINDS[word](*values)


def _back(kinds: UnionType, parts: list[str]) -> Press | None:
    back = _read(parts) if parts else None
    if type(back) not in get_args(kinds):
        raise ValueError("it does not lead back there")
    return back


def _value(kind: type[int | str], part: str) -> int | str:
    if issubclass(kind, str):
        return kind(part)
    if not _NUMBER.fullmatch(part):
        raise ValueError("no number")
    return int(part)


@cache
def _fields(word: str) -> tuple[type[int | str] | UnionType, ...]:
    hints = get_type_hints(_KINDS[word])
    return tuple(hints[field.name] for field in fields(_KINDS[word]))
