"""/privacy, /export and /forget: what is kept of a chat, handed over, and deleted."""

import json
from dataclasses import dataclass
from typing import ClassVar

from telegram import InlineKeyboardMarkup, Message

from bot.store import personal
from bot.telegram.presses import Press, button
from handlers.turn import Turn

FILE_NAME = "tagalong.json"


@dataclass(frozen=True, slots=True)
class Forget(Press):
    """Delete everything, after all."""

    WORD: ClassVar[str] = "forget"


@dataclass(frozen=True, slots=True)
class Keep(Press):
    """Delete nothing."""

    WORD: ClassVar[str] = "keep"


async def privacy(turn: Turn) -> None:
    """Say in plain words what is kept."""
    _ = turn._
    paragraphs = [
        _("<b>What I keep, and what not</b>"),
        _(
            "Of this chat I keep its number at Telegram, its language, the topics followed here, what was chosen in"
            " /settings, and which articles I have told of. Of who never followed or chose anything I keep nothing."
        ),
        _(
            "I keep no name, no phone number and none of your messages. A location becomes a time zone and is not kept."
            " The newsroom sees how many follow a topic and which words were looked for, never who."
        ),
        *_of_taps(turn),
        _("/export sends you all of it as a file. /forget deletes all of it, at once."),
    ]
    await turn.say("\n\n".join(paragraphs))


def _of_taps(turn: Turn) -> list[str]:
    """What is kept besides where the publisher wants to know who read what."""
    links = turn.desk.site.links
    return [turn._("I also keep which of them were opened here.")] if links and links.per_reader else []


async def export(turn: Turn) -> None:
    """Send everything that is kept of the chat as a file."""
    async with turn.desk.database.read() as connection:
        kept = await personal.export(connection, turn.chat.id)
    if not any(rows for name, rows in kept.items() if name != personal.PASSING):
        await turn.say(turn._("I keep nothing about this chat."))
        return
    content = json.dumps(kept, ensure_ascii=False, indent=2).encode()
    await turn.send(FILE_NAME, content, turn._("This is everything that I keep about this chat."))


async def forget(turn: Turn) -> None:
    """Ask whether everything is to be deleted."""
    _ = turn._
    question = _(
        "Shall I delete everything that I keep about this chat: its topics, its settings, and what I have told it?"
        " That cannot be undone."
    )
    keyboard = [[button(_("Delete everything"), Forget())], [button(_("Keep it"), Keep())]]
    await turn.say(question, InlineKeyboardMarkup(keyboard))


async def answer(turn: Turn, _: Message, press: Forget | Keep) -> bool:
    """Delete everything, or nothing."""
    await turn.acknowledge()
    if isinstance(press, Keep):
        await turn.edit(turn._("Everything stays as it is."))
        return True
    async with turn.desk.database.write() as connection:
        await personal.forget(connection, turn.chat.id, turn.desk.clock())
    await turn.edit(turn._("Done: I have forgotten this chat. /start begins anew, whenever you like."))
    return True
