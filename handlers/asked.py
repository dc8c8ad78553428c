"""What a reader asks for: words sorted into topics and sentences about what cannot be one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from telegram import Message
from telegram.constants import MessageEntityType

from bot.errors import QueryUnclear, TopicEmpty, TopicTooLong
from bot.topics import query
from handlers.sentences import no_words, too_long, too_many, unclear
from handlers.turn import Turn

MAX_COMPLAINTS = 4
"""Said in one answer: with what they quote they must fit into a message."""


@dataclass(slots=True)
class Asked:
    """Names of topics and queries, and what to say of the other words."""

    names: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


async def read(words: str, turn: Turn) -> Asked:
    """Sort what stands between commas; a tag that has a comma in its name is one topic."""
    whole = " ".join(words.split())
    if "," in whole and (await turn.catalogue()).has(whole):
        return sort([whole], turn)
    return sort(query.split(words), turn)


def sort(names: Iterable[str], turn: Turn) -> Asked:
    """Sort names into those that can be a topic and complaints about the others, each of those once."""
    names = list(names)
    if len(names) > query.MAX_TOPICS:
        return Asked(complaints=[too_many(turn)])
    asked = Asked()
    for name in names:
        try:
            query.parse(name)
        except TopicTooLong:
            asked.complaints.append(too_long(turn))
        except TopicEmpty:
            asked.complaints.append(no_words(turn))
        except QueryUnclear as error:
            asked.complaints.append(unclear(turn, name, error.position))
        else:
            asked.names.append(name)
    asked.complaints = list(dict.fromkeys(asked.complaints))[:MAX_COMPLAINTS]
    return asked


def in_bold(message: Message) -> list[str]:
    """What stands in bold in one of the bot's own messages, in the first line that has any: what it is about.

    Telegram cuts bold where a link, a hashtag or the like begins: what touches is one.
    """
    found: list[str] = []
    units = (message.text or "").encode("utf-16-le")
    end = -1
    for entity, part in message.parse_entities([MessageEntityType.BOLD]).items():
        if found and "\n" in units[end * 2 : entity.offset * 2].decode("utf-16-le"):
            break
        if entity.offset == end:
            found[-1] += part
        else:
            found.append(part)
        end = entity.offset + entity.length
    return found
