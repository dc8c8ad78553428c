"""How sure it is that an article has a tag, by the evidence of its words: one small logistic model for all tags.

Its few weights say what a piece of evidence is worth, never what a word means, so they hold for any newsroom; they
follow this one's by a small step after each article whose tags are known.
"""

import math
from collections.abc import Sequence

# The constant; how common the tag is; the strongest, second, third and all further evidence; how much more common the
# tag is of late; how often the strongest words were seen; whether they are the tag's own name; whether they stand in
# the headline; how the tag fared before against what was expected. Where they start is what they came to on news of
# one year, from anywhere.
START = (-2.0, 4.7, 4.8, 1.4, 0.55, 0.4, 1.1, -0.2, 1.25, 0.45, 1.6)
STEP = 0.1


class Judge:
    """The weights, and for each the sum of squares by which its steps grow smaller (AdaGrad)."""

    def __init__(self, state: Sequence[float] = ()) -> None:
        whole = len(state) == 2 * len(START)
        self._weights = list(state[: len(START)] if whole else START)
        self._squares = list(state[len(START) :] if whole else [1.0] * len(START))

    @property
    def state(self) -> tuple[float, ...]:
        """All that is to be kept of it."""
        return (*self._weights, *self._squares)

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
