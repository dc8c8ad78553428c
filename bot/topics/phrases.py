"""The index of phrases: which of a million phrases stand in a text, at the cost of the text's own length.

A phrase is a folded run of words. Phrases of one and two words are looked up as they are. A longer one is reached
through its first two words, whose entry says how many words the phrases that begin so may have. An automaton finds as
much as fast, but must be built anew for each phrase that comes; here one more is one more key.

Most of a text is no phrase, and most of the cost is waiting for the memory that says so. So the words and pairs with an
entry are also kept in sets, out of which all those of a text are taken in one go: the processor then waits for many at
a time, and for one after the other in a dictionary. And of two words and more the hash alone is kept, for which no text
need be read: 64 bits, salted by each process, so that nobody can make two phrases one.
"""

from collections.abc import Iterator, Sequence
from itertools import compress, pairwise

_SHIFT = 16
_MASK = (1 << _SHIFT) - 1
_LOWEST = -1
_ONLY_BEGINS = 0
"""What an entry has in place of a number where its words only begin phrases; the lowest number is 1 there."""

MAX_WORDS = _SHIFT - 1


class Phrases:
    """Phrases of up to ``MAX_WORDS`` words, each with a number from -1 up."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._known_words: set[str] = set()
        # By the hash of the words, the number of the phrase, and below it one bit for each count of words of the
        # phrases that begin so.
        self._entries: dict[int, int] = {}
        self._known_pairs: set[int] = set()

    def __contains__(self, phrase: str) -> bool:
        return self.number(phrase) is not None

    def add(self, phrase: str, number: int) -> None:
        """Know this phrase from now on, under this number."""
        if " " not in phrase:
            self._words[phrase] = number
            self._known_words.add(phrase)
            return
        first, second, *rest = phrase.split(" ")
        key = pair = hash((first, second))
        if rest:
            key = hash((first, second, *rest))
            self._entries[pair] = self._entries.get(pair, _ONLY_BEGINS) | 1 << len(rest) + 2
        self._entries[key] = (number - _LOWEST + 1) << _SHIFT | self._entries.get(key, _ONLY_BEGINS) & _MASK
        self._known_pairs.add(pair)

    def discard(self, phrase: str) -> None:
        """Forget it. Beginnings stay known, which costs a look-up where they occur and find nothing."""
        if " " not in phrase:
            self._words.pop(phrase, None)
            self._known_words.discard(phrase)
            return
        key = _key(phrase)
        if beginnings := self._entries.pop(key, _ONLY_BEGINS) & _MASK:
            self._entries[key] = beginnings
        else:
            self._known_pairs.discard(key)

    def number(self, phrase: str) -> int | None:
        """The number of a phrase, if it is known."""
        if " " not in phrase:
            return self._words.get(phrase)
        return _number(self._entries.get(_key(phrase), _ONLY_BEGINS))

    def found(self, words: Sequence[str]) -> dict[str, int]:
        """The known phrases among these words, with their numbers."""
        found = {word: self._words[word] for word in filter(self._known_words.__contains__, words)}
        keys = list(map(hash, pairwise(words)))
        known = self._known_pairs.intersection(keys)
        for start in compress(range(len(keys)), map(known.__contains__, keys)):
            entry = self._entries[keys[start]]
            if (number := _number(entry)) is not None:
                found[" ".join(words[start : start + 2])] = number
            if lengths := entry & _MASK:
                found.update(self._longer(tuple(words[start : start + MAX_WORDS]), lengths))
        return found

    def _longer(self, words: tuple[str, ...], lengths: int) -> Iterator[tuple[str, int]]:
        """The phrases of so many words that these begin with."""
        for length in range(3, min(lengths.bit_length(), len(words) + 1)):
            if lengths >> length & 1:
                number = _number(self._entries.get(hash(words[:length]), _ONLY_BEGINS))
                if number is not None:
                    yield " ".join(words[:length]), number


def _key(phrase: str) -> int:
    return hash(tuple(phrase.split(" ")))


def _number(entry: int) -> int | None:
    return None if entry >> _SHIFT == _ONLY_BEGINS else (entry >> _SHIFT) + _LOWEST - 1
