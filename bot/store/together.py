"""Together: what many ask at the same time is done in one go, as databases commit in groups.

While one go is under way, those who ask queue up, and the next one is for all of them. Who asks alone waits for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

MOST = 500
"""In one go."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Together(Generic[Asked, Answer]):
    """Work on many things, which gives an answer for each in their order. What it raises, all of them are told."""

    def __init__(self, work: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._turn = asyncio.Lock()

    async def ask(self, asked: Asked) -> Answer:
        """The answer for this; it is not worked on where nobody waits for it any more."""
        if not self._turn.locked() and not self._waiting:
            async with self._turn:
                (alone,) = await self._work([asked])
                return alone
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        try:
            async with self._turn:
                if not answer.done():
                    await self._go()
            return await answer
        finally:
            answer.cancel()  # nothing, where it is there

    async def _go(self) -> None:
        there = [(asked, answer) for asked, answer in self._waiting if not answer.done()]
        going, self._waiting = there[:MOST], there[MOST:]
        try:
            answers = await self._work([asked for asked, _ in going])
        except asyncio.CancelledError:
            self._waiting = going + self._waiting  # for the next whose turn it is
            raise
        except Exception as error:  # noqa: BLE001 - raised where it was asked for
            for _, waits in going:
                if not waits.done():
                    waits.set_exception(error)
            return
        for (_, waits), answer in zip(going, answers, strict=True):
            if not waits.done():
                waits.set_result(answer)
