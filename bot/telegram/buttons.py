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


def chip(topic: Topic, *, followed: bool) -> InlineKeyboardButton:
    """A button that shows whether the topic is followed, and changes it."""
    name = shortened(topic.name)
    if followed:
        return InlineKeyboardButton(f"✓ {name}", callback_data=f"{Intent.UNFOLLOW}:{topic.id}")
    return InlineKeyboardButton(f"＋ {name}", callback_data=f"{Intent.FOLLOW}:{topic.id}")


def chips(topics: Iterable[Topic], followed: Collection[int] = ()) -> list[list[InlineKeyboardButton]]:
    """Rows of chips, two in a row where both are short."""
    rows: list[list[InlineKeyboardButton]] = []
    for topic in topics:
        button = chip(topic, followed=topic.id in followed)
        if rows and len(rows[-1]) == 1 and len(rows[-1][0].text) + len(button.text) <= MAX_LABEL:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def with_chip(markup: InlineKeyboardMarkup, topic: Topic, *, followed: bool) -> InlineKeyboardMarkup:
    """The keyboard with the topic's chips showing whether it is followed; all other buttons stay as they are."""

    def shown(button: InlineKeyboardButton) -> InlineKeyboardButton:
        press = read(button.callback_data)
        return chip(topic, followed=followed) if press and press.topic_id == topic.id else button

    return InlineKeyboardMarkup([[shown(button) for button in row] for row in markup.inline_keyboard])


def shortened(name: str) -> str:
    """A name as it fits on a button."""
    return name if len(name) <= MAX_LABEL else name[: MAX_LABEL - 1].rstrip() + "…"
