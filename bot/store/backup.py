"""A copy of a SQLite database in one file, made while the bot runs."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from bot.errors import StoreUnreachable


def back_up(database: Path, file: Path) -> int:
    """Write the database, as it is at one moment, to ``file``; how many bytes it has.

    Nobody is kept from writing meanwhile. The file appears when it is whole and was looked through, in the place of
    the one of before; whoever may read the database may read it. Raises StoreUnreachable where that cannot be done.
    """
    if not database.exists():
        raise StoreUnreachable(f"There is no database at {database}: is DATABASE_URL the bot's?")
    if file.exists() and database.samefile(file):
        raise StoreUnreachable(f"{file} is the database itself: name another file")
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as made:
            pass
    except OSError as error:
        raise StoreUnreachable(f"{file} cannot be written: {error.strerror}") from error
    part = Path(made.name)
    try:
        _copy(database, part)
        _look_through(part)
        part.chmod(database.stat().st_mode)
        _put(part, file)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnreachable(f"The backup of {database} to {file} failed: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def _copy(database: Path, part: Path) -> None:
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(part),))


def _look_through(part: Path) -> None:
    with closing(sqlite3.connect(part)) as connection:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _put(part: Path, file: Path) -> None:
    """Let it be there for good: its bytes first, then its name."""
    _sync(part)
    part.replace(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
