"""The clean room: the process in which bytes from outside are worked on, ``python -m bot.feeds.clean_room``.

It does what comes by standard input, piece by piece, and answers by standard output, as ``apart.py`` asks; it ends when
that does. What it reads can break it, and has nothing there to take along or to leave behind but what it takes and
leaves in memory; when that has grown, the process is to be replaced.
"""

import itertools
import os
import pickle
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.feeds import page_facts, parsing
from bot.feeds.apart import Bounds, OutOfBounds

MOST_PIECES = 1000
"""After so many the process is replaced, in case something stays behind that nobody sees."""
GROWN = 128 * 1024 * 1024
"""Bytes in memory after a piece with which the process is replaced; some 40 MB are usual."""
_STATM = Path("/proc/self/statm")


def main() -> None:
    """Work until nobody asks any more."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it comes to all processes of a service; what is begun is finished
    pieces, outcomes = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    parsing.rehearse()
    page_facts.rehearse()
    os.dup2(nowhere, sys.stderr.fileno())  # what bytes from outside make a library say is for nobody's log
    outcomes.write(pickle.dumps(False))  # this is not the last
    outcomes.flush()
    with suppress(EOFError):
        for number in itertools.count(1):
            work, arguments, bounds = pickle.load(pieces)  # noqa: S301 - of the process that started this one
            outcomes.write(_outcome(work, arguments, bounds, is_last=number >= MOST_PIECES))
            outcomes.flush()


def _outcome(work: Any, arguments: tuple[object, ...], bounds: Bounds, *, is_last: bool) -> bytes:
    """What came of the work, written down: whether it succeeded, its result or error, and whether it was the last."""
    signal.setitimer(signal.ITIMER_PROF, bounds.seconds)  # which ends the process, also within a library's C
    _bound_memory(bounds.memory)
    try:
        try:
            succeeded, result = True, work(*arguments)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - raised where it was asked for
            succeeded, result = False, error
        return pickle.dumps((succeeded, result, is_last or _memory() > GROWN))
    except MemoryError:
        too_much = OutOfBounds(f"needs more than {bounds.memory // 1024**2} MB of memory to be read")
        return pickle.dumps((False, too_much, True))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _bound_memory(memory: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory if most == resource.RLIM_INFINITY else min(memory, most), most))


def _memory() -> int:
    """Bytes in memory now; none where the system does not tell."""
    try:
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


if __name__ == "__main__":
    main()
