"""/topics: what is followed, page by page, with a way to each topic's own page; and an end to all, to be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import ClassVar

from telegram import InlineKeyboardMarkup, Message

from bot.store import follows, stopped
from bot.store.follows import Follow
from bot.telegram.buttons import Rows, in_rows, shortened
from bot.telegram.presses import Press, button
from bot.text import isolated
from bot.topics.expecting import Expectation
from bot.topics.reasons import Scope
from handlers.expecting import expected_of, how_often
from handlers.panel import Listed, Open
from handlers.sentences import bold, muted
from handlers.turn import Turn

PAGE = 8
"""Topics on a page: as many as a phone shows at once."""


class Step(StrEnum):
    """What to do about stopping all topics."""

    ASK = "ask"
    DO = "do"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class StopAll(Press):
    """Stop all topics: asked first, and undone for an hour."""

    WORD: ClassVar[str] = "stopall"
    step: Step


async def show(turn: Turn) -> None:
    """Answer with the first page."""
    await turn.say(*await _page(turn, 0))


async def leaf(turn: Turn, _: Message, press: Listed) -> bool:
    """Show another page in the same message."""
    await turn.acknowledge()
    await turn.edit(*await _page(turn, press.page))
    return True


async def stop_all(turn: Turn, _: Message, press: StopAll) -> bool:
    """Ask whether all are to be stopped, stop them, or take that back."""
    steps = {Step.ASK: _ask, Step.DO: _stop, Step.UNDO: _undo}
    said, keyboard = await steps[press.step](turn)
    await turn.acknowledge()
    await turn.edit(said, keyboard)
    return True


async def _page(turn: Turn, page: int) -> tuple[str, InlineKeyboardMarkup | None]:
    async with turn.desk.database.read() as connection:
        followed = await follows.details(connection, turn.chat.id)
    if not followed:
        return turn._("You follow no topics yet. /follow shows what you could follow."), None
    last = (len(followed) - 1) // PAGE
    page = max(0, min(page, last))
    shown = followed[page * PAGE : (page + 1) * PAGE]
    title = turn.language.ngettext(
        "You follow {number} topic. Tap it to change it:",
        "You follow {number} topics. Tap one to change it:",
        len(followed),
    ).format(number=len(followed))
    expected = await expected_of(turn, await turn.catalogue(), [follow.topic for follow in shown])
    lines = [_line(turn, follow, expects) for follow, expects in zip(shown, expected, strict=True)]
    return "\n".join([title, "", *lines]), InlineKeyboardMarkup(_rows(turn, shown, page, last))


def _line(turn: Turn, follow: Follow, expected: Expectation | None) -> str:
    name = isolated(f"<b>{escape(shortened(follow.topic.name))}</b>")
    facts = [
        how_often(turn, expected) if expected else "",
        turn._("tags only") if follow.scope == Scope.TAGS else "",
        turn._("anywhere") if follow.scope == Scope.ANYWHERE else "",
        "🔕" if muted(turn, follow.muted_until) else "",
    ]
    return " · ".join([name, *filter(None, facts)])


def _rows(turn: Turn, shown: Sequence[Follow], page: int, last: int) -> Rows:
    ways = [button(shortened(follow.topic.name), Open(follow.topic.id, Listed(page))) for follow in shown]
    leafing = [
        *([button("‹", Listed(page - 1))] if page > 0 else []),
        *([button("›", Listed(page + 1))] if page < last else []),
    ]
    ending = [button(turn._("Stop all …"), StopAll(Step.ASK))] if last or len(shown) > 1 else []
    return [*in_rows(ways), *filter(None, (leafing, ending))]


async def _ask(turn: Turn) -> tuple[str, InlineKeyboardMarkup | None]:
    async with turn.desk.database.read() as connection:
        number = await follows.number_of(connection, turn.chat.id)
    question = turn.language.ngettext(
        "Shall I stop telling you about all {number} topic?",
        "Shall I stop telling you about all {number} topics?",
        number,
    )
    sure = button(turn._("Yes, stop all"), StopAll(Step.DO))
    return question.format(number=number), InlineKeyboardMarkup([[sure], [button(turn._("‹ Back"), Listed(0))]])


async def _stop(turn: Turn) -> tuple[str, InlineKeyboardMarkup | None]:
    async with turn.desk.database.write() as connection:
        await stopped.stop_all(connection, turn.chat.id, turn.desk.clock())
    said = turn._("You follow nothing any more. If that was a slip, you can undo it for an hour.")
    return said, InlineKeyboardMarkup([[button(turn._("Undo"), StopAll(Step.UNDO))]])


async def _undo(turn: Turn) -> tuple[str, InlineKeyboardMarkup | None]:
    desk = turn.desk
    async with desk.database.write() as connection:
        again = await stopped.undo(connection, turn.chat.id, desk.clock(), desk.follows_per_chat)
    if not again:
        return turn._("There is nothing to undo any more. /follow shows what you could follow."), None
    said = turn._("You follow {topics} again.").format(topics=bold([topic.name for topic in again], turn))
    return said, InlineKeyboardMarkup([[button(turn._("See my topics"), Listed(0))]])
