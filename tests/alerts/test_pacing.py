from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.digest import Parcel
from bot.alerts.pacing import (
    BURST_SECONDS,
    DEBT_SECONDS,
    GROUP,
    PRIVATE,
    SLOWED_FOR,
    allowance,
    allowed,
    fresh,
    halt,
    in_turn,
    refill,
    shut_until,
    slow,
    spend,
    wait,
)  # fmt: skip
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
        assert within <= rate + max(rate * BURST_SECONDS, 1) + 1e-6


@given(st.integers(1, 1000))
def test_after_the_wait_one_may_go(rate: int) -> None:
    pace = refill(fresh(NOW), NOW, rate)
    assert allowed(pace, NOW) == 0
    later = NOW + wait(pace, NOW, rate) + timedelta(microseconds=1)
    assert allowed(refill(pace, later, rate), later) == max(rate // 10, 1)


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
    assert allowed(refill(back, NOW + SECOND, 30), NOW + SECOND) == 6


def test_a_halt_that_is_looked_at_meanwhile_does_not_burst_after_either() -> None:
    pace = halt(fresh(NOW), NOW, 5 * SECOND)
    for seconds in range(1, 5):
        pace = refill(pace, NOW + seconds * SECOND, 30)
    end = NOW + 5 * SECOND
    assert allowed(refill(pace, end, 30), end) == 0
    assert allowed(refill(pace, end + SECOND / 25, 30), end + SECOND / 25) == 1


def numbers(parcels: list[Parcel]) -> list[int]:
    return [alert.id for parcel in parcels for alert in parcel]


def parcel(chat_id: int, number: int = 1) -> Parcel:
    return (an_alert(chat_id=chat_id, number=number),)


def test_what_replies_took_alerts_wait_for_but_not_for_long() -> None:
    pace = spend(refill(fresh(NOW), NOW + SECOND, 30), 36)
    assert pace.tokens == -30
    assert allowed(refill(pace, NOW + 2 * SECOND, 30), NOW + 2 * SECOND) == 0
    assert allowed(refill(pace, NOW + 2.1 * SECOND, 30), NOW + 2.1 * SECOND) == 3
    flooded = refill(spend(pace, 1000), NOW + SECOND, 30)
    assert flooded.tokens == -30 * DEBT_SECONDS


def test_a_refusal_slows_once_in_some_seconds_and_the_rate_creeps_back() -> None:
    pace = refill(fresh(NOW), NOW, 100)
    for _ in range(5):
        pace = slow(pace, NOW, 100)
    assert pace.rate == 95
    assert slow(pace, NOW + SLOWED_FOR, 100).rate == 95 * 0.95
    assert refill(pace, NOW + 2 * SECOND, 100).rate == 97
    assert refill(pace, NOW + 60 * SECOND, 100).rate == 100


def test_however_often_telegram_refuses_something_still_goes() -> None:
    pace, now = refill(fresh(NOW), NOW, 100), NOW
    for _ in range(200):
        now += SLOWED_FOR
        pace = slow(pace, now, 100)
    assert pace.rate == 10


def test_a_chat_gets_a_burst_and_then_one_at_a_time() -> None:
    batch = [parcel(1, number) for number in range(5)]
    turns = in_turn([*batch, parcel(2, 9)], NOW, {})
    assert numbers(turns.first) == [0, 1, 2, 9]
    assert [(each[0].id, at) for each, at in turns.later] == [(3, NOW + SECOND), (4, NOW + 2 * SECOND)]
    assert turns.free_at == {1: NOW + 3 * SECOND, 2: NOW + SECOND}


def test_a_chat_that_had_its_burst_waits() -> None:
    turns = in_turn([parcel(1), parcel(2, 2)], NOW, {1: NOW + 2.5 * SECOND, 2: NOW})
    assert numbers(turns.first) == [2]
    assert [at for _, at in turns.later] == [NOW + SECOND / 2]


@pytest.mark.parametrize("chat", [1, -1])
def test_a_chat_that_is_shut_gets_nothing_until_then(chat: int) -> None:
    free_at = {chat: shut_until(chat, NOW + 7 * SECOND)}
    turns = in_turn([parcel(chat)], NOW, free_at)
    assert [at for _, at in turns.later] == [NOW + 7 * SECOND]
    assert len(in_turn([parcel(chat)], NOW + 7 * SECOND, free_at).first) == 1


@given(st.lists(st.integers(-2, 3), max_size=30), st.lists(st.floats(0, 2), min_size=1, max_size=30))
def test_whatever_comes_no_chat_is_hurried_and_nobody_is_left_out(chats: list[int], gaps: list[float]) -> None:
    waiting = [(NOW, parcel(chat, number)) for number, chat in enumerate(chats)]
    free_at: dict[int, datetime] = {}
    went: dict[int, list[datetime]] = {}
    now = NOW
    for gap in [*gaps, *[4.0] * len(chats)]:
        due = [each for at, each in waiting if at <= now]
        turns = in_turn(due, now, free_at)
        free_at |= turns.free_at
        for sent in turns.first:
            went.setdefault(sent[0].chat_id, []).append(now)
        waiting = [(at, each) for at, each in waiting if at > now] + [(at, each) for each, at in turns.later]
        now += gap * SECOND
    assert waiting == []
    assert sum(map(len, went.values())) == len(chats)
    for chat, times in went.items():
        allows = allowance(chat)
        for start in times:
            window = timedelta(minutes=1)
            within = sum(start <= at < start + window for at in times)
            assert within <= allows.burst + window / allows.every + 1e-6


def test_groups_never_get_more_than_20_a_minute_nor_readers_more_than_one_a_second_in_the_long_run() -> None:
    assert allowance(-1001234567890) == allowance(-1) == GROUP
    assert GROUP.burst + timedelta(minutes=1) / GROUP.every == pytest.approx(20)
    assert allowance(1) == PRIVATE
    assert PRIVATE.every == SECOND
