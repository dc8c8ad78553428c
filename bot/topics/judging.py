"""How sure it is that an article has a tag, by the signs of its words: one small logistic model for all tags.

Its few weights say what a piece of evidence is worth, never what a word means, so they hold for any newsroom; they
follow this one's by a small step after each article whose tags are known.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

STEP = 0.1


class Signs(NamedTuple):
    """What is seen of an article and a tag, scaled to be near one; all of it is a matter of degree."""

    constant: float
    usual: float
    """How common the tag is."""
    strongest: float
    second: float
    third: float
    further: float
    """The evidence of its words, in log-odds."""
    of_late: float
    """How much more common the tag is of late."""
    named: float
    """Whether the strongest evidence is a name of the tag,"""
    in_headline: float
    """and stands in the headline."""
    fared: float
    """How often the tag was right before, against what was expected."""
    unnamed: float
    """Where no name of the tag is there: the share of its articles that have one."""
    against: float
    """The words that speak most against the tag."""
    alike: float
    """The part of earlier articles like this one that had the tag."""


START = Signs(-2.31, 3.82, 5.07, 1.05, 0.37, 0.15, 0.95, 0.74, 0.43, 2.63, -1.35, 0.74, 2.46)
"""Where the weights start: what they came to on news of one year. Those of its first half, of its second, and of half
of its tags are the same within a few hundredths of F1."""


class Judge:
    """The weights, and for each the sum of squares by which its steps grow smaller (AdaGrad)."""

    def __init__(self) -> None:
        self._weights = list(START)
        self._squares = [1.0] * len(START)

    def sureness(self, signs: Sequence[float]) -> float:
        """The probability that these signs mean the tag."""
        total = sum(map(float.__mul__, self._weights, signs))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def learn(self, signs: Sequence[float], sureness: float, *, tagged: bool) -> None:
        """Move the weights a step towards what was so."""
        error = sureness - tagged
        for at, sign in enumerate(signs):
            if sign:
                step = error * sign
                self._squares[at] += step * step
                self._weights[at] -= STEP * step / math.sqrt(self._squares[at])


def log_odds(probability: float) -> float:
    """The logarithm of the odds; evidence adds up in it."""
    return math.log(probability / (1 - probability))
