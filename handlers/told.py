"""An alert that a chat was told, taken up again: as it stands there, and why it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from telegram import InlineKeyboardMarkup, LinkPreviewOptions

from bot import text
from bot.alerts.message import NO_PREVIEW, render
from bot.model import Topic
from bot.store import matches
from bot.store import told as store
from bot.store.matches import Match
from bot.topics.reasons import Where
from handlers.turn import Turn

MAX_WORDS = 60
"""Characters of the words that are said to be found."""


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


async def told(turn: Turn, article_id: int) -> Told | None:
    """The alert of an article as its chat would see it now; None where the chat was never told, or long ago."""
    async with turn.desk.database.read() as connection:
        alert = await store.alert(connection, turn.chat, article_id)
        if alert is None:
            return None
        found = await matches.for_chat(connection, article_id, turn.chat.id)
    message = render(alert, turn.desk.site, turn.language)
    shown = () if alert.article.withdrawn else tuple(found)
    return Told(message.text, message.keyboard, message.preview, shown)


def why(turn: Turn, match: Match, topic: Topic) -> str:
    """A sentence on why an article came to who follows this topic."""
    _ = turn._
    name = text.isolated(f"<b>{escape(topic.name)}</b>")
    if match.found_in == Where.BODY:
        return _("You got this because the article mentions {topic}.").format(topic=name)
    words = text.isolated(f"<i>{escape((match.words or '')[:MAX_WORDS])}</i>")
    if not match.words or (match.found_in == Where.TAG and text.key(match.words) == topic.key):
        sentence = (
            _("You got this because it is tagged {topic}.")
            if match.found_in == Where.TAG
            else _("You got this because it is about {topic}.")
        )
    elif match.found_in == Where.TAG:
        sentence = _("You got this because it is tagged {words}, and you follow {topic}.")
    elif match.found_in == Where.HEADLINE:
        sentence = _("You got this because its headline says {words}, and you follow {topic}.")
    else:
        sentence = _("You got this because its teaser says {words}, and you follow {topic}.")
    return sentence.format(topic=name, words=words)
