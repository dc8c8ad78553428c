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

_POSSESSIVE = re.compile(r"['’ʼ＇‘`´](?<=\w.)[sSſ](?!\w)")

_SPACELESS = "\u0e00-\u0eff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Thai, Lao, kana and Han put no space between words: each of their characters is a token."""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc", "Me"}


_MARKS = "".join([mark for mark in map(chr, range(0x300, 0x1F000)) if unicodedata.category(mark)[0] == "M"])
_TOKEN = re.compile(rf"[{_SPACELESS}][{_MARKS}]*|(?![{_SPACELESS}_])\w(?:(?![{_SPACELESS}_])[\w{_MARKS}])*")

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")

_BROKEN = 3
"""Parts more than it has words in which a name may stand: invisible hyphens and joiners break what folding joins."""

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_WORDS = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
"""What each ASCII character is in a text of words: its small letter, or a gap."""


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
    text = _POSSESSIVE.sub("", text)
    if (plain := _as_ascii(text)) is not None:
        return tuple(plain.translate(_ASCII_WORDS).split())
    return tuple(_TOKEN.findall(fold(text)))


def key(text: str) -> str:
    """What all spellings of one topic have in common; empty where the text has no word."""
    return " ".join(tokens(text))


def units(text: str) -> int:
    """The length of a text as Telegram counts it, in UTF-16 units: an emoji has two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def as_written(words: str, text: str) -> str | None:
    """Where a text first says these folded words, in its own spelling; None where it does not."""
    spans = [found.span() for found in _TOKEN.finditer(text)]
    for at, (start, end) in enumerate(spans):
        if words.startswith(key(text[start:end])):
            ways = (text[start:end] for _, end in spans[at : at + words.count(" ") + _BROKEN])
            if said := next((way for way in ways if key(way) == words), None):
                return said
    return None


def isolated(shown: str) -> str:
    """A text, HTML tags and all, that may stand in a line with others, whatever direction it is written in.

    One from right to left is set apart, https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates, and takes
    no marks with it that would turn what follows.
    """
    plain = _TURNING.sub("", shown)
    return f"\u2068{plain}\u2069" if _RIGHT_TO_LEFT.search(plain) else plain


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


def _as_ascii(text: str) -> str | None:
    """The text with each character in its plain form, where all have one: most news in Latin script, and ten times
    faster than folding, because characters are replaced all at once and not one after the other."""
    if text.isascii():
        return text
    for character in set(_NOT_ASCII.findall(text)):
        plain = _PLAIN_FORMS.get(character)
        if plain is None:
            return None
        text = text.replace(character, plain)
    return text


def _plain_forms() -> dict[str, str]:
    """Letters up to Latin Extended Additional and punctuation whose folded form is ASCII or a gap, whatever is beside
    them. Combining marks are not among them: what they are depends on the letter before."""
    forms = {}
    for character in map(chr, (*range(0x80, 0x250), *range(0x1E00, 0x1F00), *range(0x2010, 0x2050))):
        folded = fold(character)
        if folded.isascii():
            forms[character] = folded
        elif not _TOKEN.search(folded) and not any(map(_is_mark, folded)):
            forms[character] = " "
    return forms


_PLAIN_FORMS = _plain_forms()
