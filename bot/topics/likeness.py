"""Likeness of names: what may be a typing error, and what looks like a person's name. Pure rules on single names."""

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from bot import text
from bot.topics.stop_words import STOP_WORDS

PARTICLES = frozenset({"al", "ben", "bin", "da", "de", "del", "den", "der", "di", "du", "el", "la", "le", "ter", "van",
                       "von"})  # fmt: skip
"""What a last name may begin with."""
SHORTEST_LAST_NAME = 3
SURE_LENGTHS = (7, 16)
"""Letters that a name needs for one typing error in it to be beyond doubt, and for two."""

_WORD_OF_A_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[-'’.](?!$)|\.$)*")


def last_names(name: str) -> tuple[str, ...]:
    """The folded last name, with its particles and without, of what is written like a person's name; else none."""
    words = name.split()
    if not 2 <= len(words) <= 4 or words[0] == "The" or not all(map(_is_of_a_name, words)):
        return ()
    if not words[-1][0].isupper() or len(text.key(words[-1])) < SHORTEST_LAST_NAME:
        return ()
    start = len(words) - 1
    while start > 1 and text.key(words[start - 1]) in PARTICLES:
        start -= 1
    return tuple(dict.fromkeys((text.key(" ".join(words[start:])), text.key(words[-1]))))


def forms(key: str) -> Iterator[str]:
    """Ways to write a name with the same words: in another order, and as one, as hashtags are."""
    words = key.split(" ")
    yield " ".join(sorted(words))
    yield "".join(words)


def initials(key: str) -> str | None:
    """What a long name is called for short: fbi for the Federal Bureau of Investigation; None for short names."""
    letters = [word[0] for word in key.split(" ") if word not in STOP_WORDS]
    return "".join(letters) if len(letters) > 2 else None


def without_initials(key: str) -> str:
    """A name without single letters between its first word and its last."""
    first, *rest = key.split(" ")
    middle, last = rest[:-1], rest[-1:]
    return " ".join((first, *(word for word in middle if len(word) > 1 or not word.isalpha()), *last))


def leaves_out_middle(short: str, full: str) -> bool:
    """Whether a name is a longer one without some words in its middle."""
    few, many = short.split(" "), full.split(" ")
    if not 2 <= len(few) < len(many) or (few[0], few[-1]) != (many[0], many[-1]):
        return False
    rest = iter(many)
    return all(word in rest for word in few)


def errors_beyond_doubt(key: str) -> int:
    """How many typing errors leave no doubt what was meant."""
    letters = len(key.replace(" ", ""))
    return sum(letters >= length for length in SURE_LENGTHS)


def errors_thinkable(word: str) -> int:
    """How many typing errors may be in a word or name of that length at all."""
    letters = len(word.replace(" ", ""))
    return 0 if letters < 4 else min(4, max(1, letters // 4))


def errors(one: str, other: str) -> int:
    """Letters that are missing, too many, wrong or changed places (optimal string alignment)."""
    return OSA.distance(one, other)


def is_slip(key: str, meant: str) -> bool:
    """Whether a slip of the finger is all that can lie between these: neither the first letter nor a digit is one."""
    return key[0] == meant[0] and _digits(key) == _digits(meant) and errors(key, meant) <= errors_beyond_doubt(key)


def _digits(key: str) -> list[str]:
    return sorted(filter(str.isdigit, key))


def _is_of_a_name(word: str) -> bool:
    if text.key(word) in PARTICLES:  # also written al-
        return True
    return _WORD_OF_A_NAME.fullmatch(word) is not None and word[0].isupper()
