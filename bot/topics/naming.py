"""Naming: what else topics are called, by the publisher's word beside the built-in names of countries."""

from collections.abc import Callable, Collection, Mapping

from bot import text
from bot.topics import countries


def called(aliases: Mapping[str, Collection[str]]) -> Callable[[str], Collection[str]]:
    """For a topic's key the keys of its other names; ``aliases`` holds further ones, in any spelling."""
    given = {text.key(name): frozenset(map(text.key, others)) for name, others in aliases.items()}
    return lambda key: countries.aliases(key) | given.get(key, frozenset())


def pairs(named: Mapping[str, Collection[str]]) -> frozenset[tuple[str, str]]:
    """Words that are said to stand for a topic, or not to, each with that topic, as keys."""
    return frozenset((text.key(word), text.key(name)) for name, words in named.items() for word in words)
