"""What a reader may expect of a topic that is followed from now on."""

from html import escape

from bot.model import Topic
from bot.store import coverage
from bot.telegram.buttons import shortened
from bot.topics.expecting import LOOKED_BACK, Expectation, expect
from handlers.turn import Turn

MAX_HEADLINE = 250


async def expectation(turn: Turn, topic: Topic, *, is_tag: bool) -> list[str]:
    """A paragraph on how often there is an article and what the latest was; none while the archive is empty."""
    now = turn.desk.clock()
    recent = turn.desk.catalogue.recent
    async with turn.desk.database.read() as connection:
        began = await coverage.began(connection)
        if began is None:
            return []
        if is_tag:
            was = await coverage.of_tag(connection, topic.id, now - LOOKED_BACK)
        else:
            was = recent.coverage(topic.key, now - LOOKED_BACK)
    if not is_tag and recent.began is not None:
        return [_said(turn, expect(was, recent.began, now, whole=False))]
    return [_said(turn, expect(was, began, now, whole=True))]


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
    return f"{said} {latest.format(headline=f'<i>{headline}</i>')}"
