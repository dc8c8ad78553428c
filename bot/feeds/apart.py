"""Apart: work on bytes from outside in a process of its own, within bounds of time and memory.

A process that has everything loaded waits for work; for each piece it makes a copy of itself, which does the work and
ends. So no bytes hold up the event loop, none can hang, swell or break what reads the next ones, and what a piece took
in memory is given back.
"""

import os
import pickle
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import anyio
import anyio.to_process

AT_ONCE = 2
"""Pieces of work that are done at the same time; further ones wait, which does not count as their time."""
STALLED = 10
"""So many times its seconds a piece may take by the clock, if other programs leave it so little of the processor."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a piece of work may take: seconds of the processor, and bytes of memory."""

    seconds: float
    memory: int


class OutOfBounds(Exception):
    """The work took more than it may, or broke its process; the text says what, as the end of a sentence."""


_turns = anyio.CapacityLimiter(AT_ONCE)
_rehearsed: set[Callable[..., object]] = set()
"""Work that the process which waits has done itself."""


async def apart(
    work: Callable[..., Result], *arguments: object, bounds: Bounds, rehearsal: tuple[object, ...] = ()
) -> Result:
    """What the work returns or raises, done elsewhere. Raises OutOfBounds.

    ``rehearsal`` are arguments of our own with which the process that waits does the work once, so that each copy
    finds loaded and compiled what it takes: without, a quarter of the time for a usual feed was measured to go there.
    """
    piece = (work, arguments, bounds, rehearsal)
    try:
        return await anyio.to_process.run_sync(_in_a_copy, *piece, cancellable=True, limiter=_turns)
    except anyio.BrokenWorkerProcess:
        raise OutOfBounds("broke the process that reads") from None


def _in_a_copy(
    work: Callable[..., Result], arguments: tuple[object, ...], bounds: Bounds, rehearsal: tuple[object, ...]
) -> Result:
    if rehearsal and work not in _rehearsed:
        work(*rehearsal)
        _rehearsed.add(work)
    # a terminal's Ctrl-C comes to every process of ours; only the first is to act on it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reading, writing = os.pipe()
    copy = os.fork()
    if not copy:
        _work_and_end(work, arguments, bounds, writing)
    os.close(writing)
    try:
        outcome = _all_of(reading, bounds.seconds * STALLED)
    finally:
        os.close(reading)
        os.kill(copy, signal.SIGKILL)  # where it still is
        _, status = os.waitpid(copy, 0)
    if outcome:
        succeeded, result = pickle.loads(outcome)  # noqa: S301 - our own words of a moment ago
        if succeeded:
            return result  # type: ignore[no-any-return]
        raise result
    took_long = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGPROF, signal.SIGKILL}
    raise OutOfBounds(
        f"could not be read within {bounds.seconds:g} seconds" if took_long else "broke the process that reads"
    )


def _work_and_end(work: Callable[..., object], arguments: tuple[object, ...], bounds: Bounds, writing: int) -> NoReturn:
    """Do the work and write what came of it; whatever happens, this process ends here."""
    try:
        signal.setitimer(signal.ITIMER_PROF, bounds.seconds)  # which ends the process, also within a library's C
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        memory = bounds.memory if most == resource.RLIM_INFINITY else min(bounds.memory, most)
        resource.setrlimit(resource.RLIMIT_DATA, (memory, most))
        try:
            outcome = pickle.dumps((True, work(*arguments)))
        except MemoryError:
            too_much = OutOfBounds(f"needs more than {bounds.memory // 1024**2} MB of memory to be read")
            outcome = pickle.dumps((False, too_much))
        except Exception as error:  # noqa: BLE001 - raised where it was asked for
            outcome = pickle.dumps((False, error))
        with open(writing, "wb") as pipe:
            pipe.write(outcome)
    finally:
        os._exit(0)


def _all_of(reading: int, seconds: float) -> bytes:
    """What comes until the other side ends; nothing where that takes longer."""
    until = time.monotonic() + seconds
    came = bytearray()
    while select.select([reading], [], [], max(until - time.monotonic(), 0))[0]:
        part = os.read(reading, 1 << 16)
        if not part:
            return bytes(came)
        came += part
    return b""
