"""What editors can do, those whose private chats ADMIN_CHAT_IDS names: to all others these commands do not exist."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import ClassVar
from urllib.parse import urlencode

from babel.numbers import format_decimal
from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot import text
from bot.errors import TopicError
from bot.feeds.identity import identify
from bot.model import Topic
from bot.store import editing, notices, passes, topics
from bot.store.editing import Subject
from bot.store.passes import Kind
from bot.telegram.buttons import shortened
from bot.telegram.presses import Press, button
from bot.topics import query
from bot.web.newsroom.app import ENTRANCE
from handlers import failures
from handlers.turn import Handler, Turn

LINK = timedelta(minutes=10)
"""How long the link into the newsroom waits to be used."""
MAX_SAID = 3500
"""Characters of what is said to all: within Telegram's 4096 with whatever they become."""
_SHOWN = 250


@dataclass(frozen=True, slots=True)
class PutFirst(Press):
    """Send an article now, before all others; also for the topic, where it is not 0."""

    WORD: ClassVar[str] = "first"
    article: int
    topic: int


@dataclass(frozen=True, slots=True)
class HoldBack(Press):
    """Stop an article and delete what was sent of it."""

    WORD: ClassVar[str] = "hold"
    article: int


@dataclass(frozen=True, slots=True)
class SayToAll(Press):
    """Say to all readers what this message says."""

    WORD: ClassVar[str] = "sayall"


@dataclass(frozen=True, slots=True)
class Leave(Press):
    """Do nothing after all."""

    WORD: ClassVar[str] = "leave"


def for_editors(handler: Handler) -> Handler:
    """The handler, for editors in their private chats."""

    async def checked(turn: Turn) -> None:
        await (handler if _is_editor(turn) else failures.no_such_command)(turn)

    return checked


@for_editors
async def newsroom(turn: Turn) -> None:
    """Give a link into the newsroom, which works once."""
    if turn.desk.public_url is None:
        await turn.say(turn._("The newsroom has no address yet: the operator must set PUBLIC_URL."))
        return
    async with turn.desk.database.write() as connection:
        key = await passes.issue(connection, Kind.LINK, turn.here.id, turn.desk.clock(), LINK)
    link = f"{turn.desk.public_url}{ENTRANCE}?{urlencode({'key': key})}"
    button = InlineKeyboardButton(turn._("Open the newsroom"), url=link)
    sentence = turn._("This link works once, within ten minutes. Keep it to yourself.")
    await turn.say(sentence, InlineKeyboardMarkup([[button]]))


@for_editors
async def breaking(turn: Turn) -> None:
    """Ask whether this link's article is to go before all others; a topic behind it adds that topic's followers."""
    link, _, name = turn.words.partition(" ")
    article = await _meant(turn, link)
    if article is None:
        await _not_known(turn, "/breaking")
        return
    topic = await _topic(turn, name) if name else None
    if name and topic is None:
        await turn.say(turn._("There is no topic {topic}.").format(topic=_bold(name)))
        return
    async with turn.desk.database.read() as connection:
        topic_id = topic.id if topic else None
        new = await editing.audience(connection, article.id, turn.desk.clock(), topic_id)
    question = turn._("Send {headline} before all other alerts? {new} have not got it, {pending} wait for it.").format(
        headline=_headline(article), new=_chats(turn, new), pending=_chats(turn, article.pending)
    )
    await _ask(turn, question, turn._("Send it now"), PutFirst(article.id, topic_id or 0))


@for_editors
async def hold(turn: Turn) -> None:
    """Ask whether the article of this link is to be stopped, and deleted where it was sent."""
    article = await _meant(turn, turn.words)
    if article is None:
        await _not_known(turn, "/hold")
        return
    if article.held_back:
        stopped = turn._("{headline} is stopped already. /breaking with its link sends it after all.")
        await turn.say(stopped.format(headline=_headline(article)))
        return
    question = turn._(
        "Stop {headline}? {pending} wait for it; it is deleted in {sent}, if sent within two days."
    ).format(headline=_headline(article), pending=_chats(turn, article.pending), sent=_chats(turn, article.sent))
    await _ask(turn, question, turn._("Stop it"), HoldBack(article.id))


@for_editors
async def say(turn: Turn) -> None:
    """Show what all readers would hear, and ask."""
    words = _text_behind_command(turn)
    if not words or len(words) > MAX_SAID:
        how = turn._("Write the notice behind the command, up to {number} characters: /say We moved.")
        await turn.say(how.format(number=_number(turn, MAX_SAID)))
        return
    async with turn.desk.database.read() as connection:
        number = await notices.number_of_readers(connection)
    label = turn.language.ngettext("Say it to {number} reader", "Say it to {number} readers", number)
    await _ask(turn, escape(words), label.format(number=_number(turn, number)), SayToAll())


async def answer(turn: Turn, message: Message, press: PutFirst | HoldBack | SayToAll | Leave) -> bool:
    """Do what an editor has confirmed; once, as the question goes with it."""
    if not _is_editor(turn):
        return False
    await turn.acknowledge()
    match press:
        case PutFirst(article_id, topic_id):
            await _do(turn, lambda c: editing.put_first(c, article_id, turn.desk.clock(), topic_id or None))
            await turn.edit(turn._("It goes before all others now, at each reader's hours."))
        case HoldBack(article_id):
            await _do(turn, lambda c: editing.hold_back(c, article_id, turn.desk.clock()))
            await turn.edit(turn._("Stopped. /breaking with its link sends it after all."))
        case SayToAll():
            async with turn.desk.database.write() as connection:
                number = await notices.add_for_all(connection, message.text or "", turn.desk.clock())
            if not number:  # it was tapped twice
                return True
            done = turn.language.ngettext("{number} reader is told", "{number} readers are told", number)
            await turn.edit(f"{escape(message.text or '')}\n\n✓ {done.format(number=_number(turn, number))}")
        case Leave():
            await turn.edit(turn._("Nothing is done."))
    return True


def _is_editor(turn: Turn) -> bool:
    # a private chat has its user's id, so no forwarded message and no group can speak for an editor
    return turn.here.id in turn.desk.editors and turn.here.id == turn.user_id


async def _do(turn: Turn, what: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    async with turn.desk.database.write() as connection:
        await what(connection)


async def _ask(turn: Turn, question: str, label: str, press: Press) -> None:
    await turn.say(question, InlineKeyboardMarkup([[button(label, press)], [button(turn._("Leave it"), Leave())]]))


async def _meant(turn: Turn, link: str) -> Subject | None:
    key = identify("", link, "", feed=link).link
    if key is None:
        return None
    async with turn.desk.database.read() as connection:
        return await editing.find(connection, [key])


async def _not_known(turn: Turn, command: str) -> None:
    how = turn._("I know no article of this link. Write it behind the command: {command} https://…")
    await turn.say(how.format(command=command))


async def _topic(turn: Turn, name: str) -> Topic | None:
    """The tag of this name, or what readers follow in these words."""
    try:
        key = query.key(name)
    except TopicError:
        return None
    if tag := (await turn.catalogue()).find(name, turn.spoken).clear:
        return tag
    async with turn.desk.database.read() as connection:
        return await topics.by_key(connection, key)


def _text_behind_command(turn: Turn) -> str:
    """With its lines, which ``words`` does not keep."""
    said = (turn.message and turn.message.text) or ""
    return said.partition(next((sign for sign in said if sign.isspace()), " "))[2].strip()


def _number(turn: Turn, number: int) -> str:
    return format_decimal(number, locale=turn.language.locale)


def _chats(turn: Turn, number: int) -> str:
    return turn.language.ngettext("{number} chat", "{number} chats", number).format(number=_number(turn, number))


def _headline(article: Subject) -> str:
    return text.isolated(f"<b>{escape(shortened(article.headline, _SHOWN))}</b>")


def _bold(name: str) -> str:
    return text.isolated(f"<b>{escape(shortened(name))}</b>")
