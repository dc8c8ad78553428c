"""/settings, /digest, /quiet, /mute and the buttons of the settings: when alerts come, and how they look.

A command with words does what they say, and every command answers with the page on which its buttons are.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from telegram import Message

from bot.alerts import choosing, timing, when, zones
from bot.alerts.offering import DeclineDigest, TakeDigest
from bot.model import ChatKind, ChatSettings, Rhythm
from bot.store import chats
from handlers import settings_pages
from handlers.settings_choices import Choice, Open, Page, SetMute, SetRhythm
from handlers.settings_pages import View
from handlers.settings_words import vocabulary
from handlers.turn import Turn

Change = Callable[[ChatSettings], ChatSettings]


async def settings(turn: Turn) -> None:
    """Show everything that can be chosen."""
    await show(turn, Page.MAIN)


async def digest(turn: Turn) -> None:
    """Let alerts come as the words say: at once, hourly, daily at a time, weekly on a day."""
    meant = when.rhythm(turn.words, vocabulary(turn.language))
    if meant is None:
        await show(turn, Page.RHYTHM, misread=bool(turn.words))
        return
    rhythm, at, day = meant

    def change(before: ChatSettings) -> ChatSettings:
        return replace(
            before,
            digest=rhythm,
            digest_at=before.digest_at if at is None else at,
            digest_day=before.digest_day if day is None else day,
        )

    await apply(turn, change)
    await show(turn, Page.RHYTHM)


async def quiet(turn: Turn) -> None:
    """Have the quiet hours that the words say, or none."""
    hours = when.quiet_hours(turn.words)
    if hours is None and not when.is_off(turn.words, vocabulary(turn.language)):
        await show(turn, Page.QUIET, misread=bool(turn.words))
        return
    begin, end = hours or (None, None)
    await apply(turn, lambda before: replace(before, quiet_from=begin, quiet_until=end))
    await show(turn, Page.QUIET)


async def mute(turn: Turn) -> None:
    """Be silent as long as the words say, or no longer."""
    if not await _mute(turn, turn.words):
        await show(turn, Page.MUTE, misread=bool(turn.words))


async def open_page(turn: Turn, _: Message, press: Open) -> bool:
    """Turn to a page."""
    await turn.acknowledge()
    await show(turn, press.page)
    return True


async def choose(turn: Turn, _: Message, press: Choice) -> bool:
    """Change a setting, and let its page show it."""
    await turn.acknowledge()
    await apply(turn, lambda before: replace(before, **press.chosen))
    await show(turn, press.PAGE)
    return True


async def mute_for(turn: Turn, _: Message, press: SetMute) -> bool:
    """Be silent so long, or no longer."""
    await turn.acknowledge()
    return await _mute(turn, press.length)


async def take_digest(turn: Turn, message: Message, _: TakeDigest) -> bool:
    """Rather have a digest, as was offered; its page lets the time be chosen."""
    return await choose(turn, message, SetRhythm(Rhythm.DAILY))


async def decline_digest(turn: Turn, _: Message, __: DeclineDigest) -> bool:
    """Keep it as it is."""
    await turn.acknowledge()
    await turn.edit(turn._("All right, alerts keep coming at once. /digest changes that whenever you like."))
    return True


async def apply(turn: Turn, change: Change) -> None:
    """Change what the chat chose. Where it thereby needs a time zone, the only one that is likely is taken for its own
    until it says otherwise."""
    now = turn.desk.clock()
    likely = likely_zones(turn, now)

    def placed(before: ChatSettings) -> ChatSettings:
        after = change(before)
        if after.zone is None and len(likely) == 1 and timing.needs_zone(after):
            return replace(after, zone=likely[0])
        return after

    async with turn.desk.database.write() as connection:
        await choosing.choose(connection, turn.chat, placed, now)


async def show(turn: Turn, page: Page, *, misread: bool = False, said: str | None = None) -> None:
    """Answer with a page: in place of the one that was tapped, after a command in a message of its own.

    Above it stands what was ``said``, or that the reader's words were not understood.
    """
    text, keyboard = settings_pages.show(page, await view(turn))
    if above := turn._("I did not understand that.") if misread else said:
        text = f"{above}\n\n{text}"
    await (turn.edit(text, keyboard) if turn.query else turn.say(text, keyboard))


async def view(turn: Turn) -> View:
    """What the pages show to this chat."""
    now = turn.desk.clock()
    is_private = turn.here.kind is ChatKind.PRIVATE
    return View(await _chosen(turn), turn.language, now, likely_zones(turn, now), is_private)


def likely_zones(turn: Turn, now: datetime) -> tuple[str, ...]:
    """The zones in which the reader may well be: the site's, else those that the reader's languages hint at."""
    if turn.desk.zone:
        return (turn.desk.zone,)
    return zones.of_language(turn.here.language, now) or zones.of_language(turn.spoken, now)


async def _mute(turn: Turn, words: str) -> bool:
    """Be silent as long as the words say, and show it; whether they say anything."""
    known = vocabulary(turn.language)
    until = when.mute_until(words, await _chosen(turn), turn.desk.clock(), known)
    if until is None and not when.is_off(words, known):
        return False
    await apply(turn, lambda before: replace(before, muted_until=until))
    await show(turn, Page.MUTE, said=None if until else turn._("Alerts reach you again."))
    return True


async def _chosen(turn: Turn) -> ChatSettings:
    async with turn.desk.database.read() as connection:
        return (await chats.settings(connection, [turn.chat.id])).get(turn.chat.id, ChatSettings())
