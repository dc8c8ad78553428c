"""How right the alerts are, on tagged news of one year that lies beside the project, where it does.

Each article is matched without its tags, then learned from. Precision and recall are over all pairs of article and
topic; the peers are substring search, as keyword filters do it, and phrase search.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from bot import text
from bot.topics.offline import OfflineMatcher, Record, read_articles
from tests.bench.figures import Figure, Skipped
from tests.process import ROOT

NEWS = ROOT.parent / "shared" / "data" / "news"
TAGGED = NEWS / "tagged-2017.jsonl"
NAMES = NEWS / "names-2017.txt"
FREQUENT = 10
"""Articles that a tag must have to be a topic of the set of all."""
LIMITS = {"names": (0.65, 0.80), "all": (0.45, 0.65)}
"""F1 and precision to reach."""


class Score(NamedTuple):
    """Precision and recall."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


async def measure() -> list[Figure | Skipped]:
    """Both sets of topics: each way's F1 and precision, the peers' as what ours must be above."""
    if not TAGGED.exists():
        return [Skipped("quality of matching", f"there is no {TAGGED.name} beside the project")]
    with TAGGED.open("rb") as lines:
        records = [found for found in read_articles(lines, TAGGED.name) if isinstance(found, Record)]
    used = Counter(tag for record in records for tag in set(record.subject.tags))
    sets = {
        "names": [name for line in NAMES.read_text(encoding="utf-8").splitlines() if (name := line.strip())],
        "all": [tag for tag, times in used.items() if times >= FREQUENT],
    }
    return [row for name, topics in sets.items() for row in _rows(name, topics, records)]


def _rows(name: str, topics: Sequence[str], records: Sequence[Record]) -> list[Figure | Skipped]:
    whole = _score(records, topics, _learning(topics))
    rows: list[Figure | Skipped] = []
    for peer, way in (("substring search", _substrings(topics)), ("phrase search", _phrases(topics))):
        score = _score(records, topics, way)
        rows.append(_figure(f"{name}: F1 of ours, beside {peer}", whole.f1, score.f1))
        rows.append(_figure(f"{name}: precision of ours, beside {peer}", whole.precision, score.precision))
    least_f1, least_precision = LIMITS[name]
    rows.append(_figure(f"{name}: F1 (recall {whole.recall:.3f})", whole.f1, least_f1))
    rows.append(_figure(f"{name}: precision", whole.precision, least_precision))
    later = records[len(records) // 2 :]
    after = _score(records, topics, _learning(topics), since=len(records) - len(later))
    rows.append(_figure(f"{name}: F1, second half of the year's articles", after.f1, least_f1))
    rows.append(_figure(f"{name}: precision, second half", after.precision, least_precision))
    return rows


def _figure(what: str, measured: float, limit: float) -> Figure:
    return Figure(what, measured * 100, limit * 100, "%", more_is_better=True)


Way = Callable[[Record], Collection[str]]


def _score(records: Sequence[Record], topics: Iterable[str], way: Way, since: int = 0) -> Score:
    wanted = frozenset(topics)
    said = right = true = 0
    for at, record in enumerate(records):
        answer = wanted.intersection(way(record))
        if at >= since:
            tags = wanted.intersection(record.subject.tags)
            said, true, right = said + len(answer), true + len(tags), right + len(answer & tags)
    return Score(right / said, right / true)


def _learning(topics: Sequence[str]) -> Way:
    matcher = OfflineMatcher(topics)
    return lambda record: matcher.answer(record, matcher.match_then_learn(record), explain=False)["topics"]


def _substrings(topics: Sequence[str]) -> Way:
    lowered = {topic.lower(): topic for topic in topics}

    def way(record: Record) -> Collection[str]:
        prose = f"{record.subject.headline}\n{record.subject.teaser}".lower()
        return [topic for low, topic in lowered.items() if low in prose]

    return way


def _phrases(topics: Sequence[str]) -> Way:
    keys = {text.key(topic): topic for topic in topics}

    def way(record: Record) -> Collection[str]:
        parts = (record.subject.headline, record.subject.teaser)
        prose = " | ".join(["", *map(text.key, parts), ""])
        return [topic for key, topic in keys.items() if f" {key} " in prose]

    return way
