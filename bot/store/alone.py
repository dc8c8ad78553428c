"""A SQLite file belongs to one process: it says so with a lock that goes when the process does, however that dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bot.errors import StoreTaken, StoreUnreachable


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Have the database to this process. Raises StoreTaken where another one has it.

    The lock is on a file beside it, which stays: on the database itself it would be in SQLite's way.
    """
    beside = _beside(path)
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(beside.open("a"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreTaken(
                f"{path} is in use by another process, and a SQLite database has one only: stop that one first. Where"
                " several are to share the work, `python -m bot copy --to postgres://…` moves everything to PostgreSQL"
            ) from None
        except OSError as error:
            raise StoreUnreachable(f"{beside} cannot be locked: {error.strerror}") from error
        with suppress(OSError):  # a full disk: who has it can then not be told, but it is had
            os.ftruncate(lock.fileno(), 0)
            os.write(lock.fileno(), f"{os.getpid()}\n".encode())
        yield


def holder(path: Path) -> int | None:
    """The process that has the database to itself; None where none has, or where that cannot be told."""
    with suppress(OSError, ValueError), _beside(path).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read(32))
    return None


def _beside(path: Path) -> Path:
    return path.resolve().with_name(f"{path.resolve().name}.lock")
