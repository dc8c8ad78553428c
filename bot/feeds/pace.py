"""How often to look at a feed, and when to call one dead: pure rules."""

from datetime import datetime, timedelta

from bot.errors import FeedError, FeedRefused
from bot.model import Feed

LONGEST_BACK_OFF = timedelta(minutes=30)
"""It is the publisher's own site: whatever ails it, look again at least this often."""
SHORTEST_HINT = timedelta(seconds=15)
"""A server that names a shorter span, often 0, only means that nobody should keep its answer."""
DEAD_AFTER = timedelta(days=1)
PAGE_AGAIN = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""How long after a page could not be read it is read again; then no more."""
JITTER = 0.1
_GONE = 410


def every(set_to: timedelta, hint_seconds: int | None) -> timedelta:
    """How often to look at a feed that is well: as the operator has set it, or more often where the feed says so."""
    hint = timedelta(seconds=hint_seconds) if hint_seconds is not None else set_to
    return min(set_to, hint) if hint >= SHORTEST_HINT else set_to


def pause(usual: timedelta, failures: int, retry_after: timedelta | None, chance: float) -> timedelta:
    """How long until the next poll, after so many failures in a row; ``chance`` in 0..1 spreads feeds a little."""
    if failures:
        usual = max(usual, min(usual * 2 ** min(failures, 20), LONGEST_BACK_OFF))
    return max(usual * (1 - JITTER * chance), retry_after or timedelta(0))


def is_dead(feed: Feed, error: FeedError | None, now: datetime) -> bool:
    """Whether a feed that has failed now is one that somebody must see to: gone for good, or failing for a day."""
    gone = isinstance(error, FeedRefused) and error.status == _GONE
    return gone or (feed.failing_since is not None and now - feed.failing_since >= DEAD_AFTER)


def page_again(now: datetime, tries: int) -> datetime | None:
    """When a page is read again that was read again so often in vain; None for never."""
    return now + PAGE_AGAIN[tries] if tries < len(PAGE_AGAIN) else None
