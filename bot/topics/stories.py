"""Stories: the same article under another address, told from another article that only looks like it.

The measure is the share of words that two texts have in common, counted as often as they occur (the Jaccard index of
their multisets), for headline and teaser apart. A headline with a word or two around it ("UPDATE: …") is the same, and
so is a teaser cut short. Numbers must agree to the last: results, stages and casualties are news with the same words
around them. ``tests/bench/stories.py`` measures both errors on real news.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot import text
from bot.model import Telling
from bot.topics.stop_words import STOP_WORDS

WITHIN = timedelta(days=2)
"""An article published again later than that is told again."""
HEADLINES_ALIKE, TEASERS_ALIKE = 0.7, 0.8
FEW_WORDS = 8
"""A teaser with fewer words says little; then both texts must be ALMOST_EQUAL."""
ALMOST_EQUAL = 0.9
HEADLINES_REWORDED, TEASERS_EQUAL = 0.4, 0.95
"""Above a teaser that stayed the same, a headline may be another to so much."""
UNLIKE = 0.08
"""Of the words that say something: under it are 99 of 100 pairs of real articles on different things, and 3 of 100
edits that leave nothing of the headline and half of the teaser."""
AROUND = 2
"""Words that may be put before or after a headline."""
SHORTEST_HEADLINE = 4
"""Words; what is shorter may well be part of another headline."""


def headline_key(headline: str) -> str:
    """What all spellings of one headline have in common, 64 characters long."""
    return hashlib.sha256(text.key(headline).encode()).hexdigest()


def find_same(headline: str, teaser: str, others: Iterable[Telling]) -> Telling | None:
    """The first of the others that tells the same story; None where none does."""
    told = _Words(headline, teaser)
    return next((other for other in others if told.same_as(_Words(other.headline, other.teaser))), None)


def is_another(headline: str, teaser: str, told: Telling) -> bool:
    """Whether these words share so little with those of an article that they can be no edit of it."""
    one, other = (
        _saying(f"{title} {summary}") for title, summary in ((headline, teaser), (told.headline, told.teaser))
    )
    return _alike(one, other) < UNLIKE


def _saying(words: str) -> list[str]:
    return [word for word in text.tokens(words) if word not in STOP_WORDS]


class _Words:
    __slots__ = ("headline", "teaser")

    def __init__(self, headline: str, teaser: str) -> None:
        self.headline = text.tokens(headline)
        self.teaser = text.tokens(teaser)

    def same_as(self, other: "_Words") -> bool:
        if not self.teaser and not other.teaser:
            return False  # a headline alone may be a regular's
        least = min(len(self.teaser), len(other.teaser))
        cut_short = least >= FEW_WORDS and self.teaser[:least] == other.teaser[:least]
        one, another = (words.teaser[: least if cut_short else None] for words in (self, other))
        if _numbers(self.headline + one) != _numbers(other.headline + another):
            return False
        headlines = 1.0 if _is_within(self.headline, other.headline) else _alike(self.headline, other.headline)
        teasers = _alike(one, another)
        if least < FEW_WORDS:
            return min(headlines, teasers) >= ALMOST_EQUAL
        reworded = headlines >= HEADLINES_REWORDED and teasers >= TEASERS_EQUAL
        return reworded or (headlines >= HEADLINES_ALIKE and teasers >= TEASERS_ALIKE)


def _alike(one: Sequence[str], other: Sequence[str]) -> float:
    mine, theirs = Counter(one), Counter(other)
    together = (mine | theirs).total()
    return (mine & theirs).total() / together if together else 1.0


def _is_within(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one is the other with a word or two before or after it."""
    short, long = sorted((one, other), key=len)
    few = len(short) >= SHORTEST_HEADLINE and len(long) - len(short) <= AROUND
    return few and short in (long[: len(short)], long[-len(short) :])


def _numbers(words: Iterable[str]) -> list[str]:
    return sorted(word for word in words if any(map(str.isdigit, word)))
