"""What many ask at the same time is done in one go, and each gets its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.store import together
from bot.store.together import Together


class Doubling:
    """Doubles numbers when it may, and remembers which it was given in one go."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.went_twice = asyncio.Event()
        self.may = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.goes.append(list(numbers))
        if len(self.goes) == 2:
            self.went_twice.set()
        await self.may.wait()
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]


async def asked(doubling: Doubling, *numbers: int) -> list[asyncio.Task[int]]:
    """Tasks that ask for these, the first of which is under way."""
    doubled = Together(doubling)
    tasks = [asyncio.create_task(doubled.ask(number), name=f"asks for {number}") for number in numbers]
    await asyncio.sleep(0)
    return tasks


async def test_who_asks_while_a_go_is_under_way_goes_with_all_others_in_the_next() -> None:
    doubling = Doubling()
    tasks = await asked(doubling, 1, 2, 3, 2)
    doubling.may.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 4]
    assert doubling.goes == [[1], [2, 3, 2]]
    later = Together(doubling)
    assert [await later.ask(5), await later.ask(6)] == [10, 12]
    assert doubling.goes[2:] == [[5], [6]]


async def test_of_very_many_some_go_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST", 2)
    doubling = Doubling()
    tasks = await asked(doubling, 1, 2, 3, 4, 5)
    doubling.may.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10]
    assert doubling.goes == [[1], [2, 3], [4, 5]]


async def test_an_error_is_raised_for_all_who_went_together_and_for_nobody_else() -> None:
    doubling = Doubling()
    tasks = await asked(doubling, 1, 2, 13, 4)
    doubling.may.set()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert first == 2
    assert [type(error) for error in others] == [ValueError] * 3


async def test_after_an_error_it_goes_on() -> None:
    doubling = Doubling()
    doubling.may.set()
    doubled = Together(doubling)
    with pytest.raises(ValueError, match="13"):
        await doubled.ask(13)
    assert await doubled.ask(1) == 2


async def test_what_nobody_waits_for_is_not_worked_on() -> None:
    doubling = Doubling()
    tasks = await asked(doubling, 1, 2, 3)
    tasks[1].cancel()
    doubling.may.set()
    await asyncio.wait(tasks)
    assert [task.cancelled() for task in tasks] == [False, True, False]
    assert doubling.goes == [[1], [3]]


async def test_who_goes_on_waiting_where_a_go_was_broken_off_goes_again() -> None:
    doubling = Doubling()
    tasks = await asked(doubling, 1, 2, 3)
    tasks[0].cancel()
    await doubling.went_twice.wait()
    tasks[1].cancel()
    doubling.may.set()
    await asyncio.wait(tasks)
    assert [task.cancelled() for task in tasks] == [True, True, False]
    assert tasks[2].result() == 6
    assert doubling.goes == [[1], [2, 3], [3]]
