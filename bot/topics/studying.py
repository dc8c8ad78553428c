"""Studying: a learner reads the archive, and then what comes in.

What it knows is memory, the archive is the truth: every process that matches reads the same articles in the same order,
so they agree, and nothing that was learned has to be stored, locked or mended.
"""

from bot import text
from bot.store import coverage
from bot.store.coverage import Tagged
from bot.store.database import Database
from bot.topics.learning import Learner

MOST = 50_000
"""Articles of the archive that are read: what is older has faded to a fifth."""
JUDGED = 2_000
"""Of these the latest, by which it learns how much its words are worth; of others only what words they have."""
CHUNK = 200
"""Articles read at a time; others may do something meanwhile."""


class Student:
    """A learner, and how far it has read."""

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self._last = 0

    async def catch_up(self, database: Database) -> None:
        """Learn from all articles that have come since the last time."""
        async with database.read() as connection:
            newest = await coverage.newest(connection)
        self._last = max(self._last, newest - MOST)
        while self._last < newest:
            async with database.read() as connection:
                articles = await coverage.tagged_after(connection, self._last, CHUNK)
            for article in articles:
                self._read(article, well=article.id > newest - JUDGED)
            self._last = articles[-1].id if articles else newest

    def _read(self, article: Tagged, *, well: bool) -> None:
        learner = self.learner
        reading = learner.read(text.tokens(article.headline), text.tokens(article.teaser))
        if well:
            learner.learn(reading, learner.judge(reading), article.tags)
        else:
            learner.count(reading, article.tags)
