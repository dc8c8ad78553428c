"""What a reader's words ask for: pure rules from text to topic names."""

import re
from collections.abc import Iterator

from bot import text
from bot.errors import QueryUnclear, TopicEmpty, TopicTooLong
from bot.topics import grammar

MAX_CHARACTERS = 100
"""The longest topic: longer than any name or title that people follow."""
MAX_WORDS = 15
MAX_TOPICS = 20
"""As many topics as one message may name."""
MAX_QUERY_CHARACTERS = 300

_SEPARATORS = re.compile(r"[,\n]")
_QUOTED = re.compile(r"[\"“”„«»＂][^\"“”„«»＂\n]*[\"“”„«»＂]")
_BRACKETED = re.compile(r"\([^()\n]*\)")


def split(words: str) -> list[str]:
    """The topics in a reader's words, separated by commas or line breaks, each asked for once, in their order.

    A comma inside quotes or brackets separates nothing.
    """
    parts = (" ".join(part.split()) for part in _parts(words))
    return list({key(part) or part: part for part in parts if part}.values())


def check(name: str) -> str:
    """The name again, if it can be a topic. Raises TopicEmpty or TopicTooLong if it cannot."""
    words = text.tokens(name)
    if len(name) > MAX_CHARACTERS or len(words) > MAX_WORDS:
        raise TopicTooLong(f"A topic may have {MAX_CHARACTERS} characters and {MAX_WORDS} words")
    if not words:
        raise TopicEmpty(f"{name!r} has no letter and no digit, so no article could match it")
    return name


def parse(name: str) -> grammar.Node:
    """What these words ask for: a query, or a plain phrase.

    Raises TopicEmpty or TopicTooLong, or QueryUnclear with the position of what is wrong.
    """
    if not grammar.is_query(name):
        return grammar.phrase(check(name))
    if len(name) > MAX_QUERY_CHARACTERS:
        raise TopicTooLong(f"A query may have {MAX_QUERY_CHARACTERS} characters")
    return grammar.parse(name)


def key(name: str) -> str:
    """What all spellings of one topic have in common; for a query, the query itself in one spelling.

    A query's key is never a phrase's: it has quotation marks, capitals, a colon or a hyphen.
    """
    try:
        node = parse(name)
    except (TopicTooLong, TopicEmpty, QueryUnclear):
        return text.key(name)
    return node.key if isinstance(node, grammar.Words) and not node.exact else str(node)


def _parts(words: str) -> Iterator[str]:
    """The words between separators that stand neither in quotes nor in brackets that are closed."""
    sheltered = [range(*match.span()) for pattern in (_QUOTED, _BRACKETED) for match in pattern.finditer(words)]
    start = 0
    for separator in _SEPARATORS.finditer(words):
        if not any(separator.start() in inside for inside in sheltered):
            yield words[start : separator.start()]
            start = separator.end()
    yield words[start:]
