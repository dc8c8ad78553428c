"""An article as the matcher sees it: its parts, taken into words once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bot import text
from bot.model import Article
from bot.topics.reasons import Scope, Where


@dataclass(frozen=True)
class Passage:
    """A part of an article that is prose."""

    where: Where
    raw: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its tokens."""
        return text.tokens(self.raw)

    @cached_property
    def _joined(self) -> str:
        return f" {' '.join(self.words)} "

    def says(self, key: str) -> bool:
        """Whether this run of words stands in it."""
        return f" {key} " in self._joined

    def shouts(self, words: Iterable[str]) -> bool:
        """Whether these stand in it in capitals; where all is in capitals, that says nothing and they do."""
        return self.raw.isupper() or all(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self.raw) for word in words)


@dataclass(frozen=True)
class Subject:
    """All that an article may be matched by."""

    headline: str
    teaser: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    byline: str = ""
    section: str = ""

    @classmethod
    def of(cls, article: Article) -> "Subject":
        """What is known of an article; its body may be behind the paywall."""
        return cls(article.headline, article.teaser, article.body.text, article.tags, article.byline or "")

    @cached_property
    def tag_keys(self) -> dict[str, str]:
        """Its tags by their folded names."""
        keys = {text.key(tag): tag for tag in self.tags}
        keys.pop("", None)
        return keys

    @cached_property
    def _passages(self) -> tuple[Passage, ...]:
        parts = ((Where.HEADLINE, self.headline), (Where.TEASER, self.teaser), (Where.BODY, self.body))
        return tuple(Passage(where, raw) for where, raw in parts)

    def as_written(self, words: Iterable[str]) -> tuple[str, ...]:
        """Folded words as headline or teaser spell them; others as they are."""
        shown = (self.headline, self.teaser)
        return tuple(next((said for raw in shown if (said := text.as_written(each, raw))), each) for each in words)

    def passages(self, scope: Scope) -> Iterator[Passage]:
        """Its prose in this scope, the most telling first."""
        return (passage for passage in self._passages if scope.covers(passage.where))
