from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.digest import Parcel
from bot.alerts.pacing import allowed, chat_pause, fresh, halt, in_turn, refill, spend, wait
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


def test_a_halt_that_is_looked_at_meanwhile_does_not_burst_after_either() -> None:
    pace = halt(fresh(NOW), NOW, 5 * SECOND)
    for seconds in range(1, 5):
        pace = refill(pace, NOW + seconds * SECOND, 30)
    end = NOW + 5 * SECOND
    assert allowed(refill(pace, end, 30), end) == 0
    assert allowed(refill(pace, end + SECOND / 25, 30), end + SECOND / 25) == 1


def numbers(parcels: list[Parcel]) -> list[int]:
    return [alert.id for parcel in parcels for alert in parcel]


def parcel(chat_id: int, number: int) -> Parcel:
    return (an_alert(chat_id=chat_id, number=number),)


def test_a_chats_alerts_are_a_second_apart() -> None:
    chats = [1, 2, 1, 1, 3, 2]
    turns = in_turn([parcel(chat, number) for number, chat in enumerate(chats)], NOW, {})
    assert numbers(turns.first) == [0, 1, 4]
    assert turns.later == {NOW + SECOND: [2, 5], NOW + 2 * SECOND: [3]}
    assert turns.free_at == dict.fromkeys([1, 2, 3], NOW + SECOND)


def test_a_groups_alerts_are_three_seconds_apart() -> None:
    turns = in_turn([parcel(-1, number) for number in range(3)], NOW, {})
    assert numbers(turns.first) == [0]
    assert turns.later == {NOW + 3 * SECOND: [1], NOW + 6 * SECOND: [2]}


def test_a_chat_that_was_sent_one_just_now_waits_and_one_that_has_waited_is_forgotten() -> None:
    free_at = {1: NOW + SECOND / 2, 2: NOW, 3: NOW - SECOND}
    turns = in_turn([parcel(1, 1), parcel(2, 2)], NOW, free_at)
    assert numbers(turns.first) == [2]
    assert turns.later == {NOW + SECOND / 2: [1]}
    assert turns.free_at == {1: NOW + SECOND / 2, 2: NOW + SECOND}


@given(st.lists(st.integers(-2, 3), max_size=30), st.lists(st.floats(0, 2), min_size=1, max_size=30))
def test_whatever_comes_when_no_chat_is_hurried_and_nobody_is_left_out(chats: list[int], gaps: list[float]) -> None:
    waiting = [(NOW, parcel(chat, number)) for number, chat in enumerate(chats)]
    free_at: dict[int, datetime] = {}
    went: dict[int, list[datetime]] = {}
    now = NOW
    for gap in [*gaps, *[3.0] * len(chats)]:
        due = [each for at, each in waiting if at <= now]
        turns = in_turn(due, now, free_at)
        free_at = turns.free_at
        for sent in turns.first:
            went.setdefault(sent[0].chat_id, []).append(now)
        again = {number: at for at, numbers in turns.later.items() for number in numbers}
        waiting = [(at, each) for at, each in waiting if at > now]
        waiting += [(again[each[0].id], each) for each in due if each[0].id in again]
        now += gap * SECOND
    assert waiting == []
    assert sum(map(len, went.values())) == len(chats)
    for chat, times in went.items():
        assert all(later - earlier >= chat_pause(chat) for earlier, later in pairwise(times))


@pytest.mark.parametrize(("chat", "seconds"), [(1, 1), (-1, 3), (-1001234567890, 3)])
def test_groups_are_left_alone_longer(chat: int, seconds: int) -> None:
    assert chat_pause(chat) == seconds * SECOND
