"""Whether an article meets a query, and by which words."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from bot import text
from bot.topics.grammar import All, Any, Field, Node, Not, Words
from bot.topics.reasons import Because, Scope, Where, Why
from bot.topics.subject import Subject


class _Found(NamedTuple):
    where: Where
    words: tuple[str, ...]


class Findings:
    """One article, asked by many queries. ``learned`` holds the tags that its words were judged to mean."""

    def __init__(
        self, subject: Subject, scope: Scope, learned: Collection[str], aliases: Callable[[str], Collection[str]]
    ) -> None:
        self._subject = subject
        self._scope = scope
        self._learned = learned
        self._aliases = aliases
        self._known: dict[Words, _Found | None] = {}

    def answer(self, number: int, node: Node) -> Why | None:
        """Why the article meets this query, if it does; it stands where the least telling of its words does."""
        found = self._find(node)
        return Why(number, found.where, found.words, Because.QUERY) if found else None

    def _find(self, node: Node) -> _Found | None:
        match node:
            case Words():
                if node not in self._known:
                    self._known[node] = self._words(node)
                return self._known[node]
            case Field():
                return self._field(node)
            case Not():
                return None if self._find(node.of) else _Found(Where.TAG, ())
            case All():
                parts = [self._find(part) for part in node.of]
                there = [part for part in parts if part]
                if len(there) < len(parts):
                    return None
                widest = max((part.where for part in there), key=lambda where: where.rank)
                return _Found(widest, tuple(word for part in there for word in part.words))
            case Any():
                branches = [found for part in node.of if (found := self._find(part))]
                return min(branches, key=lambda found: found.where.rank, default=None)

    def _words(self, node: Words) -> _Found | None:
        if tag := self._subject.tag_keys.get(node.key):
            return _Found(Where.TAG, (tag,))
        keys = (node.key,) if node.exact else (node.key, *self._aliases(node.key))
        for passage in self._subject.passages(self._scope):
            for key in keys:
                if passage.says(key) and (key != node.key or passage.shouts(node.capitals)):
                    return _Found(passage.where, (key,))
        if not node.exact and node.key in self._learned:
            return _Found(Where.TEASER, (node.key,))
        return None

    def _field(self, node: Field) -> _Found | None:
        value = self._subject.byline if node.name == "author" else self._subject.section
        return _Found(Where.TAG, (value,)) if f" {node.key} " in f" {text.key(value)} " else None
