"""Stories: the same article under another address, told from another article that only looks like it.

The measure is the share of words that two texts have in common, counted as often as they occur (the Jaccard index of
their multisets), for headline and teaser apart. Numbers must agree to the last: results, stages and casualties are
news with the same words around them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from bot import text
from bot.model import Telling

WITHIN = timedelta(days=2)
"""An article published again later than that is told again."""
HEADLINES_ALIKE = 0.7
TEASERS_ALIKE = 0.8
FEW_WORDS = 8
"""A teaser with fewer words says little; then both texts must be ALMOST_EQUAL."""
ALMOST_EQUAL = 0.9


def headline_key(headline: str) -> str:
    """What all spellings of one headline have in common, 64 characters long."""
    return hashlib.sha256(text.key(headline).encode()).hexdigest()


def find_same(headline: str, teaser: str, others: Iterable[Telling]) -> Telling | None:
    """The first of the others that tells the same story; None where none does."""
    told = _Words(headline, teaser)
    return next((other for other in others if told.same_as(_Words(other.headline, other.teaser))), None)


class _Words:
    __slots__ = ("headline", "numbers", "teaser")

    def __init__(self, headline: str, teaser: str) -> None:
        self.headline = Counter(text.tokens(headline))
        self.teaser = Counter(text.tokens(teaser))
        self.numbers = sorted(word for word in (self.headline + self.teaser).elements() if any(map(str.isdigit, word)))

    def same_as(self, other: "_Words") -> bool:
        if not self.teaser and not other.teaser:
            return False  # a headline alone may be a regular's
        few = min(self.teaser.total(), other.teaser.total()) < FEW_WORDS
        headlines, teasers = (ALMOST_EQUAL, ALMOST_EQUAL) if few else (HEADLINES_ALIKE, TEASERS_ALIKE)
        return (
            _alike(self.headline, other.headline) >= headlines
            and _alike(self.teaser, other.teaser) >= teasers
            and self.numbers == other.numbers
        )


def _alike(one: Counter[str], other: Counter[str]) -> float:
    together = (one | other).total()
    return (one & other).total() / together if together else 1.0
