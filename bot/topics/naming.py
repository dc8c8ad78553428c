"""Naming: what else topics are called, by the publisher's word beside the built-in names of countries."""

from collections.abc import Callable, Collection, Mapping

from bot import text
from bot.errors import SettingsError
from bot.topics import countries


def called(aliases: Mapping[str, Collection[str]], language: str = "en") -> Callable[[str], Collection[str]]:
    """For a topic's key the keys of its other names; ``aliases`` holds further ones, in any spelling.

    Countries are called as in this language, the site's own. Raises SettingsError where no names are known in it.
    """
    if language not in countries.LANGUAGES:
        known = ", ".join(sorted(countries.LANGUAGES))
        raise SettingsError(f"SITE_FILE: topics.language {language!r} is not known; it may be one of {known}")
    given = {text.key(name): frozenset(map(text.key, others)) for name, others in aliases.items()}
    return lambda key: countries.aliases(key, (language,)) | given.get(key, frozenset())


def pairs(named: Mapping[str, Collection[str]]) -> frozenset[tuple[str, str]]:
    """Words that are said to stand for a topic, or not to, each with that topic, as keys."""
    return frozenset((text.key(word), text.key(name)) for name, words in named.items() for word in words)
