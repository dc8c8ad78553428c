"""What to say when a reader's words are understood by nobody, or when something breaks."""

from collections.abc import Iterable, Mapping
from html import escape

import structlog
from rapidfuzz import process
from rapidfuzz.distance import OSA
from telegram import Update
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.errors import StoreUnreachable
from handlers.admission import read
from handlers.turn import Context, Desk, Handler, Turn

log = structlog.stdlib.get_logger()

LONGEST_COMMAND = 33
"""Characters, with the slash; https://core.telegram.org/bots/api#botcommand has no longer ones."""


SYNONYMS = {
    "add": "follow", "stop": "unfollow", "remove": "unfollow", "list": "topics", "news": "latest", "search": "latest",
    "timezone": "zone", "menu": "help",
}  # fmt: skip
"""What readers try who know other bots, and the command that is meant."""
SURE_OF_TWO = 7
"""Letters that a command needs for two slips in it to be beyond doubt."""


async def unknown_command(turn: Turn, known: Mapping[str, Handler]) -> None:
    """Do what must be meant where a command is misspelt or another bot's; else say that there is none."""
    meant = _meant(_command(turn)[1:].partition("@")[0].lower(), known)
    await (known[meant](turn) if meant else no_such_command(turn))


async def no_such_command(turn: Turn) -> None:
    """Say kindly that there is no such command."""
    await turn.say(
        turn._("I do not know {command}. /follow follows a topic, /help shows all I can do.").format(
            command=escape(_command(turn))
        )
    )


def _command(turn: Turn) -> str:
    command, *_ = ((turn.message and turn.message.text) or "/").split()
    return command[:LONGEST_COMMAND]


def _meant(command: str, known: Iterable[str]) -> str | None:
    slips = 2 if len(command) >= SURE_OF_TWO else 1
    near = process.extractOne(command, list(known), scorer=OSA.distance, score_cutoff=slips)
    return SYNONYMS.get(command) or (near[0] if near else None)


async def not_words(turn: Turn) -> None:
    """Answer a photo, a sticker or whatever else is not text."""
    await turn.say(turn._("I understand only words: send me a topic, such as North Korea, or /help."))


async def report(update: object, context: Context, desk: Desk) -> None:
    """Log what went wrong with an update, without its text, and tell the reader."""
    error = context.error
    number = update.update_id if isinstance(update, Update) else None
    match error:
        case Forbidden() | BadRequest():
            log.info("answer refused", update=number, reason=str(error))
            return
        case TelegramError():
            log.warning("answer not sent", update=number, reason=str(error))
            return
        case StoreUnreachable():
            log.error("answer not possible", update=number, error=str(error))
        case _:
            log.error("update failed", update=number, exc_info=error)
    turn = read(update, desk, context) if isinstance(update, Update) else None
    if turn is None:
        return
    sorry = turn._("Sorry, that did not work just now. Please try again in a minute.")
    try:
        await (turn.acknowledge(sorry, alert=True) if turn.query else turn.say(sorry))
    except TelegramError as second:
        log.warning("apology not sent", update=number, reason=str(second))
