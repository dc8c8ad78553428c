"""The inline queries that people type, https://core.telegram.org/bots/api#inlinequery."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.sandbox.telegram.answers import Json, bad_request

ANSWER_SECONDS = 15
"""How long a query can be answered. Telegram does not say; it is seconds rather than minutes."""
QUERIES_KEPT = 1_000


@dataclass(slots=True)
class Query:
    """One of them, and what the bot answers as soon as it does."""

    user: Json
    at: float
    came: asyncio.Event = field(default_factory=asyncio.Event)
    results: list[Json] = field(default_factory=list)
    """Each with ``id``, ``title``, ``description`` and the ``message`` that it becomes when it is picked."""
    next_offset: str = ""
    button: Json | None = None
    cache_seconds: int = 300
    is_personal: bool = False


class Queries:
    """All of them; ``now`` is any clock in seconds that never goes back."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Query] = OrderedDict()
        self._last = 0

    def begin(self, user: Json, now: float) -> tuple[str, Query]:
        """A query waits for its answer; with its id."""
        self._last += 1
        query = self._waiting[str(self._last)] = Query(user, now)
        if len(self._waiting) > QUERIES_KEPT:
            self._waiting.popitem(last=False)
        return str(self._last), query

    def end(self, query_id: str, now: float) -> Query:
        """The query is answered. Raises Refusal where it was before, or it is too late, or there never was one."""
        query = self._waiting.pop(query_id, None)
        if query is None or now - query.at > ANSWER_SECONDS:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        return query
