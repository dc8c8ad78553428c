"""Keyboards under the bot's answers."""

from collections.abc import Collection, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.model import Topic
from bot.telegram.buttons import chips

MAX_BUTTONS = 90
"""Telegram takes a hundred in one keyboard."""
OFFER = "offer"
"""The data of the button that takes up what the bot's message offers in bold."""


def of_topics(topics: Sequence[Topic], followed: Collection[int]) -> InlineKeyboardMarkup | None:
    """Chips for topics; none for none."""
    return InlineKeyboardMarkup(chips(topics[:MAX_BUTTONS], followed)) if topics else None


def of_offer(label: str) -> InlineKeyboardMarkup:
    """One button that takes up what the message offers."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=OFFER)]])
