"""/latest: the newest articles, leafed through in one message, on everything or on what the reader names."""

from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from typing import ClassVar

from telegram import InlineKeyboardMarkup, Message

from bot import text
from bot.alerts.message import show
from bot.model import StoredArticle, Topic
from bot.store import articles, follows, told, topics
from bot.store import latest as store
from bot.store.latest import Shelf
from bot.telegram.buttons import Rows, chips, shortened
from bot.telegram.presses import Press, button
from bot.topics import query
from handlers.asked import in_bold, sort
from handlers.keyboards import Offer
from handlers.sentences import span
from handlers.told import Told
from handlers.turn import Turn


class On(StrEnum):
    """What the articles are about: everything, or what stands in bold in the message's first line."""

    EVERYTHING = "all"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Older(Press):
    """Show the next older article; from 0 on, the newest of all."""

    WORD: ClassVar[str] = "older"
    on: On
    article: int = 0


@dataclass(frozen=True, slots=True)
class Newer(Press):
    """Show the next newer article."""

    WORD: ClassVar[str] = "newer"
    on: On
    article: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What a reader wants the latest on: a topic where there is one, and what a search for its words found."""

    name: str
    shelf: Shelf
    topic: Topic | None = None
    is_followed: bool = False


async def latest(turn: Turn) -> None:
    """Answer with the newest article on what stands behind the command, or of all."""
    words = " ".join(turn.words.split())
    asked = sort([words] if words else [], turn)
    if asked.complaints:
        await turn.say("\n\n".join(asked.complaints))
        return
    page = await _page(turn, words or None, Older(On.WORDS if words else On.EVERYTHING))
    await turn.say(page.text, page.keyboard, page.preview)


async def leaf(turn: Turn, message: Message, press: Older | Newer) -> bool:
    """Show another article in the same message."""
    name = None
    if press.on is On.WORDS:
        asked = sort(in_bold(message)[:1], turn)
        if not asked.names:
            return False
        (name,) = asked.names
    page = await _page(turn, name, press)
    await turn.acknowledge()
    await turn.edit(page.text, page.keyboard, page.preview)
    return True


async def _page(turn: Turn, name: str | None, press: Older | Newer) -> Told:
    about = await subject(turn, name) if name else None
    shelf = about.shelf if about else Shelf()
    async with turn.desk.database.read() as connection:
        if isinstance(press, Newer):
            found = await store.newer(connection, shelf, press.article)
        else:
            found = await store.older(connection, shelf, press.article or None)
        if found is None:
            return _nothing(turn, about)
        article = (await articles.get(connection, [found]))[found]
        alert = await told.as_told(connection, turn.chat, article)
        newer = await store.newer(connection, shelf, found)
        older = await store.older(connection, shelf, found)
    if about and about.topic:  # it has a chip of its own
        alert = replace(alert, followed=alert.followed | {about.topic.id})
    message = show(alert, turn.desk.site, turn.language)
    leafing = [
        *([button(turn._("‹ Newer"), Newer(press.on, found))] if newer else []),
        *([button(turn._("Older ›"), Older(press.on, found))] if older else []),
    ]
    rows: Rows = [*map(list, message.keyboard.inline_keyboard), *_offer(turn, about)]
    keyboard = InlineKeyboardMarkup([*rows, leafing] if leafing else rows)
    return Told(f"{_title(turn, about, article)}\n\n{message.text}", keyboard, message.preview)


async def subject(turn: Turn, name: str) -> Subject:
    """The tag that is clearly meant; else the words as they are, followed by somebody or not."""
    catalogue = await turn.catalogue()
    is_plain = query.key(name) == text.key(name)
    topic = catalogue.find(name, turn.spoken).clear if is_plain else None
    key = topic.key if topic else query.key(name)
    async with turn.desk.database.read() as connection:
        topic = topic or await topics.by_key(connection, key)
        is_followed = topic is not None and await follows.get(connection, turn.chat.id, topic.id) is not None
    found = catalogue.recent.saying(key) if is_plain else []
    return Subject(topic.name if topic else name, Shelf(topic.id if topic else None, found), topic, is_followed)


def _title(turn: Turn, about: Subject | None, article: StoredArticle) -> str:
    if about:
        title = turn._("Latest on {topic}").format(topic=text.isolated(f"<b>{escape(about.name)}</b>"))
    else:
        title = turn._("Latest articles")
    age = turn.desk.clock() - (article.published_at or article.seen_at)
    return f"{title} · {turn._('{time} ago').format(time=span(turn, age))}"


def _nothing(turn: Turn, about: Subject | None) -> Told:
    if about is None:
        return Told(turn._("There are no articles yet."), InlineKeyboardMarkup([]))
    said = turn._("I have found nothing on {topic} lately.").format(topic=text.isolated(f"<b>{escape(about.name)}</b>"))
    return Told(said, InlineKeyboardMarkup(_offer(turn, about)))


def _offer(turn: Turn, about: Subject | None) -> Rows:
    """A button to follow what was named: where it is a topic already, its chip."""
    if about is None:
        return []
    if about.topic is not None:
        return [chips([about.topic], {about.topic.id} if about.is_followed else ())]
    return [[button(shortened(turn._("+ Follow {topic}").format(topic=about.name)), Offer())]]
