"""Gaps: what was published while nobody looked has left the feed's first page, but stands on those behind it.

WordPress shows them at ``?paged=2`` and on. A site that knows no such pages shows the first again, which ends it.
"""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit, urlunsplit

from bot.errors import FeedError, FeedRefused, NotAFeed
from bot.model import Article

MAX_PAGES = 20
"""With WordPress's 10 articles a page, more than a week of a busy newsroom."""
MAX_ARTICLES = 1000
"""Once so many are found, no further page is asked for: no newsroom publishes more while a bot is away."""
TRIES = 3
"""Polls that may fail because of a page behind the first, before the feed is read without it."""

ReadPage = Callable[[str], Awaitable[Sequence[Article]]]
ReachesKnown = Callable[[Sequence[Article]], Awaitable[bool]]
"""Whether a page goes back as far as what is known."""


def page_url(feed_url: str, number: int) -> str:
    """Where this page of the feed is."""
    parts = urlsplit(feed_url)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, f"paged={number}"]))))


async def catch_up(
    first: Sequence[Article], url: str, read_page: ReadPage, reaches_known: ReachesKnown, *, failures: int
) -> list[Article]:
    """All articles since the last known one, or as far back as the pages go; ``first`` alone where there is no gap.

    ``failures`` are those of the feed so far. Raises FeedError where a page is only out of reach for now, unless that
    has been so TRIES times: then what is at hand is worth more than what is not.
    """
    found = list(first)
    page = first
    for number in range(2, MAX_PAGES + 1):
        if not page or len(found) >= MAX_ARTICLES or await reaches_known(page):
            break
        try:
            page = _unseen(await read_page(page_url(url, number)), found)
        except FeedError as error:
            if _passes(error) and failures < TRIES:
                raise
            break
        found += page
    return found


def _unseen(page: Sequence[Article], found: Sequence[Article]) -> list[Article]:
    keys = {key for article in found for key in article.keys}
    return [article for article in page if keys.isdisjoint(article.keys)]


def _passes(error: FeedError) -> bool:
    """Whether it may be gone the next time."""
    if isinstance(error, FeedRefused):
        return error.status >= 500 or error.status == 429
    return not isinstance(error, NotAFeed)
