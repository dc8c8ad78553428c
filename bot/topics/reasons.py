"""Why an article is about a topic, as data: what is stored with an alert and shown to who asks."""

from enum import StrEnum
from typing import NamedTuple


class Where(StrEnum):
    """The parts of an article in which words can stand, the most telling first."""

    TAG = "tag"
    HEADLINE = "headline"
    TEASER = "teaser"
    BODY = "body"

    @property
    def rank(self) -> int:
        """0 for the most telling."""
        return _RANKS[self]


_RANKS = {where: rank for rank, where in enumerate(Where)}


class Scope(StrEnum):
    """Where a mention of a topic counts."""

    TAGS = "tags"
    HEADLINE = "headline"
    """Tags, headline and teaser."""
    ANYWHERE = "anywhere"

    def covers(self, where: Where) -> bool:
        """Whether a mention there counts."""
        return where.rank <= _WIDEST[self].rank


_WIDEST = {Scope.TAGS: Where.TAG, Scope.HEADLINE: Where.TEASER, Scope.ANYWHERE: Where.BODY}


class Because(StrEnum):
    """What the words found are to the topic."""

    NAME = "name"
    ALIAS = "alias"
    LEARNED = "learned"
    QUERY = "query"


class Why(NamedTuple):
    """One topic of an article: the words that say so, the part they stand in, and what they are to the topic.

    The words of a tag are as the newsroom spells it, all others folded. ``sureness`` is below 1 where it was learned. A
    tuple, as that is made several times faster than a frozen dataclass, and each mention of a topic makes one.
    """

    topic: int
    where: Where
    words: tuple[str, ...]
    because: Because
    sureness: float = 1.0
