"""The byline: who wrote an article, as newsrooms put it, down to the names."""

import re

from bot.feeds.plain import cut

MAX_BYLINE = 100
MAX_READ = 300
"""Characters of a byline that are looked at; the rest is not one."""
MOST_WORDS = 10

_BY = re.compile(r"(?:written )?by[:\s]\s*|(?:deur|door|par|por)\s(?=(?-i:[A-Z]))", re.IGNORECASE)
_OFFICE = (
    r"(?:journalist|reporter|correspondent|writer|editor|columnist|contributor|author|photographer|producer|intern"
    r"|joernalis|verslaggever|redacteur|journaliste|periodista|redactora?)"
)
_RANK = r"(?:senior|junior|chief|deputy|managing|assistant|associate|contributing|staff|digital|news|political|sports?)"
_ROLE_BEHIND = re.compile(
    rf"(?:\s*[/|,;·•(]\s*|\s+[-–—]\s+)(?:\w{{1,20}}[ -]){{0,3}}{_OFFICE}\)?(?=\s*(?:[/|,;·•]|[-–—]\s|$))", re.IGNORECASE
)
_BEFORE_A_SENTENCE = re.compile(
    rf"(?P<names>[^/|.!?]{{2,80}}?)\s*[/|]\s*(?:{_RANK}[ -]){{0,2}}{_OFFICE}\b[\s.:–—-]*(?=(?-i:[^\W_a-z]|[“\"'‘]))",
    re.IGNORECASE,
)
_SMALL_WORD = re.compile(
    r"and|of|the|for|in|with|de|da|di|du|del|van|von|der|den|la|le|el|al|bin|en|et|y|e|&|agencies|correspondent"
    r"|reporters?|staff|writers?"
)


def names(written: str) -> str:
    """The names in a byline, given as a line of plain text: without "By" and without roles; may be empty."""
    return cut(_ROLE_BEHIND.sub("", _after_by(written[:MAX_READ])).strip(" (),;:/|·•-–—"), MAX_BYLINE)


def take_out(lines: list[str], author: str = "") -> tuple[str, list[str]]:
    """The names of a byline that opens a text, or none, and the text without it.

    It is a line of its own. Where a content system has joined the lines, it stands before the first sentence: then a
    role at its end, or the ``author`` whom the feed names as well, tells where the sentence begins.
    """
    if not lines:
        return "", lines
    first, *rest = lines
    if len(first) <= MAX_READ and _is_byline(first):
        return names(first), rest
    by, after = _BY.match(first), _after_by(first)
    joined = _BEFORE_A_SENTENCE.match(after)
    if joined and (by or joined["names"].lower() == "editorial staff") and _are_names(joined["names"]):
        return names(joined["names"]), [after[joined.end() :], *rest]
    if by and author and after.startswith(f"{author} ") and after[len(author) + 1].isupper():
        return author, [after[len(author) + 1 :], *rest]
    return "", lines


def _is_byline(line: str) -> bool:
    after, bare = _after_by(line), names(line)
    return (after != line or bare != after) and line[-1] not in ".!?…:" and _are_names(bare)


def _are_names(words: str) -> bool:
    """Whether they read like names: capitals, but for the small words that come with them."""
    parts = re.split(r"[\s,]+", words.strip())
    large = [part for part in parts if part[:1].isupper()]
    small = [part for part in parts if _SMALL_WORD.fullmatch(part)]
    return bool(large) and len(large) + len(small) == len(parts) <= MOST_WORDS


def _after_by(text: str) -> str:
    by = _BY.match(text)
    return text[by.end() :] if by else text
