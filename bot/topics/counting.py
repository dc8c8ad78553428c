"""What is counted of the newsroom's own tagging: how often words came, and how often with which tag.

The counts are bounded: what is rare is dropped, and everything fades.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

HALF_LIFE = 20_000
"""After this many articles every count is halved: what a word stands for changes, but slowly."""
MAX_RUNS = 200_000
"""Runs of words that are kept, in about 100 MB; past it those seen once are dropped."""
RECENT = 0.5 ** (1 / 150)
"""What is left of an article's weight in a tag's recent rate with each article after it: half, after 150."""


@dataclass(slots=True)
class Record:
    """What is known of one tag. ``recent`` is its fading count, as of article number ``at``."""

    tag: str
    seen: int = 0
    recent: float = 0.0
    at: int = 0
    hits: float = 0.0
    """Articles that had it, among those where it was thought possible,"""
    expected: float = 0.0
    """and how many that should have been by the sureness then given."""
    named: int = 0
    """Articles that had it and a name of it in headline or teaser."""


_NONE: Mapping[str, int] = {}


class Counts:
    """The counts of all articles so far."""

    def __init__(self) -> None:
        self.articles = 0
        self.weight = 0
        """How many articles the counts stand for; less than all, since they fade."""
        self.runs: dict[str, int] = {}
        self._pairs: dict[str, dict[str, int]] = {}
        self.tags: dict[str, Record] = {}

    def add(self, runs: Iterable[str], tags: Collection[str]) -> bool:
        """Count one article. Whether that was when everything fades, and what is rare was dropped."""
        for run in runs:
            self.runs[run] = self.runs.get(run, 0) + 1
            if tags:
                pairs = self._pairs.setdefault(run, {})
                for tag in tags:
                    pairs[tag] = pairs.get(tag, 0) + 1
        for tag in tags:
            record = self.tags.setdefault(tag, Record(tag))
            record.seen += 1
            record.recent = self.recent(record) + 1
            record.at = self.articles
        self.articles += 1
        whole, rest = divmod(self.articles, HALF_LIFE)
        self.weight = int(HALF_LIFE * (1 - 0.5**whole)) + rest
        if len(self.runs) > MAX_RUNS:
            self._keep(more_than=1, shift=0)
        if fades := self.articles % HALF_LIFE == 0:
            self._keep(more_than=1, shift=1)
            self._fade()
        return fades

    def of(self, run: str) -> Mapping[str, int]:
        """How often a run came with which tag."""
        return self._pairs.get(run, _NONE)

    def share(self, record: Record) -> float:
        """The share of articles with this tag, as far as the counts can tell."""
        return (record.seen + 0.5) / (self.weight + 10)

    def recent_share(self, record: Record) -> float:
        """The same among the latest articles."""
        return self.recent(record) * (1 - RECENT)

    def recent(self, record: Record) -> float:
        """The fading count of a tag, as of now."""
        return record.recent * float(RECENT ** (self.articles - record.at))

    def _keep(self, *, more_than: int, shift: int) -> None:
        self.runs = {run: seen >> shift for run, seen in self.runs.items() if seen > more_than}
        kept = ((run, pairs) for run, pairs in self._pairs.items() if run in self.runs)
        faded = ((run, {tag: n >> shift for tag, n in pairs.items() if n >> shift}) for run, pairs in kept)
        self._pairs = {run: pairs for run, pairs in faded if pairs}

    def _fade(self) -> None:
        for tag in [tag for tag, record in self.tags.items() if record.seen < 2]:
            del self.tags[tag]
        for record in self.tags.values():
            record.seen >>= 1
            record.named >>= 1
            record.hits /= 2
            record.expected /= 2
