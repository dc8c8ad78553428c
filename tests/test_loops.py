import asyncio
from datetime import timedelta

import pytest

from bot import loops
from bot.errors import StoreUnreachable
from bot.loops import repeat
from tests.logged import Logged, logged

__all__ = ["logged"]


class Work:
    """A loop, under way, whose steps a test watches; ``fails`` steps find no database."""

    def __init__(self, pause: timedelta = timedelta(0), *, fails: int = 0, last: int = 5) -> None:
        self.steps = 0
        self.wake, self.stop = asyncio.Event(), asyncio.Event()
        self._pause, self._fails, self._last = pause, fails, last
        self._taken = asyncio.Event()

    async def run(self) -> None:
        """Until the last step."""
        async with asyncio.timeout(10):
            await repeat("working", self._step, wake=self.wake, stop=self.stop)

    async def taken(self, steps: int) -> None:
        """Wait for so many steps."""
        while self.steps < steps:
            self._taken.clear()
            await self._taken.wait()

    async def _step(self) -> timedelta:
        self.steps += 1
        self._taken.set()
        if self.steps == self._last:
            self.stop.set()
        if self._fails:
            self._fails -= 1
            raise StoreUnreachable("no answer")
        return self._pause


async def test_a_step_follows_the_other_until_it_is_told_to_stop() -> None:
    work = Work()
    await work.run()
    assert work.steps == 5


async def test_told_to_stop_before_it_begins_it_does_nothing() -> None:
    work = Work()
    work.stop.set()
    await work.run()
    assert work.steps == 0


async def test_a_pause_ends_when_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LONGEST_PAUSE", timedelta(hours=1))
    work = Work(timedelta(hours=1), last=3)
    running = asyncio.create_task(work.run())
    for steps in (1, 2):
        await work.taken(steps)
        for _ in range(20):
            await asyncio.sleep(0)  # time enough for another step, were the pause not to hold
        assert work.steps == steps
        work.wake.set()
    await running
    assert work.steps == 3


async def test_a_pause_ends_when_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LONGEST_PAUSE", timedelta(hours=1))
    work = Work(timedelta(hours=1))
    running = asyncio.create_task(work.run())
    await work.taken(1)
    work.stop.set()
    await running
    assert work.steps == 1


async def test_what_wakes_during_a_step_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LONGEST_PAUSE", timedelta(hours=1))
    steps, wake, stop = [], asyncio.Event(), asyncio.Event()

    async def step() -> timedelta:
        steps.append(1)
        (wake if len(steps) == 1 else stop).set()
        return timedelta(hours=1)

    async with asyncio.timeout(10):
        await repeat("working", step, wake=wake, stop=stop)
    assert len(steps) == 2


async def test_no_pause_is_longer_than_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LONGEST_PAUSE", timedelta(milliseconds=1))
    work = Work(timedelta(days=365), last=3)
    await work.run()
    assert work.steps == 3


async def test_a_pause_that_is_over_is_none() -> None:
    work = Work(timedelta(seconds=-5))
    await work.run()
    assert work.steps == 5


async def test_a_database_that_is_away_is_waited_for_and_said_once(
    monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    pauses: list[timedelta] = []
    first_of = loops.first_of

    async def measured(*events: asyncio.Event, within: timedelta) -> None:
        pauses.append(within)
        await first_of(*events, within=timedelta(0))

    monkeypatch.setattr(loops, "first_of", measured)
    work = Work(fails=6, last=8)
    await work.run()
    assert [(entry["event"], entry["waiting"]) for entry in logged.entries] == [
        ("database away", "working"),
        ("database back", "working"),
    ]
    assert [pause.total_seconds() for pause in pauses] == [1, 2, 4, 8, 15, 15, 0, 0]


async def test_a_bug_surfaces() -> None:
    async def step() -> timedelta:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await repeat("working", step, wake=asyncio.Event(), stop=asyncio.Event())
