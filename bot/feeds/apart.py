"""Apart: work on bytes from outside in processes of their own, within bounds of time and memory.

Each process, which ``clean_room.py`` is, does one piece of work after another, so that a usual piece costs little more
than the work itself. One that takes more than it may ends its process and nothing else: that is replaced, and pieces
that wait are done by the new one. So no bytes hold up the event loop, and none can hang, swell or break what reads the
next ones.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, Any, TypeVar, cast

AT_ONCE = 2
"""Processes at most, and so pieces of work that are done at the same time; waiting does not count as their time."""
PATIENCE = 5
"""So many times its seconds a piece may take by the clock, if other programs leave it so little of the processor."""
STARTING_SECONDS = 60.0
"""By the clock, in which a process starts, or is given up."""
ENDING_SECONDS = 5.0
"""By the clock, in which a process that answers no more ends by itself and shows of what, or is killed."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a piece of work may take: seconds of the processor, and bytes of memory."""

    seconds: float
    memory: int


class OutOfBounds(Exception):
    """The work took more than it may, or broke its process; the text says what, as the end of a sentence."""


_Piece = tuple[Callable[..., Any], tuple[object, ...], Bounds]
_waiting: SimpleQueue[tuple[Future[Any], _Piece]] = SimpleQueue()
_keepers: list[threading.Thread] = []


async def apart(work: Callable[..., Result], *arguments: object, bounds: Bounds) -> Result:
    """What the work returns or raises, done elsewhere. Raises OutOfBounds."""
    import asyncio  # here, since the clean room loads this file, too, and needs none of it

    answer: Future[Result] = Future()
    get_ready(1)
    _waiting.put((answer, (work, arguments, bounds)))
    return await asyncio.wrap_future(answer)


def get_ready(processes: int = AT_ONCE) -> None:
    """Start so many processes, where there are fewer; they stay until this one ends. Without, the first work does."""
    while len(_keepers) < processes:
        _keepers.append(threading.Thread(target=_keep, name="keeps a process that reads", daemon=True))
        _keepers[-1].start()


def _keep() -> None:
    """Have one process do what waits, piece by piece, and a new one where that is used up, for ever."""
    process: _Process | None = None
    while True:
        process = _do_next(_fit(process))


def _do_next(process: "_Process | None") -> "_Process | None":
    """Do the next piece, as soon as there is one; the process that did it."""
    answer, piece = _waiting.get()
    if answer.set_running_or_notify_cancel():  # else nobody waits for it any more
        process = _fit(process)  # it may have ended while nobody asked it for anything
        try:
            answer.set_result(_done(process, piece))
        except Exception as error:  # noqa: BLE001 - raised where it was asked for
            answer.set_exception(error)
    return process


def _fit(process: "_Process | None") -> "_Process | None":
    """The process, or a new one where it can do no more; None where the system has none to give."""
    if process and process.is_fit:
        return process
    if process:
        process.end()
    with suppress(OSError, EOFError, RuntimeError):  # the last where the interpreter is about to end
        return _Process()
    return None


def _done(process: "_Process | None", piece: _Piece) -> object:
    if process is None:
        raise OutOfBounds("cannot be read: no process starts in which it could be")
    return process.do(pickle.dumps(piece), piece[2])


class _Process:
    """A process that works. What ends it, or is to be its last, leaves it unfit for more."""

    def __init__(self) -> None:
        self._took_long = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.feeds.clean_room"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,  # a terminal's Ctrl-C is for the first process only
        )
        self._pieces, self._outcomes = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        try:
            self._is_over = self._answer(STARTING_SECONDS)
        except BaseException:
            self.end()
            raise

    @property
    def is_fit(self) -> bool:
        """Whether it can do more."""
        return not self._is_over and self._process.poll() is None

    def do(self, piece: bytes, bounds: Bounds) -> object:
        """What the work returns or raises. Raises OutOfBounds."""
        self._is_over = True  # unless it says that it is not
        try:
            succeeded, result, self._is_over = self._answer(bounds.seconds * PATIENCE, piece)
        except (OSError, EOFError, pickle.UnpicklingError):
            with self._bound_by_the_clock(ENDING_SECONDS):
                self._process.wait()
            took_long = self.end() == -signal.SIGPROF or self._took_long
            reason = f"could not be read within {bounds.seconds:g} seconds" if took_long else None
            raise OutOfBounds(reason or "broke the process that reads") from None
        if succeeded:
            return result
        raise result

    def end(self) -> int:
        """End it; with what code it has ended."""
        self._process.kill()
        with suppress(OSError), self._process:  # waits for it, and closes what led to it
            pass
        return self._process.returncode

    def _answer(self, seconds: float, piece: bytes = b"") -> Any:
        with self._bound_by_the_clock(seconds):
            self._pieces.write(piece)
            self._pieces.flush()
            return pickle.load(self._outcomes)  # noqa: S301 - our own words of a moment ago

    @contextmanager
    def _bound_by_the_clock(self, seconds: float) -> Iterator[None]:
        """It is killed if what is waited for here takes longer."""
        bell = threading.Timer(seconds, self._give_up)
        bell.daemon = True
        bell.start()
        try:
            yield
        finally:
            bell.cancel()

    def _give_up(self) -> None:
        self._took_long = True
        self._process.kill()
