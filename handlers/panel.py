"""One topic's own page, opened under an alert or out of /topics: how it is followed, and what can be changed.

Whatever is changed, the page is shown again as it then is, and its last button leads back to where it was opened.
"""

from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import InlineKeyboardMarkup, Message

from bot.alerts.message import More
from bot.model import Topic
from bot.store import follows, topics
from bot.store.follows import Follow
from bot.telegram.buttons import MAX_LABEL, Rows, shortened
from bot.telegram.presses import AboutTopic, Press, button
from bot.text import isolated
from bot.topics.reasons import Scope
from handlers import taps
from handlers.expecting import expectation
from handlers.latest import Older, On
from handlers.sentences import muted
from handlers.told import Told, reasons, told
from handlers.turn import Turn

DAY = 24
WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Closed(Press):
    """An alert as it came."""

    WORD: ClassVar[str] = "alert"
    article: int


@dataclass(frozen=True, slots=True)
class Listed(Press):
    """A page of what is followed; the first is 0."""

    WORD: ClassVar[str] = "topics"
    page: int


@dataclass(frozen=True, slots=True)
class Less(Press):
    """Show how often alerts come, and what else could be."""

    WORD: ClassVar[str] = "less"


Back = More | Closed | Listed


@dataclass(frozen=True, slots=True)
class Open(AboutTopic):
    """Open the page."""

    WORD: ClassVar[str] = "topic"
    back: Back


@dataclass(frozen=True, slots=True)
class Mute(AboutTopic):
    """Keep the topic silent for so many hours from now on, up to WEEK; 0 ends that."""

    WORD: ClassVar[str] = "mute"
    hours: int
    back: Back

    def __post_init__(self) -> None:
        """Raises ValueError for a time that no button says."""
        if not 0 <= self.hours <= WEEK:
            raise ValueError(f"{self.hours} hours are no time to be silent")


@dataclass(frozen=True, slots=True)
class Look(AboutTopic):
    """Say where a mention counts."""

    WORD: ClassVar[str] = "scope"
    scope: Scope
    back: Back


@dataclass(frozen=True, slots=True)
class Stop(AboutTopic):
    """Stop the topic."""

    WORD: ClassVar[str] = "stop"
    back: Back


@dataclass(frozen=True, slots=True)
class Resume(AboutTopic):
    """Follow it again."""

    WORD: ClassVar[str] = "resume"
    back: Back


Change = Open | Mute | Look | Stop | Resume
CHANGES: tuple[type[AboutTopic], ...] = (Open, Mute, Look, Stop, Resume)


async def press(turn: Turn, _: Message, press: Change) -> bool:
    """Change what the press says, and show the page as it then is."""
    async with turn.desk.database.write() as connection:
        topic = await topics.get(connection, press.topic)
        if topic is None:
            return False
        said = await _change(turn, connection, topic, press)
        follow = await follows.get(connection, turn.chat.id, topic.id)
    page = await show(turn, topic, follow, press.back)
    if page is None:
        return False
    await turn.acknowledge(said, alert=isinstance(press, Resume) and follow is None)
    await turn.edit(page.text, page.keyboard, page.preview)
    return True


async def _change(turn: Turn, connection: AsyncConnection, topic: Topic, press: Press) -> str | None:
    """Do what the press says; what to say of it beside the page."""
    now = turn.desk.clock()
    match press:
        case Mute(hours=hours):
            until = now + timedelta(hours=hours) if hours else None
            await follows.mute(connection, turn.chat.id, topic.id, until)
        case Look(scope=scope):
            await follows.set_scope(connection, turn.chat.id, topic.id, scope)
        case Stop():
            await follows.remove(connection, turn.chat.id, topic.id, now)
        case Resume():
            said = await taps.follow(turn, connection, topic)
            return said.format(topic=shortened(topic.name))
    return None


async def show(turn: Turn, topic: Topic, follow: Follow | None, back: Back) -> Told | None:
    """The page of a topic that is followed so, or not; None where the alert is gone under which it was opened."""
    keyboard = InlineKeyboardMarkup(_rows(turn, topic, follow, back))
    state = _state(turn, topic, follow)
    if isinstance(back, Listed):
        title = f"<b>{escape(topic.name)}</b>"
        return Told("\n\n".join([title, *await expectation(turn, await turn.catalogue(), topic), *state]), keyboard)
    alert = await told(turn, back.article)
    if alert is None:
        return None
    why = reasons(turn, ((match, topic) for match in alert.matches if match.topic_id == topic.id))
    return alert.with_more([*why, *state], keyboard)


def _state(turn: Turn, topic: Topic, follow: Follow | None) -> list[str]:
    if follow is None:
        return [turn._("You no longer follow {topic}.").format(topic=isolated(f"<b>{escape(topic.name)}</b>"))]
    said = [_looks(turn, follow)]
    return [*said, f"🔕 {silence}"] if (silence := muted(turn, follow.muted_until)) else said


def _looks(turn: Turn, follow: Follow) -> str:
    """Where a mention counts, in a sentence."""
    match follow.scope:
        case Scope.TAGS:
            return turn._("🔎 Only the site’s own tags count.")
        case Scope.ANYWHERE:
            return turn._("🔎 A mention anywhere in an article counts.")
        case _:
            return turn._("🔎 Tags and mentions in headline and teaser count.")


def _rows(turn: Turn, topic: Topic, follow: Follow | None, back: Back) -> Rows:
    _ = turn._
    leave = [button(_("‹ Back"), back)]
    if follow is None:
        return [[button(_("+ Follow again"), Resume(topic.id, back))], leave]
    if muted(turn, follow.muted_until):
        silence = [button(_("🔔 Unmute"), Mute(topic.id, 0, back))]
    else:
        silence = [
            button(_("🔕 For a day"), Mute(topic.id, DAY, back)),
            button(_("🔕 For a week"), Mute(topic.id, WEEK, back)),
        ]
    looks = {Scope.TAGS: _("Tags only"), Scope.HEADLINE: _("Headlines"), Scope.ANYWHERE: _("Anywhere")}
    scopes = [
        button(f"✓ {label}" if each == follow.scope else label, Look(topic.id, each, back))
        for each, label in looks.items()
    ]
    stop = _("Stop {topic}").format(topic=topic.name)
    if isinstance(back, Listed):  # here the topic stands in bold in the first line
        further = button(_("See the latest"), Older(On.WORDS))
    else:
        further = button(_("Less often …"), Less())
    return [silence, scopes, [button(shortened(stop, MAX_LABEL), Stop(topic.id, back))], [further, *leave]]
