"""Keyboards under the bot's answers."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from telegram import InlineKeyboardMarkup

from bot.model import Topic
from bot.telegram.buttons import chips, in_rows, shortened
from bot.telegram.presses import Press, button

MAX_BUTTONS = 90
"""Telegram takes a hundred in one keyboard."""
MAX_BYTES = 9_000
"""And 10 kB of JSON."""
LATELY = 500
"""Articles that show what the newsroom writes about now: some days of a busy one."""
BUTTON_BYTES = 80
"""What a chip needs besides its topic's name, at most."""


@dataclass(frozen=True, slots=True)
class Offer(Press):
    """Follow what stands in bold above."""

    WORD: ClassVar[str] = "offer"


@dataclass(frozen=True, slots=True)
class Words(Press):
    """The same, taken for plain words, whatever tags come near."""

    WORD: ClassVar[str] = "words"


def fitting(topics: Sequence[Topic]) -> Sequence[Topic]:
    """The first of the topics, as many as fit on one keyboard."""
    sizes = accumulate(len(json.dumps(shortened(topic.name))) + BUTTON_BYTES for topic in topics[:MAX_BUTTONS])
    return topics[: sum(size <= MAX_BYTES for size in sizes)]


def of_topics(topics: Sequence[Topic], followed: Collection[int]) -> InlineKeyboardMarkup | None:
    """Chips for topics, as many as fit; none for none."""
    return InlineKeyboardMarkup(in_rows(chips(fitting(topics), followed))) if topics else None


def of_question(topics: Sequence[Topic], followed: Collection[int], label: str) -> InlineKeyboardMarkup:
    """Chips for the topics that may be meant, and a button for the words themselves."""
    return InlineKeyboardMarkup([*in_rows(chips(fitting(topics), followed)), [button(label, Words())]])
