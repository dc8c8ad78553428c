"""The one place that decides who may do what: every update becomes a turn here, or is turned away.

- Who asks too much is asked to wait, once. A group in which all together do is left unanswered for a while.
- In a group and in a channel everyone may read; only admins change what it follows and how.
- A channel is configured from the private chat of one of its admins, as long as that is what Telegram says.
"""

from dataclasses import replace
from datetime import datetime

from prometheus_client import Counter
from telegram import Message, Update

from bot import metrics
from bot.language import translation
from bot.model import Chat, ChatKind
from bot.store import chats
from bot.telegram.patience import Verdict
from handlers import channels, groups
from handlers.sentences import too_fast
from handlers.turn import Context, Desk, Handler, Turn, whose

LONGEST_LANGUAGE = 35
"""Characters of a language tag, https://www.rfc-editor.org/rfc/rfc5646#section-4.4.1; clients send what they like."""


async def admit(handler: Handler, desk: Desk, update: Update, context: Context, *, for_everybody: bool) -> None:
    """Let the handler answer, if whoever asks may. A chat that writes is awake, whatever made it rest."""
    turn = read(update, desk, context)
    if turn is None or not await _has_patience(turn, update):
        return
    turn = await _recognise(turn)
    if turn is None:
        return
    if for_everybody or await _may_change(turn):
        counted(handler).inc()
        await handler(turn)
    else:
        await groups.refuse(turn)


def counted(handler: Handler) -> Counter:
    """How often the handler has answered, for metrics."""
    return metrics.COMMANDS.labels(getattr(handler, "__name__", "other").strip("_"))


def read(update: Update, desk: Desk, context: Context) -> Turn | None:
    """The turn that an update is, as far as it tells by itself; None where it comes from no chat."""
    if update.effective_chat is None:
        return None
    user = update.effective_user
    language = ((user.language_code if user else None) or "")[:LONGEST_LANGUAGE] or None
    here = Chat(update.effective_chat.id, ChatKind(update.effective_chat.type), language)
    by = user.id if user else None
    message, query = update.message, update.callback_query
    return Turn(desk, context.bot, here, here, by, message, query, translation(language), spoken=language)


async def _has_patience(turn: Turn, update: Update) -> bool:
    sender = update.effective_sender  # the group itself where an admin is anonymous: all those are one user
    if sender is None:
        return True
    now = turn.desk.clock()
    verdict = turn.desk.patience.ask(sender.id, now)
    if verdict is Verdict.IGNORE or not _room_has_patience(turn, now):
        return False
    if verdict is Verdict.ASK_TO_WAIT:
        wait = too_fast(turn)
        await (turn.acknowledge(wait, alert=True) if turn.query else turn.say(wait))
    return verdict is Verdict.ANSWER


def _room_has_patience(turn: Turn, now: datetime) -> bool:
    """Whether a group can take one more answer; one to a tap is seen by who tapped only."""
    if turn.query is not None or turn.here.kind is ChatKind.PRIVATE:
        return True
    return turn.desk.rooms.ask(turn.here.id, now) is Verdict.ANSWER


async def _recognise(turn: Turn) -> Turn | None:
    """The turn in the language that the chat chose, and about the channel that the reader configures.

    A tap is about what the tapped message is about, an answer about what the answered one is.
    """
    known = await turn.desk.database.read_together(chats.known, turn.here.id)
    if known is not None:
        if not known.knows(turn.here):
            async with turn.desk.database.write() as connection:
                await chats.wake(connection, turn.here)
        spoken = known.spoken(turn.here)
        turn = replace(turn, language=translation(spoken), spoken=spoken)
    if turn.here.kind is not ChatKind.PRIVATE:
        return turn
    about = _answered(turn)
    channel_id = whose(about) if about else known.configures if known else None
    return turn if channel_id is None else await channels.about(turn, channel_id)


def _answered(turn: Turn) -> Message | None:
    """The bot's message that was tapped or answered."""
    if turn.query is not None:
        return turn.query.message if isinstance(turn.query.message, Message) else None
    replied = turn.message.reply_to_message if turn.message else None
    return replied if replied and replied.from_user and replied.from_user.id == turn.bot.id else None


async def _may_change(turn: Turn) -> bool:
    if turn.chat.kind is ChatKind.PRIVATE or turn.title is not None:  # of a channel elsewhere it is known already
        return True
    sender = turn.message and turn.message.sender_chat
    if sender is not None:  # an anonymous admin speaks as the group itself, others as channels of theirs
        return sender.id == turn.chat.id
    return turn.user_id is not None and await turn.desk.admins.has(turn.bot, turn.chat, turn.user_id, turn.desk.clock())
