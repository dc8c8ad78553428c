"""A SQLite file belongs to one process: it says so with a lock that goes when the process does, however that dies."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.errors import StoreTaken, StoreUnreachable


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Have the database to this process. Raises StoreTaken where another one has it.

    The lock is on a file beside it, which stays: on the database itself it would be in SQLite's way.
    """
    beside = path.resolve().with_name(f"{path.resolve().name}.lock")
    with ExitStack() as stack:
        try:
            fcntl.flock(stack.enter_context(beside.open("a")), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreTaken(
                f"{path} is in use by another process, and a SQLite database has one only: stop that one first. Where"
                " several are to share the work, `python -m bot copy --to postgres://…` moves everything to PostgreSQL"
            ) from None
        except OSError as error:
            raise StoreUnreachable(f"{beside} cannot be locked: {error.strerror}") from error
        yield
