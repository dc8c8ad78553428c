"""Evidence: words that speak for a tag, and what tags are called.

A tag's own name, its aliases and a person's last name start with what such names were worth for all tags so far.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

SHORTEST_LAST_NAME = 4


class Kind(StrEnum):
    """How words belong to a tag."""

    NAME = "name"
    ALIAS = "alias"
    LAST_NAME = "last name"
    LEARNED = "learned"


class Evidence(NamedTuple):
    """Words of an article that speak for a tag, by so much in log-odds."""

    words: str
    kind: Kind
    weight: float
    in_headline: bool


@dataclass(slots=True)
class _Habit:
    """How often a kind of name came with its tag; begins with a guess of one half."""

    hits: float = 1.0
    seen: float = 2.0


_NONE: Mapping[str, Kind] = {}


class Names:
    """What tags are called, and how often each kind of name meant its tag."""

    def __init__(self, aliases: Callable[[str], Collection[str]]) -> None:
        self._aliases = aliases
        self._names: dict[str, dict[str, Kind]] = {}
        self._habits: dict[Kind, _Habit] = {kind: _Habit() for kind in Kind}

    def __contains__(self, run: str) -> bool:
        return run in self._names

    def add(self, tag: str) -> None:
        """Know what this tag is called."""
        words = tag.split(" ")
        self._names.setdefault(tag, {})[tag] = Kind.NAME
        for alias in self._aliases(tag):
            self._names.setdefault(alias, {}).setdefault(tag, Kind.ALIAS)
        if len(words) in {2, 3} and len(words[-1]) >= SHORTEST_LAST_NAME:
            self._names.setdefault(words[-1], {}).setdefault(tag, Kind.LAST_NAME)

    def keep(self, tags: Iterable[str]) -> None:
        """Know what these tags are called, and of no others."""
        self._names.clear()
        for tag in tags:
            self.add(tag)

    def of(self, run: str) -> Mapping[str, Kind]:
        """The tags that are called so, and how."""
        return self._names.get(run, _NONE)

    def share(self, kind: Kind) -> float:
        """Of the articles with a name of this kind, the share that had its tag."""
        return self._habits[kind].hits / self._habits[kind].seen

    def learn(self, runs: Collection[str], tags: Collection[str]) -> None:
        """Count which names in an article came with their tag."""
        for run in runs:
            for tag, kind in self.of(run).items():
                self._habits[kind].seen += 1
                self._habits[kind].hits += tag in tags

    @property
    def all(self) -> Set[str]:
        """Whatever a tag is called."""
        return self._names.keys()
