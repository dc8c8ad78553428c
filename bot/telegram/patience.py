"""How much one reader may ask: a token bucket as a pure rule, and the buckets of those who asked lately."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

REMEMBERED = 10_000
"""Readers; of those who asked longest ago nothing is remembered, and their buckets are full again."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many questions may come at once, and how many each second after that."""

    burst: float = 30
    a_second: float = 1.0


class Verdict(Enum):
    """What to do with a question."""

    ANSWER = auto()
    ASK_TO_WAIT = auto()
    IGNORE = auto()


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many questions a reader may still ask, as of then, and whether the reader was asked to wait."""

    tokens: float
    counted_at: datetime
    told: bool = False


def ask(bucket: Bucket, now: datetime, share: Share) -> tuple[Bucket, Verdict]:
    """One more question. Who asks too much is told so once, and again only after the bucket was half full."""
    elapsed = max((now - bucket.counted_at).total_seconds(), 0)
    tokens = min(bucket.tokens + elapsed * share.a_second, share.burst)
    told = bucket.told and tokens < share.burst / 2
    if tokens >= 1:
        return Bucket(tokens - 1, now, told), Verdict.ANSWER
    return Bucket(tokens, now, told=True), Verdict.IGNORE if told else Verdict.ASK_TO_WAIT


@dataclass(frozen=True, slots=True)
class Patience:
    """The buckets of those who asked lately, the one who asked longest ago first."""

    share: Share = Share()
    buckets: dict[int, Bucket] = field(default_factory=dict)

    def ask(self, reader: int, now: datetime) -> Verdict:
        """One more question of this reader's."""
        bucket, verdict = ask(self.buckets.pop(reader, Bucket(self.share.burst, now)), now, self.share)
        self.buckets[reader] = bucket
        if len(self.buckets) > REMEMBERED:
            del self.buckets[next(iter(self.buckets))]
        return verdict
