"""What a reader may expect of a topic."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.model import Topic
from bot.store import coverage
from bot.telegram.buttons import shortened
from bot.topics import grammar
from bot.topics.catalogue import Catalogue
from bot.topics.expecting import LOOKED_BACK, Expectation, expect, of_query
from handlers.turn import Turn

MAX_HEADLINE = 250


async def expectation(turn: Turn, catalogue: Catalogue, topic: Topic) -> list[str]:
    """A paragraph on how often there is an article and what the latest was; none where that cannot be said."""
    (expected,) = await expected_of(turn, catalogue, [topic])
    return [_said(turn, expected)] if expected else []


async def expected_of(turn: Turn, catalogue: Catalogue, topics: Sequence[Topic]) -> list[Expectation | None]:
    """What to expect of each; None while the archive is empty."""
    if (began := catalogue.began) is None:
        return [None] * len(topics)
    now = turn.desk.clock()
    async with turn.desk.database.read() as connection:
        return [await _expected(connection, catalogue, topic, began, now) for topic in topics]


async def _expected(
    connection: AsyncConnection, catalogue: Catalogue, topic: Topic, began: datetime, now: datetime
) -> Expectation:
    if grammar.is_query(topic.key):
        return await of_query(connection, grammar.parse(topic.key), began, now)
    if catalogue.has(topic.name):
        return expect(await coverage.of_tag(connection, topic.id, now - LOOKED_BACK), began, now, whole=True)
    recent = catalogue.recent
    was = recent.coverage(topic.key, now - LOOKED_BACK)
    return expect(was, recent.began or began, now, whole=recent.began is None)


def how_often(turn: Turn, expected: Expectation) -> str:
    """How often there is an article, as part of a line."""
    number = round(expected.a_week)
    if number:
        sentence = turn.language.ngettext("about {number} article a week", "about {number} articles a week", number)
        return sentence.format(number=number)
    return turn._("less than one article a week") if expected.a_week else turn._("nothing lately")


def _said(turn: Turn, expected: Expectation) -> str:
    number = round(expected.a_week)
    if number:
        how_often = turn.language.ngettext("About {number} article a week.", "About {number} articles a week.", number)
        said = how_often.format(number=number)
    elif expected.a_week:
        said = turn._("Less than one article a week.")
    else:
        said = turn._("There was nothing on it lately.")
    if expected.headline is None:
        return said
    latest = turn._("The latest: {headline}")
    headline = escape(shortened(expected.headline, MAX_HEADLINE), quote=False)
    return f"{said} {latest.format(headline=text.isolated(f'<i>{headline}</i>'))}"
