"""Where the reader is: /zone with a city or a country, a shared location, or what the clock on the wall shows.

Of a location only its time zone is kept.
"""

from dataclasses import replace
from datetime import timedelta

from telegram import InlineKeyboardMarkup, Message

from bot.alerts import places, zones
from bot.telegram.buttons import in_rows
from bot.telegram.presses import button
from handlers.settings import apply, show, view
from handlers.settings_choices import Open, Page, ShowZones
from handlers.settings_pages import choice_of_zones
from handlers.turn import Turn


async def zone(turn: Turn) -> None:
    """Go by the clocks of the place that the words name; ask where several may be meant."""
    if not turn.words:
        await show(turn, Page.ZONE)
        return
    found = places.find(turn.words, turn.language.locale, turn.desk.clock())
    if found.sure:
        await _go_by(turn, found.zones[0])
        return
    if found.zones:
        text = turn._("Which of these is your time?")
    else:
        text = turn._("I do not know this place. A big city near you may do, or your country, or your clock:")
    await turn.say(text, await _choice(turn, found.zones))


async def location(turn: Turn) -> None:
    """Go by the clocks of the place that was shared."""
    shared = turn.message.location if turn.message else None
    if shared is not None:
        await _go_by(turn, zones.at(shared.latitude, shared.longitude))


async def show_zones(turn: Turn, _: Message, press: ShowZones) -> bool:
    """Go by the zone whose clocks show what the reader's does; ask where there are several."""
    found = zones.showing(timedelta(minutes=press.minutes), turn.desk.clock())
    if not found:
        return False
    await turn.acknowledge()
    if len(found) > 1:
        await turn.edit(turn._("And whose clocks change as yours do?"), await _choice(turn, found))
    else:
        await _go_by(turn, found[0])
    return True


async def _go_by(turn: Turn, name: str) -> None:
    await apply(turn, lambda before: replace(before, zone=name))
    await show(turn, Page.ZONE)


async def _choice(turn: Turn, found: tuple[str, ...]) -> InlineKeyboardMarkup:
    by_clock = button(f"🕒 {turn._('By my clock')}", Open(Page.CLOCKS))
    return InlineKeyboardMarkup(in_rows([*choice_of_zones(found, await view(turn)), by_clock]))
