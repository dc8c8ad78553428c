"""Earlier articles: which tags those had that are most like a new one, for a story goes on under the same tags.

Likeness is the cosine of the articles' words, each weighted by how rare it is among the articles that are kept.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import log, sqrt

MOST = 2000
"""Articles that are kept: two weeks of a busy newsroom."""
ALIKE = 10
"""Articles that are asked."""
DOUBT = 0.1
"""What is set against their likeness: where none is alike, nothing is said."""
TOO_COMMON = 0.1
"""Words in more than this share of articles make none alike."""


@dataclass(frozen=True, slots=True, eq=False)
class _Article:
    weights: Mapping[str, float]
    length: float
    tags: Collection[str]


class Earlier:
    """The latest articles by their words."""

    def __init__(self) -> None:
        self._articles: deque[_Article] = deque()
        self._with: dict[str, deque[_Article]] = {}

    def add(self, words: Mapping[str, float], tags: Collection[str]) -> None:
        """Keep an article, in place of the oldest where there are many."""
        article = self._weighed(words, tags)
        self._articles.append(article)
        for word in article.weights:
            self._with.setdefault(word, deque()).append(article)
        if len(self._articles) > MOST:
            for word in self._articles.popleft().weights:
                self._with[word].popleft()
                if not self._with[word]:
                    del self._with[word]

    def tags(self, words: Mapping[str, float]) -> dict[str, float]:
        """For each tag of the articles that are most like one of these words, their part of all likeness: 0 to 1."""
        new = self._weighed(words, ())
        common: defaultdict[_Article, float] = defaultdict(float)
        most = max(5, TOO_COMMON * len(self._articles))
        for word, weight in new.weights.items():
            having = self._with.get(word, ())
            if len(having) <= most:
                for article in having:
                    common[article] += weight * article.weights[word]
        alike = sorted(((shared / article.length, article) for article, shared in common.items()), key=_likeness)
        votes: defaultdict[str, float] = defaultdict(float)
        total = DOUBT
        for likeness, article in alike[-ALIKE:]:
            total += likeness / new.length
            for tag in article.tags:
                votes[tag] += likeness / new.length
        return {tag: vote / total for tag, vote in votes.items()}

    def _weighed(self, words: Mapping[str, float], tags: Collection[str]) -> _Article:
        articles = len(self._articles) + 2
        weights = {word: times * log(articles / (len(self._with.get(word, ())) + 1)) for word, times in words.items()}
        return _Article(weights, sqrt(sum(weight * weight for weight in weights.values())), tags)


def _likeness(each: tuple[float, _Article]) -> float:
    return each[0]
