"""The latest articles, in words: how often a phrase comes up, and which words the newsroom uses."""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot import text
from bot.model import Topic
from bot.store.coverage import Coverage, Told
from bot.topics.stop_words import STOP_WORDS

MOST = 2000
"""Articles that are kept; two weeks of a busy newsroom, a megabyte."""
TOO_COMMON = 0.4
"""A word in more than this share of articles is a word of the language, not of the news."""
FEW_ARTICLES = 100
"""With fewer, nothing is said of what is common."""

_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Article:
    id: int
    came: datetime
    headline: str
    said: str
    """Headline and teaser, folded, with a space on either side of each word and a bar between the two."""
    words: frozenset[str]
    small: frozenset[str]
    """The words that the teaser has in small letters."""
    tags: frozenset[int]


class Recent:
    """Up to MOST articles. ``last`` is the id of the newest that it knows."""

    def __init__(self) -> None:
        self.last = 0
        self._articles: deque[_Article] = deque()
        self._words: Counter[str] = Counter()
        self._small: Counter[str] = Counter()

    def take_in(self, told: Iterable[Told]) -> None:
        """Know these articles, which are newer than all others, the oldest first."""
        for article in told:
            if article.id <= self.last:
                continue  # another turn has read it meanwhile
            self.last = article.id
            words = _read(article)
            self._articles.append(words)
            self._words.update(words.words)
            self._small.update(words.small)
            if len(self._articles) > MOST:
                old = self._articles.popleft()
                _subtract(self._words, old.words)
                _subtract(self._small, old.small)

    def coverage(self, key: str, since: datetime) -> Coverage:
        """How many articles have had this phrase in headline or teaser since then, and the latest headline."""
        found = [article for article in self._articles if f" {key} " in article.said]
        latest = max(found, key=lambda article: article.came, default=None)
        return Coverage(sum(article.came >= since for article in found), latest.headline if latest else None)

    def saying(self, key: str) -> list[int]:
        """The ids of the articles that have this phrase in headline or teaser, the newest first."""
        return [article.id for article in reversed(self._articles) if f" {key} " in article.said]

    @property
    def began(self) -> datetime | None:
        """When the oldest article came that is kept, where older ones had to go; else None."""
        return self._articles[0].came if len(self._articles) == MOST else None

    def uses(self, word: str) -> bool:
        """Whether a folded word stands in any article."""
        return word in self._words

    def uses_in_small_letters(self, word: str) -> bool:
        """Whether a folded word stands in any teaser in small letters, as a name does not."""
        return word in self._small

    def belies(self, words: str, tag: Topic) -> bool:
        """Whether these words mean something else than a tag whose name they are part of.

        They do where most articles that have them outside the whole name do without the tag.
        """
        name, part = f" {tag.key} ", f" {words} "
        having = [article for article in self._articles if part in article.said.replace(name, " ")]
        return 2 * sum(tag.id in article.tags for article in having) < len(having)

    def shows(self, words: str, tag: Topic) -> bool:
        """Whether some article with this tag has these words."""
        return any(tag.id in article.tags and f" {words} " in article.said for article in self._articles)

    def is_common(self, word: str) -> bool:
        """Whether a folded word says nothing, because most articles have it."""
        if word in STOP_WORDS:
            return True
        return len(self._articles) >= FEW_ARTICLES and self._words[word] > TOO_COMMON * len(self._articles)


def _read(article: Told) -> _Article:
    headline, teaser = text.tokens(article.headline), text.tokens(article.teaser)
    small = (text.fold(word) for word in _LETTERS.findall(article.teaser) if word.islower())
    said = f" {' '.join(headline)} | {' '.join(teaser)} "
    return _Article(
        article.id,
        article.came,
        article.headline,
        said,
        frozenset((*headline, *teaser)),
        frozenset(small),
        article.tags,
    )


def _subtract(counter: Counter[str], words: Iterable[str]) -> None:
    """Counter's own subtraction would go through all of its words."""
    for word in words:
        counter[word] -= 1
        if not counter[word]:
            del counter[word]
