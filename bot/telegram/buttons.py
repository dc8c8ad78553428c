"""Buttons to follow and to stop, wherever they stand, and how buttons share rows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.model import Topic
from bot.telegram.presses import AboutTopic, button, read
from bot.text import units

MAX_LABEL = 40
"""Characters on a button, in UTF-16 units; phones show about as many in a row of its own."""

Rows = list[list[InlineKeyboardButton]]


@dataclass(frozen=True, slots=True)
class Follow(AboutTopic):
    """Follow a topic. It says the wanted state, not to change it: pressing twice is pressing once."""

    WORD: ClassVar[str] = "follow"


@dataclass(frozen=True, slots=True)
class Unfollow(AboutTopic):
    """Stop a topic."""

    WORD: ClassVar[str] = "unfollow"


def chips(topics: Iterable[Topic], followed: Collection[int] = ()) -> list[InlineKeyboardButton]:
    """Chips, buttons that show whether a topic is followed and change it."""
    return [_chip(shortened(topic.name), topic.id, followed=topic.id in followed) for topic in topics]


def in_rows(buttons: Iterable[InlineKeyboardButton]) -> Rows:
    """The buttons in rows, two in one where both are short."""
    rows: Rows = []
    for each in buttons:
        if rows and len(rows[-1]) == 1 and len(rows[-1][0].text) + len(each.text) <= MAX_LABEL:
            rows[-1].append(each)
        else:
            rows.append([each])
    return rows


def topics_on(markup: InlineKeyboardMarkup | None) -> set[int]:
    """The ids of the topics that this keyboard has a button for."""
    rows = markup.inline_keyboard if markup else ()
    presses = (read(each.callback_data) for row in rows for each in row)
    return {press.topic for press in presses if isinstance(press, AboutTopic)}


def showing(markup: InlineKeyboardMarkup, followed: Collection[int]) -> InlineKeyboardMarkup:
    """The keyboard with each chip showing whether its topic is among ``followed``; all other buttons stay as they are.

    All chips, not only the one that was pressed: of two pressed at once each press knows the keyboard from before.
    """

    def shown(each: InlineKeyboardButton) -> InlineKeyboardButton:
        press = read(each.callback_data)
        if not isinstance(press, Follow | Unfollow):
            return each
        _, _, name = each.text.partition(" ")
        return _chip(name, press.topic, followed=press.topic in followed)

    return InlineKeyboardMarkup([[shown(each) for each in row] for row in markup.inline_keyboard])


def shortened(text: str, characters: int = MAX_LABEL) -> str:
    """A text of at most so many characters as Telegram counts them, in UTF-16 units, a name's as it fits on a button.

    An ellipsis shows what was cut.
    """
    if units(text) <= characters:
        return text
    kept = text[:characters].encode("utf-16-le", "surrogatepass")[: 2 * (characters - 1)]
    return kept.decode("utf-16-le", "ignore").rstrip() + "…"  # half a character at the end goes


def _chip(name: str, topic_id: int, *, followed: bool) -> InlineKeyboardButton:
    return button(f"✓ {name}", Unfollow(topic_id)) if followed else button(f"+ {name}", Follow(topic_id))
