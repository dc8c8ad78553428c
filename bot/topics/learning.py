"""What words stand for which tag, learned from the newsroom's own tagging: "Pyongyang" for North Korea.

A word or a pair of words in headline or teaser is evidence for a tag by how much more often its articles have the tag
than articles do. A tag's own name, its aliases and a person's last name start with what such names were worth for
all tags so far, and move on from there. Evidence from words that do not overlap adds up; ``judging`` says how sure
that makes it. Chance is held off by counting each share as if three more articles had come that were like all others.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import log
from typing import NamedTuple

from bot.topics.counting import Count, Counts, Record
from bot.topics.judging import Judge, log_odds

PRIOR = 3.0
"""Articles that each share is counted with beside those seen."""
LEAST_EVIDENCE = 0.7
"""Log-odds below which words are no evidence: they must make the tag twice as likely."""
TOO_COMMON = 0.3
"""Words in more than this share of articles stand for nothing."""
HOPELESS = -2.0
FADING = 0.5
MOST_NAME_WORDS = 6
SHORTEST_LAST_NAME = 4
ENOUGH = 0.35
"""How sure it must be to tell a reader."""
MISSING_NAME, AT_MOST = 0.5, 0.55
"""How much surer where the tag's name is missing, by the share of its articles that name it; and the most asked for."""
DECIDES_AFTER = 2
"""Articles with a name after which the verdict on it counts, and no longer the name alone,"""
TRUSTED = 0.6
"""unless so many of them had the tag."""


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
    seen: int
    in_headline: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure it is that an article is about a tag, and by what words."""

    tag: str
    sureness: float
    needed: float
    evidence: tuple[Evidence, ...]
    signs: tuple[float, ...]

    @property
    def passes(self) -> bool:
        """Whether it is sure enough to tell a reader."""
        return self.sureness >= self.needed

    @property
    def named(self) -> bool:
        """Whether a name of the tag is among the words."""
        return any(each.kind is not Kind.LEARNED for each in self.evidence)


@dataclass(frozen=True, slots=True)
class Reading:
    """The runs of words of an article: those of the headline, and all."""

    headline: frozenset[str]
    runs: frozenset[str]
    names: frozenset[str]
    """Longer runs that are names of tags."""


@dataclass(slots=True)
class _Habit:
    """How often a kind of name came with its tag; begins with a guess of one half."""

    hits: float = 1.0
    seen: float = 2.0


@dataclass(slots=True)
class _Strong:
    """The tags that a run is evidence for, as of when it had been seen so often."""

    seen: int = 0
    tags: list[str] = field(default_factory=list)


def no_aliases(_: str) -> Collection[str]:
    """No tag has any."""
    return ()


class Learner:
    """Learns article by article. Tags, names and runs are all folded."""

    def __init__(
        self,
        aliases: Callable[[str], Collection[str]] = no_aliases,
        never: Collection[tuple[str, str]] = (),
        state: Sequence[float] = (),
    ) -> None:
        """``never`` holds pairs of words and tag that must not count, whatever is learned."""
        self.counts = Counts()
        self._judge = Judge(state)
        self._aliases = aliases
        self._never = frozenset(never)
        self._names: dict[str, dict[str, Kind]] = {}
        self._habits: dict[Kind, _Habit] = {kind: _Habit() for kind in Kind if kind is not Kind.LEARNED}
        self._strong: dict[str, _Strong] = {}
        self._odds: dict[str, float] = {}

    @property
    def state(self) -> tuple[float, ...]:
        """The weights of its judgement, to be kept beside the counts."""
        return self._judge.state

    def take_in(self, rows: Iterable[Count], records: Iterable[Record], articles: int) -> None:
        """Put back what the store kept."""
        self.counts.take_in(rows, records, articles)
        for tag in self.counts.tags:
            self._name(tag)

    def read(self, headline: Sequence[str], teaser: Sequence[str]) -> Reading:
        """The runs of an article's tokens."""
        in_headline = frozenset(_runs(headline, 1, 2))
        longer = (run for words in (headline, teaser) for run in _runs(words, 3, MOST_NAME_WORDS))
        names = frozenset(run for run in longer if run in self._names)
        return Reading(in_headline, in_headline.union(_runs(teaser, 1, 2)), names)

    def judge(self, reading: Reading) -> list[Verdict]:
        """Every tag that the words of an article speak for, with how sure that is."""
        found: dict[str, list[Evidence]] = {}
        for run in reading.runs | reading.names:
            for tag, evidence in self._evidence(run, in_headline=run in reading.headline):
                found.setdefault(tag, []).append(evidence)
        verdicts = (self._verdict(tag, evidence) for tag, evidence in found.items())
        return [verdict for verdict in verdicts if verdict]

    def learn(self, reading: Reading, verdicts: Iterable[Verdict], tags: Collection[str]) -> list[Count]:
        """Learn an article's tags, after ``judge`` said these verdicts; the counts that changed, for the store."""
        tags = frozenset(tags)
        for verdict in verdicts:
            tagged = verdict.tag in tags
            self._judge.learn(verdict.signs, verdict.sureness, tagged=tagged)
            record = self.counts.tags[verdict.tag]
            if verdict.sureness > 0.1:
                record.hits += tagged
                record.expected += verdict.sureness
            if tagged and verdict.named:
                record.named += 1
        runs = reading.runs | reading.names
        for run in runs:
            for tag, kind in self._names.get(run, {}).items():
                self._habits[kind].seen += 1
                self._habits[kind].hits += tag in tags
        changed = self.counts.add(runs, tags)
        self._odds.clear()
        for tag in tags:
            if self.counts.tags[tag].seen == 1:
                self._name(tag)
        return changed

    def decides(self, run: str, tag: str) -> bool:
        """Whether the verdict goes before the name: the newsroom has used these words, a name of the tag, and often
        without the tag."""
        seen = self.counts.runs.get(run, 0)
        if seen < DECIDES_AFTER or tag not in self.counts.tags:
            return False
        return self.counts.pairs.get(run, {}).get(tag, 0) < TRUSTED * seen

    def known(self, tag: str) -> list[Evidence]:
        """What stands for a tag, the strongest first: for people who want to see what was learned."""
        runs = {run for run, pairs in self.counts.pairs.items() if tag in pairs}
        runs.update(run for run, names in self._names.items() if tag in names)
        found = (each for run in runs for of, each in self._evidence(run, in_headline=False) if of == tag)
        return sorted(found, key=lambda each: -each.weight)

    def _name(self, tag: str) -> None:
        words = tag.split(" ")
        self._names.setdefault(tag, {})[tag] = Kind.NAME
        for alias in self._aliases(tag):
            self._names.setdefault(alias, {}).setdefault(tag, Kind.ALIAS)
        if len(words) in {2, 3} and len(words[-1]) >= SHORTEST_LAST_NAME:
            self._names.setdefault(words[-1], {}).setdefault(tag, Kind.LAST_NAME)

    def _evidence(self, run: str, *, in_headline: bool) -> Iterator[tuple[str, Evidence]]:
        seen = self.counts.runs.get(run, 0)
        pairs = self.counts.pairs.get(run, {})
        names = self._names.get(run, {})
        for tag, kind in names.items():
            habit = self._habits[kind]
            yield from self._weighed(run, tag, kind, habit.hits / habit.seen, seen, pairs.get(tag, 0), in_headline)
        if seen < 2 or (seen > TOO_COMMON * self.counts.weight and self.counts.weight > 50):
            return
        for tag in self._strong_tags(run, seen, pairs):
            if tag not in names and (record := self.counts.tags.get(tag)):
                share = self.counts.share(record)
                yield from self._weighed(run, tag, Kind.LEARNED, share, seen, pairs.get(tag, 0), in_headline)

    def _weighed(
        self, run: str, tag: str, kind: Kind, prior: float, seen: int, together: int, in_headline: bool
    ) -> Iterator[tuple[str, Evidence]]:
        if tag not in self.counts.tags or (self._never and (run, tag) in self._never):
            return
        weight = log_odds((together + PRIOR * prior) / (seen + PRIOR)) - self._usual(tag)
        if weight >= LEAST_EVIDENCE:
            yield tag, Evidence(run, kind, weight, seen, in_headline)

    def _usual(self, tag: str) -> float:
        """The log-odds of a tag before any word is read; kept until the next article is learned."""
        if (odds := self._odds.get(tag)) is None:
            odds = self._odds[tag] = log_odds(self.counts.share(self.counts.tags[tag]))
        return odds

    def _strong_tags(self, run: str, seen: int, pairs: dict[str, int]) -> list[str]:
        """The tags that this run makes likelier. Looked for anew only when it was seen a tenth more often since: a
        common word has been with thousands of tags, and is evidence for few."""
        strong = self._strong.setdefault(run, _Strong())
        if not strong.seen <= seen <= strong.seen * 1.1:
            weight = self.counts.weight + 10
            strong.seen = seen
            strong.tags = [
                tag
                for tag, together in pairs.items()
                if together >= 2
                and (record := self.counts.tags.get(tag))
                and together * weight > 1.8 * (record.seen + 0.5) * seen
            ]
        return strong.tags

    def _verdict(self, tag: str, found: list[Evidence]) -> Verdict | None:
        record = self.counts.tags[tag]
        usual = self._usual(tag)
        found.sort(key=lambda each: (-each.weight, each.words))
        used: set[str] = set()
        apart = []
        total, part = usual, 1.0
        for each in found:
            words = each.words.split(" ")
            if used.isdisjoint(words):
                used.update(words)
                apart.append(each)
                total += each.weight * part
                part *= FADING
        if total < HOPELESS:
            return None
        signs = self._signs(record, usual, apart)
        needed = ENOUGH
        if all(each.kind is Kind.LEARNED for each in apart):
            needed = min(AT_MOST, ENOUGH + MISSING_NAME * (record.named + 0.5) / (record.seen + 2))
        return Verdict(tag, self._judge.sureness(signs), needed, tuple(apart), signs)

    def _signs(self, record: Record, usual: float, evidence: list[Evidence]) -> tuple[float, ...]:
        weights = [each.weight / 4 for each in evidence] + [0.0, 0.0]
        first, share = evidence[0], self.counts.share(record)
        return (
            1.0,
            usual / 4,
            weights[0],
            weights[1],
            weights[2],
            sum(weights[3:]),
            log((self.counts.recent_share(record) + 0.002) / (share + 0.002)) / 2,
            log(1 + first.seen) / 4,
            float(first.kind is not Kind.LEARNED),
            float(first.in_headline),
            log((record.hits + 20) / (record.expected + 20)),
        )


def _runs(words: Sequence[str], shortest: int, longest: int) -> Iterator[str]:
    for length in range(shortest, longest + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])
