"""Folding and tokens: how two spellings become one.

All comparison in Tagalong is on the tokens of folded text, so "Kim Jong-Un", "Kim Jong-un" and "KIM JONG UN" are one.
"""

import re
import unicodedata
from functools import lru_cache

_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that stand for a plain one but that Unicode does not decompose; ß is folded to ss by its case folding."""

_FIRST_WITH_VOWEL_MARKS = "\u0700"
"""Before it stand the alphabets whose marks are accents or optional points (Latin, Greek, Cyrillic, Hebrew, Arabic);
from it on, as in Devanagari, marks are vowels and part of the word."""

_POSSESSIVE = re.compile(r"(?<=\w)['’ʼ＇‘`´]s(?!\w)", re.IGNORECASE)

_SPACELESS = "\u0e00-\u0eff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Thai, Lao, kana and Han put no space between words: each of their characters is a token."""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc", "Me"}


_MARKS = "".join(filter(_is_mark, map(chr, range(0x300, 0x1F000))))
_TOKEN = re.compile(rf"[{_SPACELESS}][{_MARKS}]*|(?:(?![{_SPACELESS}_])[\w{_MARKS}])+")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The form in which text is compared: case, accents, invisible characters and compatibility forms made plain.

    Folding twice changes nothing.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _without_accents(decomposed).translate(_PLAIN))


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded: hyphens and apostrophes break them, a possessive is dropped, signs are no words.

    Joining the tokens with spaces and taking tokens again gives the same tokens.
    """
    return tuple(_TOKEN.findall(fold(_POSSESSIVE.sub("", text))))


def key(text: str) -> str:
    """What all spellings of one topic have in common; empty where the text has no word."""
    return " ".join(tokens(text))


def _without_accents(decomposed: str) -> str:
    kept = []
    base = ""
    for character in decomposed:
        category = unicodedata.category(character)
        if category in {"Mn", "Me"} and base < _FIRST_WITH_VOWEL_MARKS:
            continue
        if category == "Cf":  # soft hyphens, joiners, direction marks: invisible
            continue
        if category not in {"Mn", "Mc", "Me"}:
            base = character
        kept.append(character)
    return "".join(kept)
