from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.patience import REMEMBERED, Bucket, Patience, Share, Verdict, ask
from tests.make import NOW

SHARE = Share(burst=30, a_second=1)
BURST = 30


def verdicts(patience: Patience, reader: int, times: int, after: float = 0) -> list[Verdict]:
    return [patience.ask(reader, NOW + timedelta(seconds=after)) for _ in range(times)]


def test_who_floods_is_asked_to_wait_once() -> None:
    patience = Patience(SHARE)
    assert verdicts(patience, 1, BURST) == [Verdict.ANSWER] * BURST
    assert verdicts(patience, 1, 5) == [Verdict.ASK_TO_WAIT, *[Verdict.IGNORE] * 4]
    assert verdicts(patience, 1, 3, after=1) == [Verdict.ANSWER, Verdict.IGNORE, Verdict.IGNORE]
    assert verdicts(patience, 2, 1) == [Verdict.ANSWER]


def test_who_has_waited_is_told_again_another_time() -> None:
    patience = Patience(SHARE)
    verdicts(patience, 1, BURST + 1)
    assert verdicts(patience, 1, BURST + 1, after=BURST)[-1] is Verdict.ASK_TO_WAIT


def test_of_readers_without_end_the_last_are_remembered() -> None:
    patience = Patience(SHARE)
    for reader in range(REMEMBERED + 5):
        patience.ask(reader, NOW)
    assert len(patience.buckets) == REMEMBERED
    assert 0 not in patience.buckets


@given(st.lists(st.floats(-3600, 3600), max_size=200))
def test_nobody_gets_more_than_the_share_whatever_the_clock_does(steps: list[float]) -> None:
    bucket, now, answered = Bucket(BURST, NOW), NOW, 0
    for step in steps:
        now += timedelta(seconds=step)
        bucket, verdict = ask(bucket, now, SHARE)
        answered += verdict is Verdict.ANSWER
        assert 0 <= bucket.tokens <= BURST
    forward = sum(step for step in steps if step > 0)
    assert answered <= BURST + forward + 1e-6
