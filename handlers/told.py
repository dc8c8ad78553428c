"""An alert that a chat was told, taken up again: as it stands there, and why it came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from telegram import InlineKeyboardMarkup, LinkPreviewOptions

from bot import text
from bot.alerts.message import NO_PREVIEW, render
from bot.model import Topic
from bot.store import corrections, matches
from bot.store import told as store
from bot.store.matches import Match
from bot.telegram.buttons import shortened
from bot.topics.reasons import Where
from handlers.sentences import bold
from handlers.turn import Turn

MAX_WORDS = 60
"""Characters of the words that are said to be found, and of a topic's name beside them."""
OPEN = timedelta(minutes=10)
"""So long after the last tap under an alert its reader is taken to look at it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message, and of an alert's the matches of what its chat follows."""

    text: str
    keyboard: InlineKeyboardMarkup
    preview: LinkPreviewOptions = NO_PREVIEW
    matches: tuple[Match, ...] = ()

    def with_more(self, lines: Sequence[str], keyboard: InlineKeyboardMarkup) -> "Told":
        """The same with more lines below, and another keyboard."""
        below = "\n".join(lines)
        return Told(f"{self.text}\n\n{below}", keyboard, self.preview, self.matches)


async def told(turn: Turn, article_id: int, *, opened: bool = True) -> Told | None:
    """The alert of an article as its chat would see it now; None where the chat was never told, or long ago.

    While it is ``opened``, nothing corrects it in its chat: that would close what its reader looks at.
    """
    now = turn.desk.clock()
    async with turn.desk.database.write() as connection:
        alert = await store.alert(connection, turn.chat, article_id)
        if alert is None:
            return None
        await corrections.put_off(connection, alert.id, now + OPEN if opened else now)
        found = await matches.for_chat(connection, article_id, turn.chat.id)
    message = render(alert, turn.desk.site, turn.language)
    shown = () if alert.article.withdrawn else tuple(found)
    return Told(message.text, message.keyboard, message.preview, shown)


def reasons(turn: Turn, found: Iterable[tuple[Match, Topic]]) -> list[str]:
    """Sentences on why an article came to who follows these topics; what it is tagged with makes one."""
    found = list(found)
    tagged = [topic for match, topic in found if _is_tagged(match, topic)]
    said = [turn._("You got this because it is tagged {topic}.").format(topic=_named(turn, tagged))] if tagged else []
    return [*said, *(_why(turn, match, topic) for match, topic in found if topic not in tagged)]


def _is_tagged(match: Match, topic: Topic) -> bool:
    return match.found_in == Where.TAG and (not match.words or text.key(match.words) == topic.key)


def _named(turn: Turn, topics: Iterable[Topic]) -> str:
    return bold([shortened(topic.name, MAX_WORDS) for topic in topics], turn)


def _why(turn: Turn, match: Match, topic: Topic) -> str:
    _ = turn._
    words = text.isolated(f"<i>{escape(shortened(match.words or '', MAX_WORDS))}</i>")
    if match.found_in == Where.BODY:
        sentence = _("You got this because the article mentions {topic}.")
    elif not match.words:
        sentence = _("You got this because it is about {topic}.")
    elif match.found_in == Where.TAG:
        sentence = _("You got this because it is tagged {words}, and you follow {topic}.")
    elif match.found_in == Where.HEADLINE:
        sentence = _("You got this because its headline says {words}, and you follow {topic}.")
    else:
        sentence = _("You got this because its teaser says {words}, and you follow {topic}.")
    return sentence.format(topic=_named(turn, [topic]), words=words)
