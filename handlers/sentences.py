"""Parts of sentences that several handlers say."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape, unescape

from bot.telegram.buttons import shortened
from bot.text import isolated
from bot.topics.query import MAX_CHARACTERS, MAX_TOPICS
from handlers.turn import Turn

NAMES = 2_400
"""Characters that the names in one sentence have together, in UTF-16 units: somewhat more than half a message."""
FEW = 3
"""Names that are said again in a further sentence."""
_TAG = re.compile("<[^<>]*>")


def bold(names: Sequence[str], turn: Turn, most: int = MAX_TOPICS) -> str:
    """Names in bold, as a list in a sentence: "A, B and C"; of very many, the first and how many more."""
    each = NAMES // len(names[:most])
    *some, last = [isolated(f"<b>{escape(shortened(name, each))}</b>") for name in names[:most]]
    if (more := len(names) - most) > 0:
        some, last = [*some, last], turn.language.ngettext("{number} more", "{number} more", more).format(number=more)
    return turn._("{some} and {last}").format(some=", ".join(some), last=last) if some else last


def too_fast(turn: Turn) -> str:
    """Said to who asks too much at once."""
    return turn._("You are faster than I am. Please give me half a minute.")


def unmarked(said: str) -> str:
    """A sentence of ours without its HTML, for a notice, which has none."""
    return unescape(_TAG.sub("", said))


def only_admins(turn: Turn) -> str:
    """Said in a group to who may not change what it follows."""
    return turn._("Only admins change what is followed here. In our private chat you can follow for yourself.")


def too_long(turn: Turn) -> str:
    """Said of words that are too long for a topic."""
    return turn._(
        "That is too long for a topic: it may have {characters} characters."
        " A name or two or three words work best, such as <b>North Korea</b>."
    ).format(characters=MAX_CHARACTERS)


def no_words(turn: Turn) -> str:
    """Said of words without a letter."""
    return turn._("I can only follow words: a name, a place or a subject, such as <b>North Korea</b>.")


def too_many(turn: Turn) -> str:
    """Said of more topics than one message may name."""
    return turn._("That is a lot at once: please send at most {number} topics in a message.").format(number=MAX_TOPICS)


def says_nothing(turn: Turn, names: Sequence[str]) -> str:
    """Said of words that are in nearly every article."""
    return turn._(
        "{topics} would bring you nearly every article. A name, a place or a subject works best,"
        " such as <b>North Korea</b>."
    ).format(topics=bold(names, turn))


def unclear(turn: Turn, words: str, position: int) -> str:
    """Said of a query that cannot be understood, with a mark at the place."""
    marked = f"<code>{escape(words[:position])}▸{escape(words[position:])}</code>"
    return turn._(
        "I cannot read this from the mark on: {query}\n"
        "Quotes and brackets come in pairs; AND and OR stand between words, - before what you do not want."
    ).format(query=marked)


def no_room(turn: Turn) -> str:
    """Said in a notice of a topic for which the chat has no room; at most 200 characters."""
    most = turn.desk.follows_per_chat
    return turn.language.ngettext(
        "You follow {number} topic, and more I cannot keep for one chat. /topics shows what you follow.",
        "You follow {number} topics, and more I cannot keep for one chat. /topics shows what you follow.",
        most,
    ).format(number=most)


def full(turn: Turn, names: Sequence[str]) -> str:
    """Said of topics for which the chat has no room."""
    most = turn.desk.follows_per_chat
    return turn.language.ngettext(
        "You follow {number} topic, and more I cannot keep for one chat, so I left out {topics}."
        " /topics shows what you follow: stop one to make room.",
        "You follow {number} topics, and more I cannot keep for one chat, so I left out {topics}."
        " /topics shows what you follow: stop one to make room.",
        most,
    ).format(number=most, topics=bold(names, turn))


def muted(turn: Turn, until: datetime | None) -> str:
    """For how long a topic stays muted; empty where it is not."""
    left = until - turn.desk.clock() if until else timedelta(0)
    return turn._("Muted for {time} more.").format(time=span(turn, left)) if left > timedelta(0) else ""


def span(turn: Turn, time: timedelta) -> str:
    """A span of time in its largest unit."""
    minutes = max(1, round(time / timedelta(minutes=1)))
    hours, days = round(minutes / 60), round(minutes / 60 / 24)
    ngettext = turn.language.ngettext
    if days > 1:
        return ngettext("{number} day", "{number} days", days).format(number=days)
    if hours > 1:
        return ngettext("{number} hour", "{number} hours", hours).format(number=hours)
    return ngettext("{number} minute", "{number} minutes", minutes).format(number=minutes)
