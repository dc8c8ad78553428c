"""One turn of a conversation: what a handler is given, and how it answers."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from gettext import NullTranslations
from typing import Any

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest
from telegram.ext import CallbackContext

from bot.language import translation
from bot.model import Chat, ChatKind
from bot.store import chats, feeds
from bot.store.database import Database
from bot.topics.catalogue import Catalogue

Context = CallbackContext[Any, Any, Any, Any]

LONGEST_LANGUAGE = 35
"""Characters of a language tag, https://www.rfc-editor.org/rfc/rfc5646#section-4.4.1; clients send what they like."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all handlers work with."""

    database: Database
    clock: Callable[[], datetime]
    feed_urls: tuple[str, ...]
    site_name: str | None = None
    catalogue: Catalogue = field(default_factory=Catalogue)
    follows_per_chat: int = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """An update from a chat. Sentences for the reader go through ``_``, the reader's language."""

    desk: Desk
    chat: Chat
    message: Message | None
    query: CallbackQuery | None
    language: NullTranslations

    @property
    def _(self) -> Callable[[str], str]:
        return self.language.gettext

    @property
    def words(self) -> str:
        """What stands behind the command, or all of a message without one."""
        text = (self.message and self.message.text) or ""
        return " ".join(text.split(maxsplit=1)[1:]) if text.startswith("/") else text

    async def say(self, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Answer in the chat, in Telegram's HTML."""
        if self.message is not None:
            await self.message.reply_text(text, reply_markup=keyboard)

    async def acknowledge(self, text: str | None = None, *, alert: bool = False) -> None:
        """Answer a tap on a button, so that the app stops waiting.

        Telegram takes the answer for some seconds only. What the tap asked for is done all the same, so that one made
        while the bot was away counts.
        """
        if self.query is not None:
            with suppress(BadRequest):
                await self.query.answer(text, show_alert=alert)

    async def catalogue(self) -> Catalogue:
        """The site's tags, as they now are."""
        async with self.desk.database.read() as connection:
            await self.desk.catalogue.refresh(connection)
        return self.desk.catalogue

    async def site_name(self) -> str:
        """The site's name: as set, else as its feed says, else a word for it."""
        if self.desk.site_name:
            return self.desk.site_name
        async with self.desk.database.read() as connection:
            return await feeds.site_title(connection, self.desk.feed_urls) or self._("the site")


Handler = Callable[[Turn], Coroutine[Any, Any, None]]
Callback = Callable[[Update, Context], Coroutine[Any, Any, None]]


def take(handler: Handler, desk: Desk) -> Callback:
    """The handler as python-telegram-bot calls it. A chat that writes is awake, whatever made it rest."""

    async def callback(update: Update, _: Context) -> None:
        turn = read(update, desk)
        if turn is None:
            return
        async with desk.database.write() as connection:
            await chats.wake(connection, turn.chat)
        await handler(turn)

    return callback


def read(update: Update, desk: Desk) -> Turn | None:
    """The turn that an update is; None where it comes from no chat."""
    if update.effective_chat is None:
        return None
    language = (update.effective_user.language_code or "")[:LONGEST_LANGUAGE] if update.effective_user else ""
    chat = Chat(update.effective_chat.id, ChatKind(update.effective_chat.type), language or None)
    return Turn(desk, chat, update.message, update.callback_query, translation(chat.language))
