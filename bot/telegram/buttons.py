"""Buttons to follow and to stop, wherever they stand: what is written on them, and the data they send back."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.model import Topic

MAX_LABEL = 40
"""Characters on a button; phones show about as many in a row of its own."""

_DATA = re.compile(r"(follow|unfollow):([1-9][0-9]{0,17})")


class Intent(StrEnum):
    """What a button asks for. It says the wanted state, not to change it: pressing twice is pressing once."""

    FOLLOW = "follow"
    UNFOLLOW = "unfollow"


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed."""

    intent: Intent
    topic_id: int


def read(data: object) -> Press | None:
    """What a button's data asks for; None for data that no button of ours carries."""
    found = _DATA.fullmatch(data) if isinstance(data, str) else None
    return Press(Intent(found[1]), int(found[2])) if found else None


def chips(topics: Iterable[Topic], followed: Collection[int] = ()) -> list[list[InlineKeyboardButton]]:
    """Rows of chips, buttons that show whether a topic is followed and change it; two in a row where both are short."""
    rows: list[list[InlineKeyboardButton]] = []
    for topic in topics:
        button = _chip(shortened(topic.name), topic.id, followed=topic.id in followed)
        if rows and len(rows[-1]) == 1 and len(rows[-1][0].text) + len(button.text) <= MAX_LABEL:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def topics_on(markup: InlineKeyboardMarkup | None) -> set[int]:
    """The ids of the topics that have a chip on this keyboard."""
    rows = markup.inline_keyboard if markup else ()
    return {press.topic_id for row in rows for button in row if (press := read(button.callback_data))}


def showing(markup: InlineKeyboardMarkup, followed: Collection[int]) -> InlineKeyboardMarkup:
    """The keyboard with each chip showing whether its topic is among ``followed``; all other buttons stay as they are.

    All chips, not only the one that was pressed: of two pressed at once each press knows the keyboard from before.
    """

    def shown(button: InlineKeyboardButton) -> InlineKeyboardButton:
        press = read(button.callback_data)
        if press is None:
            return button
        _, _, name = button.text.partition(" ")
        return _chip(name, press.topic_id, followed=press.topic_id in followed)

    return InlineKeyboardMarkup([[shown(button) for button in row] for row in markup.inline_keyboard])


def shortened(text: str, characters: int = MAX_LABEL) -> str:
    """A text of at most so many characters, a name's as it fits on a button; an ellipsis shows what was cut."""
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def _chip(name: str, topic_id: int, *, followed: bool) -> InlineKeyboardButton:
    if followed:
        return InlineKeyboardButton(f"✓ {name}", callback_data=f"{Intent.UNFOLLOW}:{topic_id}")
    return InlineKeyboardButton(f"+ {name}", callback_data=f"{Intent.FOLLOW}:{topic_id}")
