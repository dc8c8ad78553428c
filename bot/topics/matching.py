"""The matcher: which topics an article is about.

It is memory only; the store is the truth. Before each article it takes in what has changed since the last one, so a
follow that another process has answered counts for the next article here, with no message between them to lose.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.model import Article, Topic
from bot.store import topics as topic_store


class Matcher:
    """All topics by their folded words. An article costs its own length, whatever the number of topics."""

    def __init__(self, topics: Iterable[Topic] = ()) -> None:
        self._ids: dict[str, int] = {}
        self._most_words = 0
        self._version = 0
        self.take_in(topics)

    def take_in(self, topics: Iterable[Topic]) -> None:
        """Know these topics from now on."""
        for topic in topics:
            self._ids[topic.key] = topic.id
            self._most_words = max(self._most_words, topic.key.count(" ") + 1)

    async def refresh(self, connection: AsyncConnection) -> None:
        """Take in the topics that have come since the last time."""
        changed, self._version = await topic_store.changed_since(connection, self._version)
        self.take_in(changed)

    def match(self, article: Article) -> frozenset[int]:
        """The ids of the topics that are among the article's tags, or whose words stand in its headline or teaser."""
        runs = {text.key(tag) for tag in article.tags}
        for passage in (article.headline, article.teaser):
            runs.update(self._runs(text.tokens(passage)))
        return frozenset(self._ids[run] for run in runs if run in self._ids)

    def _runs(self, words: tuple[str, ...]) -> Iterator[str]:
        for start in range(len(words)):
            for end in range(start + 1, min(start + self._most_words, len(words)) + 1):
                yield " ".join(words[start:end])
