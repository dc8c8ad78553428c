"""Channels: an admin configures one from the private chat with the bot, where /channel says whom commands are for."""

from dataclasses import dataclass, replace
from typing import ClassVar

from telegram import (
    ChatAdministratorRights,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestChat,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest, Forbidden

from bot.language import Language
from bot.model import Chat, ChatKind
from bot.store import chats
from bot.telegram.presses import Press, button
from handlers.turn import Turn

REQUEST = 1
"""The number by which Telegram names our button when a reader has chosen a channel with it."""


@dataclass(frozen=True, slots=True)
class Configure(Press):
    """Let commands be for this channel; 0: for the reader again."""

    WORD: ClassVar[str] = "channel"
    channel: int


async def about(turn: Turn, channel_id: int) -> Turn | None:
    """The turn about a channel; None, and said so, where its reader may not configure that, or no longer."""
    channel = Chat(channel_id, ChatKind.CHANNEL, turn.here.language)
    title = await _title(turn, channel)
    if title is not None:
        return replace(turn, chat=channel, title=title)
    async with turn.desk.database.write() as connection:
        await chats.release(connection, turn.here.id, channel_id)
    sorry = turn._("You or I may not write in that channel any more, so from now on you follow for yourself again.")
    await (turn.acknowledge(sorry, alert=True) if turn.query else turn.say(sorry))
    return None


async def choose(turn: Turn) -> None:
    """Say whom commands are for, and let the reader choose a channel or go back."""
    _ = turn._
    if turn.here.kind is not ChatKind.PRIVATE:
        await turn.say(_("Send me /channel in our private chat to choose what a channel of yours follows."))
    elif turn.title is not None:
        await turn.say(_("What you follow and choose here is for this channel."), _back(turn))
    else:
        turn.desk.awaited.add(turn.here.id, turn.desk.clock())
        await turn.say(
            _("I can post news on your topics in a channel. Choose one of which you are an admin, below."),
            ReplyKeyboardMarkup([[_request(_("Choose a channel"))]], resize_keyboard=True, one_time_keyboard=True),
        )


async def shared(turn: Turn) -> None:
    """The reader has chosen a channel."""
    chosen = turn.message.chat_shared if turn.message else None
    if chosen is not None and chosen.request_id == REQUEST:
        turn.desk.awaited.remove(turn.here.id)
        await _configure(turn, chosen.chat_id)


async def configure(turn: Turn, _: Message, press: Configure) -> bool:
    """Let commands be for the channel that the button names, or for the reader again."""
    if turn.here.kind is not ChatKind.PRIVATE:
        return False
    if press.channel:
        await _configure(turn, press.channel)
        return True
    await turn.acknowledge()
    async with turn.desk.database.write() as connection:
        await chats.release(connection, turn.here.id)
    await replace(turn, title=None).edit(turn._("From now on you follow for yourself again."))
    return True


def invitation(language: Language, channel_id: int) -> InlineKeyboardMarkup:
    """The button by which commands become a channel's."""
    return InlineKeyboardMarkup([[button(language.gettext("Choose its topics"), Configure(channel_id))]])


async def _configure(turn: Turn, channel_id: int) -> None:
    there = await about(turn, channel_id)
    if there is None:
        return
    await turn.acknowledge()
    async with turn.desk.database.write() as connection:
        await chats.configure(connection, turn.here, channel_id, turn.desk.clock())
    said = turn._(
        "From now on what you follow and choose here is for this channel: /follow North Korea, /topics, /settings."
        " /channel brings you back to your own topics."
    )
    await there.say(said, ReplyKeyboardRemove())


async def _title(turn: Turn, channel: Chat) -> str | None:
    """The channel's title, where both the reader and the bot may write there."""
    user_id, now = turn.user_id, turn.desk.clock()
    if user_id is None or not await turn.desk.admins.has(turn.bot, channel, user_id, now):
        return None
    try:
        chat = await turn.bot.get_chat(channel.id)
    except (BadRequest, Forbidden):
        return None
    return chat.title if chat.type == ChatKind.CHANNEL else None


def _back(turn: Turn) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[button(turn._("Back to my own topics"), Configure(0))]])


def _request(label: str) -> KeyboardButton:
    needed = {"can_manage_chat": True, "can_post_messages": True, "can_edit_messages": True}
    rights = ChatAdministratorRights.de_json({**ChatAdministratorRights.no_rights().to_dict(), **needed}, None)
    wanted = KeyboardButtonRequestChat(
        REQUEST, chat_is_channel=True, user_administrator_rights=rights, bot_administrator_rights=rights
    )
    return KeyboardButton(label, request_chat=wanted)
