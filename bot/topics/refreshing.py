"""Refreshing: what has changed in the store since the last article is taken in before the next.

So a follow that another process has answered counts for the next article here, with no message between them to lose.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import topics as topic_store
from bot.topics.matching import Matcher


async def refresh(matcher: Matcher, connection: AsyncConnection) -> None:
    """Have the matcher take in the topics that have come since the last time."""
    changed, matcher.version = await topic_store.changed_since(connection, matcher.version)
    matcher.take_in(changed)
