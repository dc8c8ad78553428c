"""What a topic will bring, by what it would have brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import coverage
from bot.store.coverage import Coverage, Tagged
from bot.topics import countries, grammar
from bot.topics.questioning import Findings
from bot.topics.reasons import Scope
from bot.topics.subject import Subject

LOOKED_BACK = timedelta(weeks=4)
WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)
ASKED = 500
"""Articles that are asked by a query; more would keep others waiting."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """About how many articles a week, and the latest headline; None where there is none."""

    a_week: float
    headline: str | None


def expect(was: Coverage, began: datetime, now: datetime, *, whole: bool) -> Expectation:
    """What to expect after this coverage since ``began``, which is looked at as far as LOOKED_BACK.

    ``whole``: nothing is known of before, so that less than a week counts as one; what a busy site has published in
    some days that were chosen from more is as good as a week.
    """
    shortest = WEEK if whole else DAY
    span = min(LOOKED_BACK, max(shortest, now - began))
    return Expectation(was.articles * (WEEK / span), was.headline)


async def of_query(connection: AsyncConnection, node: grammar.Node, began: datetime, now: datetime) -> Expectation:
    """What to expect of a query, by the latest articles of an archive that ``began`` then."""
    latest = await coverage.tagged_after(connection, await coverage.newest(connection) - ASKED, ASKED)
    whole = len(latest) < ASKED
    met = sorted((article for article in latest if _meets(article, node)), key=lambda article: article.came)
    was = Coverage(sum(article.came >= now - LOOKED_BACK for article in met), met[-1].headline if met else None)
    return expect(was, began if whole else min(article.came for article in latest), now, whole=whole)


def _meets(article: Tagged, node: grammar.Node) -> bool:
    subject = Subject(article.headline, article.teaser, tags=article.tags, byline=article.byline)
    return Findings(subject, Scope.HEADLINE, (), countries.aliases).answer(0, node) is not None
