"""What a topic will bring, by what it would have brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store.coverage import Coverage

LOOKED_BACK = timedelta(weeks=4)
WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)


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
