"""Chats that the bot comes into and is thrown out of, and what is said to who may not change what one follows."""

from html import escape

import structlog
from telegram import ChatMember, ChatMemberRestricted, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest, Forbidden

from bot.language import translation
from bot.model import Chat, ChatKind
from bot.store import chats, topics
from bot.telegram import presses
from bot.telegram.buttons import Follow, topics_on
from bot.text import isolated
from bot.topics.deep_links import link
from handlers import channels
from handlers.sentences import only_admins
from handlers.turn import Context, Desk, Turn

log = structlog.stdlib.get_logger()

_GONE = frozenset({ChatMember.LEFT, ChatMember.BANNED})


async def refuse(turn: Turn) -> None:
    """Say who may change what this chat follows, and where everybody can follow: a chip leads right there."""
    press = presses.read(turn.query.data) if turn.query else None
    if isinstance(press, Follow):
        async with turn.desk.database.read() as connection:
            topic = await topics.get(connection, press.topic)
        if topic is not None and topic.id in topics_on(_markup(turn)):
            await turn.acknowledge(url=link(turn.bot.username, topic.name))
            return
    sentence = only_admins(turn)
    await (turn.acknowledge(sentence, alert=True) if turn.query else turn.say(sentence))


def _markup(turn: Turn) -> InlineKeyboardMarkup | None:
    message = turn.query.message if turn.query else None
    return message.reply_markup if isinstance(message, Message) else None


async def membership_changed(update: Update, context: Context, desk: Desk) -> None:
    """Let a chat rest that blocked the bot, threw it out or forbade it to write, and wake it when the bot is back.

    What it follows is kept. Who made the bot an admin of a channel is asked in private what the channel shall follow.
    """
    change = update.my_chat_member
    if change is None:
        return
    chat = Chat(change.chat.id, ChatKind(change.chat.type), change.from_user.language_code)
    could, can = may_write(change.old_chat_member), may_write(change.new_chat_member)
    # asked before it is written down: by then the reader may have chosen, and chooses no more
    is_awaited = desk.awaited.has(change.from_user.id, desk.clock())
    async with desk.database.write() as connection:
        if can:
            await chats.wake(connection, chat)
        else:
            await chats.rest(connection, chat.id, desk.clock(), f"the bot is {change.new_chat_member.status}")
    if could == can:
        return
    log.info(
        "chat is back" if can else "chat rests", chat=chat.id, kind=chat.kind, status=change.new_chat_member.status
    )
    if can and chat.kind is ChatKind.CHANNEL and not is_awaited:
        await _invite(context, change.from_user.id, chat, change.chat.title or "")


async def migrated(update: Update, _: Context, desk: Desk) -> None:
    """A group became a supergroup: what it follows moves along, whichever of the two messages about it comes first."""
    match update.message:
        case Message(migrate_to_chat_id=int(new), chat=old):
            old_id, new_id = old.id, new
        case Message(migrate_from_chat_id=int(before), chat=new_chat):
            old_id, new_id = before, new_chat.id
        case _:
            return
    async with desk.database.write() as connection:
        await chats.migrate(connection, old_id, new_id)
    log.info("group became a supergroup", chat=old_id, now=new_id)


def may_write(bot: ChatMember) -> bool:
    """Whether the bot, being this in a chat, may write there."""
    if isinstance(bot, ChatMemberRestricted):
        return bot.is_member and bot.can_send_messages
    return bot.status not in _GONE


async def _invite(context: Context, user_id: int, channel: Chat, title: str) -> None:
    language = translation(channel.language)
    said = language.gettext("I am now in the channel {channel}. Choose which topics I shall post there.")
    try:
        await context.bot.send_message(
            user_id,
            said.format(channel=isolated(f"<b>{escape(title)}</b>")),
            reply_markup=channels.invitation(language, channel.id),
        )
    except (BadRequest, Forbidden) as error:  # who never wrote to the bot finds /channel there
        log.info("no invitation to configure", channel=channel.id, reason=str(error))
