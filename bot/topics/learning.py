"""What words stand for which tag, learned from the newsroom's own tagging: "Pyongyang" for North Korea.

A word or a pair of words in headline or teaser is evidence for a tag by how much more often its articles have the tag
than articles do. Chance is held off by counting each share as if three more articles had come that were like all
others. What words that do not overlap say together, what other words say against it, and what tags earlier articles
like this one had: ``judging`` makes of these signs how sure it is.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log

from bot.topics.counting import MAX_RUNS, Counts
from bot.topics.earlier import Earlier
from bot.topics.evidence import Evidence, Kind, Names
from bot.topics.judging import Judge, Signs, log_odds
from bot.topics.stop_words import STOP_WORDS

ENOUGH = 0.47
"""How sure it must be to tell a reader."""
PRIOR = 3.0
"""Articles that each share is counted with beside those seen."""
LEAST_EVIDENCE = 0.7
"""Log-odds below which words are no evidence: they must make the tag twice as likely."""
TOO_COMMON = 0.3
"""Words in more than this share of articles stand for nothing."""
HOPELESS = -2.0
"""Log-odds of all evidence below which a tag is not thought about,"""
FADING = 0.5
"""where each piece counts half as much as the one before."""
MOST_NAME_WORDS = 6
IN_HEADLINE = 1.5
"""What a word of the headline weighs beside one of the teaser, where articles are compared."""
SEEN_ENOUGH = 4
"""Articles with a word before it speaks against a tag."""
MOST_AGAINST = 3
"""Words that may do so."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure it is that an article is about a tag, and by what words."""

    tag: str
    sureness: float
    evidence: tuple[Evidence, ...]
    signs: Signs

    @property
    def passes(self) -> bool:
        """Whether it is sure enough to tell a reader."""
        return self.sureness >= ENOUGH


@dataclass(frozen=True)
class Reading:
    """An article's words and pairs of words, each with its weight; the names in it; all that its headline says."""

    words: Mapping[str, float]
    names: frozenset[str]
    headline: frozenset[str]

    @cached_property
    def runs(self) -> frozenset[str]:
        """All that may be evidence."""
        return self.names.union(self.words)


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
        self, aliases: Callable[[str], Collection[str]] = no_aliases, never: Collection[tuple[str, str]] = ()
    ) -> None:
        """``never`` holds pairs of words and tag that must not count, whatever is learned."""
        self.counts = Counts()
        self._names = Names(aliases)
        self._earlier = Earlier()
        self._judge = Judge()
        self._never = frozenset(never)
        self._strong: dict[str, _Strong] = {}
        self._usual: dict[str, float] = {}

    def read(self, headline: Sequence[str], teaser: Sequence[str]) -> Reading:
        """What may be evidence of an article's tokens."""
        first = frozenset(_runs(headline, 1, MOST_NAME_WORDS))
        told = (run for words in (headline, teaser) for run in _runs(words, 1, 2))
        weights = {run: IN_HEADLINE if run in first else 1.0 for run in told if not _is_empty(run)}
        names = filter(self._names.__contains__, (*first, *_runs(teaser, 1, MOST_NAME_WORDS)))
        return Reading(weights, frozenset(names), first)

    def judge(self, reading: Reading) -> list[Verdict]:
        """Every tag that the words of an article speak for, with how sure that is."""
        found: dict[str, list[Evidence]] = {}
        for run in reading.runs:
            for tag, kind, weight in self._weighed(run):
                found.setdefault(tag, []).append(Evidence(run, kind, weight, in_headline=run in reading.headline))
        hopeful = [(tag, apart) for tag, each in found.items() if (apart := self._apart(tag, each))]
        if not hopeful:
            return []
        alike = self._earlier.tags(reading.words)
        known = [(self.counts.runs[run], self.counts.of(run)) for run in reading.words if self._is_known(run)]
        return [self._verdict(tag, evidence, known, alike.get(tag, 0.0)) for tag, evidence in hopeful]

    def learn(self, reading: Reading, verdicts: Iterable[Verdict], tags: Collection[str]) -> None:
        """Learn an article's tags, after ``judge`` said these verdicts."""
        tags = frozenset(tags)
        if not tags:
            return
        for verdict in verdicts:
            tagged = verdict.tag in tags
            self._judge.learn(verdict.signs, verdict.sureness, tagged=tagged)
            record = self.counts.tags[verdict.tag]
            if verdict.sureness > 0.1:
                record.hits += tagged
                record.expected += verdict.sureness
            record.named += tagged and not all(each.kind is Kind.LEARNED for each in verdict.evidence)
        self._names.learn(reading.runs, tags)
        self._earlier.add(reading.words, tags)
        self.count(reading, tags)

    def count(self, reading: Reading, tags: Collection[str]) -> None:
        """Learn what words stand for, and nothing of how to judge them: of many articles, in a tenth of the time."""
        if not tags:
            return  # as good as unread: some feeds and newsrooms leave tags out
        new = [tag for tag in tags if tag not in self.counts.tags]
        faded = self.counts.add(reading.runs, tags)
        self._usual.clear()
        for tag in new:
            self._names.add(tag)
        if faded:
            self._names.keep(self.counts.tags)
        if len(self._strong) > MAX_RUNS:
            self._strong.clear()

    def believes(self, run: str, tag: str, kind: Kind) -> bool:
        """Whether a name means a tag of which no verdict was given: one that the newsroom has never used.

        Words that a reader follows mean themselves. What they are also called does until it came without the tag.
        """
        if tag in self.counts.tags:
            return False
        return kind is Kind.NAME or PRIOR * self._names.share(kind) / (self._seen(run) + PRIOR) >= ENOUGH

    def known(self, tags: Collection[str]) -> dict[str, list[Evidence]]:
        """What stands for each of these tags, the strongest first: for people who want to see what was learned."""
        known: dict[str, list[Evidence]] = {tag: [] for tag in tags}
        for run in self._names.all | self.counts.runs.keys():
            for tag, kind, weight in self._weighed(run):
                if tag in known:
                    known[tag].append(Evidence(run, kind, weight, in_headline=False))
        return {tag: sorted(found, key=lambda each: (-each.weight, each.words)) for tag, found in known.items()}

    def _seen(self, run: str) -> int:
        return self.counts.runs.get(run, 0)

    def _is_known(self, run: str) -> bool:
        return self._seen(run) >= SEEN_ENOUGH

    def _weighed(self, run: str) -> Iterator[tuple[str, Kind, float]]:
        """The tags that a run speaks for, as what, and by how much."""
        seen, pairs, names = self._seen(run), self.counts.of(run), self._names.of(run)
        for tag, kind in names.items():
            yield from self._weight(run, tag, kind, self._names.share(kind), seen, pairs)
        common = self.counts.weight > 50 and seen > TOO_COMMON * self.counts.weight
        if seen >= 2 and not common and not all(map(_is_empty, run.split(" "))):
            for tag in self._strong_tags(run, seen, pairs):
                if tag not in names and (record := self.counts.tags.get(tag)):
                    yield from self._weight(run, tag, Kind.LEARNED, self.counts.share(record), seen, pairs)

    def _weight(
        self, run: str, tag: str, kind: Kind, prior: float, seen: int, pairs: Mapping[str, int]
    ) -> Iterator[tuple[str, Kind, float]]:
        if tag not in self.counts.tags or (self._never and self._is_ruled_out(run, tag, kind)):
            return
        weight = log_odds((pairs.get(tag, 0) + PRIOR * prior) / (seen + PRIOR)) - self._usually(tag)
        if weight >= LEAST_EVIDENCE:
            yield tag, kind, weight

    def _is_ruled_out(self, run: str, tag: str, kind: Kind) -> bool:
        """Whether these words must not count, or a word of them where they are no name."""
        words = run.split(" ") if kind is Kind.LEARNED else ()
        return any((each, tag) in self._never for each in (run, *words))

    def _usually(self, tag: str) -> float:
        """The log-odds of a tag before any word is read; kept until the next article is learned."""
        if (odds := self._usual.get(tag)) is None:
            odds = self._usual[tag] = log_odds(self.counts.share(self.counts.tags[tag]))
        return odds

    def _strong_tags(self, run: str, seen: int, pairs: Mapping[str, int]) -> list[str]:
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

    def _apart(self, tag: str, found: list[Evidence]) -> tuple[Evidence, ...]:
        """The evidence that does not overlap, the strongest first; none where it is too little to think about."""
        found.sort(key=lambda each: (-each.weight, each.words))
        used: set[str] = set()
        apart = []
        total, part = self._usually(tag), 1.0
        for each in found:
            words = each.words.split(" ")
            if used.isdisjoint(words):
                used.update(words)
                apart.append(each)
                total += each.weight * part
                part *= FADING
        return tuple(apart) if total >= HOPELESS else ()

    def _verdict(
        self, tag: str, evidence: tuple[Evidence, ...], known: list[tuple[int, Mapping[str, int]]], alike: float
    ) -> Verdict:
        record, usual = self.counts.tags[tag], self._usually(tag)
        first, share = evidence[0], self.counts.share(record)
        weights = [each.weight / 4 for each in evidence] + [0.0, 0.0]
        prior = PRIOR * share
        lowest = sorted((pairs.get(tag, 0) + prior) / (seen + PRIOR) for seen, pairs in known)[:MOST_AGAINST]
        unnamed = all(each.kind is Kind.LEARNED for each in evidence)
        signs = Signs(
            constant=1.0,
            usual=usual / 4,
            strongest=weights[0],
            second=weights[1],
            third=weights[2],
            further=sum(weights[3:]),
            of_late=log((self.counts.recent_share(record) + 0.002) / (share + 0.002)) / 2,
            named=float(first.kind is not Kind.LEARNED),
            in_headline=float(first.in_headline),
            fared=log((record.hits + 10) / (record.expected + 10)),
            unnamed=(record.named + 0.5) / (record.seen + 2) if unnamed else 0.0,
            against=sum(min(0.0, log_odds(low) - usual) for low in lowest) / 6,
            alike=alike,
        )
        return Verdict(tag, self._judge.sureness(signs), evidence, signs)


def _runs(words: Sequence[str], shortest: int, longest: int) -> Iterator[str]:
    for length in range(shortest, longest + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])


def _is_empty(run: str) -> bool:
    """Whether this is a word that stands in every article, or a letter."""
    return run in STOP_WORDS or (len(run) == 1 and run.isascii())
