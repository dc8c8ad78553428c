from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.pacing import allowed, fresh, halt, one_a_chat, refill, spend, wait
from tests.make import NOW, an_alert

SECOND = timedelta(seconds=1)


@given(st.integers(1, 1000), st.lists(st.floats(0, 0.5), min_size=1, max_size=200))
def test_no_second_holds_more_than_the_rate_and_its_burst(rate: int, gaps: list[float]) -> None:
    pace, now = fresh(NOW), NOW
    sent = []
    for gap in gaps:
        now += timedelta(seconds=gap)
        pace = refill(pace, now, rate)
        sent.append((now, allowed(pace, now)))
        pace = spend(pace, allowed(pace, now))
    for start, _ in sent:
        within = sum(number for at, number in sent if start <= at < start + SECOND)
        assert within <= rate + max(rate * 0.1, 1) + 1e-6


@given(st.integers(1, 1000))
def test_after_the_wait_one_may_go(rate: int) -> None:
    pace = refill(fresh(NOW), NOW, rate)
    assert allowed(pace, NOW) == 0
    later = NOW + wait(pace, NOW, rate) + timedelta(microseconds=1)
    assert allowed(refill(pace, later, rate), later) == 1


def test_a_halt_holds_until_its_end_and_does_not_burst_after() -> None:
    pace = halt(refill(fresh(NOW), NOW + SECOND, 30), NOW + SECOND, 5 * SECOND)
    during = refill(pace, NOW + 3 * SECOND, 30)
    assert allowed(during, NOW + 3 * SECOND) == 0
    assert wait(during, NOW + 3 * SECOND, 30) >= 3 * SECOND
    end = NOW + 6 * SECOND
    assert allowed(refill(pace, end, 30), end) == 0
    assert allowed(refill(pace, end + SECOND / 10, 30), end + SECOND / 10) == 3


def test_a_shorter_halt_does_not_end_a_longer_one() -> None:
    pace = halt(halt(fresh(NOW), NOW, 60 * SECOND), NOW, SECOND)
    assert pace.halted_until == NOW + 60 * SECOND


def test_a_clock_set_back_stops_nothing_for_long() -> None:
    pace = refill(fresh(NOW), NOW + 3600 * SECOND, 30)
    pace = spend(pace, allowed(pace, NOW + 3600 * SECOND))
    back = refill(pace, NOW, 30)
    assert allowed(refill(back, NOW + SECOND, 30), NOW + SECOND) == 3


def test_a_chats_alerts_are_a_second_apart() -> None:
    chats = [1, 2, 1, 1, 3, 2]
    first, later = one_a_chat([an_alert(chat_id=chat, number=number) for number, chat in enumerate(chats)])
    assert [alert.id for alert in first] == [0, 1, 4]
    assert later == {1: [2, 5], 2: [3]}
