"""The index of phrases: which of a million phrases stand in a text, at the cost of the text's own length.

A phrase is a folded run of words. Phrases of one and two words are looked up as they are. A longer one is reached
through its first two words, which say how many words the phrases that begin so may have. An automaton finds as much
as fast, but must be built anew for each phrase that comes; here one more is one more key in a dictionary.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise


class Phrases:
    """Phrases, each with a number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lengths: dict[str, int] = {}
        self._masks: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, phrase: str) -> bool:
        return phrase in self._numbers

    def add(self, phrase: str, number: int) -> None:
        """Know this phrase from now on, under this number."""
        self._numbers[phrase] = number
        words = phrase.split(" ", 2)
        if len(words) > 2:
            beginning = f"{words[0]} {words[1]}"
            mask = self._lengths.get(beginning, 0) | 1 << phrase.count(" ") + 1
            # Few masks are in use; one object serves all beginnings that share it.
            self._lengths[beginning] = self._masks.setdefault(mask, mask)

    def discard(self, phrase: str) -> None:
        """Forget it. Its beginning stays known, which costs a look-up where it occurs and finds nothing."""
        self._numbers.pop(phrase, None)

    def number(self, phrase: str) -> int | None:
        """The number of a phrase, if it is known."""
        return self._numbers.get(phrase)

    def found(self, words: Sequence[str]) -> Iterator[str]:
        """The known phrases among these words, each as often as it is there; in no order that means anything."""
        pairs = list(map(" ".join, pairwise(words)))
        known = self._numbers.__contains__
        yield from filter(known, words)
        yield from filter(known, pairs)
        if self._lengths.keys().isdisjoint(pairs):
            return
        for start, pair in enumerate(pairs):
            mask = self._lengths.get(pair, 0) >> 3
            length = 3
            while mask:
                if mask & 1 and start + length <= len(words):
                    phrase = " ".join(words[start : start + length])
                    if phrase in self._numbers:
                        yield phrase
                mask >>= 1
                length += 1
