"""DATABASE_URL as publishers and their hosts write it, and as SQLAlchemy wants it."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_POSTGRES_OPTIONS = {"ssl", "host", "port", "timeout", "command_timeout", "target_session_attrs"}


def engine_url(database_url: str) -> URL:
    """Read ``sqlite:///path``, ``postgres://…`` or ``postgresql://…``. Raises ValueError on anything else."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise ValueError("is no database address; use sqlite:///path or postgres://user:password@host/name") from None
    if url.drivername == "sqlite":
        if not url.database:
            raise ValueError("names no file; use sqlite:///tagalong.db")
        return url.set(drivername="sqlite+aiosqlite")
    if url.drivername in {"postgres", "postgresql"}:
        query = dict(url.query)
        user, password = query.pop("user", None), query.pop("password", None)  # where libpq takes them, too
        if isinstance(user, str):
            url = url.set(username=url.username or user)
        if isinstance(password, str):
            url = url.set(password=url.password or password)
        if "sslmode" in query:  # libpq's name, which hosts put into the address; asyncpg's is ssl
            query["ssl"] = query.pop("sslmode")
        known = {name: value for name, value in query.items() if name in _POSTGRES_OPTIONS}  # the rest is libpq's own
        return url.set(drivername="postgresql+asyncpg", query=known)
    raise ValueError(f"names {url.drivername!r}, but only sqlite and postgres are supported")
