"""One turn of a conversation: what a handler is given, and how it answers."""

from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest
from telegram.ext import CallbackContext

from bot.alerts.message import NO_PREVIEW, Site
from bot.language import Language
from bot.model import Chat
from bot.store import feeds
from bot.store.database import Database
from bot.telegram.application import TelegramBot
from bot.telegram.buttons import shortened
from bot.telegram.calling import reply
from bot.telegram.patience import Patience, Share
from bot.topics.catalogue import Catalogue
from handlers.admins import Admins
from handlers.awaited import Awaited

MAX_NOTICE = 200
"""Characters, https://core.telegram.org/bots/api#answercallbackquery."""

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
Context = CallbackContext[TelegramBot, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """What all handlers work with."""

    database: Database
    clock: Callable[[], datetime]
    feed_urls: tuple[str, ...]
    site_name: str | None = None
    catalogue: Catalogue = field(default_factory=Catalogue)
    follows_per_chat: int = 100
    site: Site = field(default_factory=Site)
    editors: Collection[int] = ()
    """The private chats of those who may use the newsroom."""
    public_url: str | None = None
    """Our own address, without a slash at its end."""
    admins: Admins = field(default_factory=Admins)
    awaited: Awaited = field(default_factory=Awaited)
    patience: Patience = field(default_factory=Patience)
    rooms: Patience = field(default_factory=lambda: Patience(Share(burst=20, a_second=1 / 3)))
    """The same for all that is said in one group: Telegram takes 20 answers a minute there."""
    coining: Patience = field(default_factory=lambda: Patience(Share(burst=120, a_second=1 / 30)))
    """The same for words to follow that are no tag: each stays a topic that is looked for in every article."""
    typing: Patience = field(default_factory=Patience)
    """The same for inline queries, of which one comes with every letter or two."""
    zone: str | None = None
    """The time zone of readers who have not said theirs."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message or a tap. Sentences for the reader go through ``_``, the reader's language.

    ``chat`` is whose follows and settings it is about, ``here`` where it was said and is answered. They are two only
    where a channel's admin configures it from the private chat; ``title`` is then the channel's.
    """

    desk: Desk
    bot: TelegramBot
    chat: Chat
    here: Chat
    user_id: int | None
    message: Message | None
    query: CallbackQuery | None
    language: Language
    title: str | None = None
    spoken: str | None = None
    """The tag of the language in which the reader is spoken to, and names countries: as chosen, else as Telegram says.
    Unlike ``language`` it may be one without a catalogue."""

    @property
    def _(self) -> Callable[[str], str]:
        return self.language.gettext

    @property
    def words(self) -> str:
        """What stands behind the command, or all of a message without one."""
        text = (self.message and self.message.text) or ""
        return " ".join(text.split(maxsplit=1)[1:]) if text.startswith("/") else text

    @property
    def thread_id(self) -> int | None:
        """The forum thread in which it was said; what is followed there is told there."""
        at = self._at
        return at.message_thread_id if at is not None and at.is_topic_message and self.chat == self.here else None

    async def say(self, text: str, keyboard: Keyboard | None = None, preview: LinkPreviewOptions = NO_PREVIEW) -> None:
        """Answer where it was said, in Telegram's HTML."""
        if self._at is not None:
            await reply(self.bot, self._at, self._headed(text), keyboard, preview)

    async def send(self, name: str, content: bytes, caption: str) -> None:
        """Answer with a file of this name."""
        if self._at is not None:
            await self._at.reply_document(content, filename=name, caption=self._headed(caption))

    async def edit(
        self, text: str, keyboard: InlineKeyboardMarkup | None = None, preview: LinkPreviewOptions = NO_PREVIEW
    ) -> None:
        """Let the message whose button was tapped say this instead; nothing happens where it says so already."""
        if self._at is None:
            return
        with already_so():
            await self._at.edit_text(self._headed(text), reply_markup=keyboard, link_preview_options=preview)

    async def acknowledge(self, text: str | None = None, *, alert: bool = False, url: str | None = None) -> None:
        """Answer a tap on a button, so that the app stops waiting; with ``url`` it opens a chat with the bot.

        Telegram takes the answer for some seconds only. What the tap asked for is done all the same, so that one made
        while the bot was away counts.
        """
        if self.query is not None:
            with suppress(BadRequest):
                await self.query.answer(text and shortened(text, MAX_NOTICE), show_alert=alert, url=url)

    async def catalogue(self) -> Catalogue:
        """The site's tags, as they now are."""
        await self.desk.catalogue.catch_up(self.desk.database)
        return self.desk.catalogue

    async def site_name(self) -> str:
        """The site's name: as set, else as its feed says, else a word for it."""
        if self.desk.site_name:
            return self.desk.site_name
        async with self.desk.database.read() as connection:
            return await feeds.site_title(connection, self.desk.feed_urls) or self._("the site")

    @property
    def _at(self) -> Message | None:
        """The message that it is or that was tapped; None where that is too old for Telegram to hand it over."""
        tapped = self.query.message if self.query else None
        return self.message or (tapped if isinstance(tapped, Message) else None)

    def _headed(self, text: str) -> str:
        """The text under the name of the channel that it is about, if that is elsewhere; see ``whose``."""
        if self.title is None:
            return text
        return f'📣 <a href="{_CHANNEL_LINK}{-self.chat.id - _CHANNELS}/1">{escape(self.title)}</a>\n\n{text}'


_CHANNEL_LINK = "https://t.me/c/"
_CHANNELS = 10**12
"""Ids of channels are below it, negative; links to them leave it out, https://core.telegram.org/api/bots/ids."""


@contextmanager
def already_so() -> Iterator[None]:
    """Take it for no trouble that a message says already what it is to say: of two taps the other was faster."""
    try:
        yield
    except BadRequest as refusal:
        if "not modified" not in refusal.message:
            raise


def whose(message: Message) -> int | None:
    """The channel that one of the bot's messages is about, as its first link says; None for the chat it stands in."""
    first = next(iter(message.entities), None)
    if first is None or first.offset != len("📣 ".encode("utf-16-le")) // 2:
        return None
    number = (first.url or "").removeprefix(_CHANNEL_LINK).removesuffix("/1")
    return -_CHANNELS - int(number) if number.isdecimal() and (message.text or "").startswith("📣 ") else None


Handler = Callable[[Turn], Coroutine[Any, Any, None]]
