"""Passes: by what an editor gets into the newsroom. Only hashes are kept: who reads the store has none."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import passes


class Kind(StrEnum):
    """What a pass opens: a link is used once, a session as often as it lasts."""

    LINK = "link"
    SESSION = "session"


async def issue(connection: AsyncConnection, kind: Kind, chat_id: int, now: datetime, lasts: timedelta) -> str:
    """A new pass for the editor with this private chat; those that are over are cleared away."""
    secret = secrets.token_urlsafe(32)
    await connection.execute(delete(passes).where(passes.c.expires_at <= now))
    row = {"digest": _digest(secret), "kind": kind, "chat_id": chat_id, "expires_at": now + lasts}
    await connection.execute(passes.insert().values(row))
    return secret


async def redeem(connection: AsyncConnection, secret: str, now: datetime) -> int | None:
    """Use a link up: whose it was, or None where it is used, over or made up."""
    used = delete(passes).where(_valid(Kind.LINK, secret, now)).returning(passes.c.chat_id)
    return (await connection.execute(used)).scalar()


async def holder(connection: AsyncConnection, secret: str, now: datetime) -> int | None:
    """Whose session it is, or None where it is over or made up."""
    return (await connection.execute(select(passes.c.chat_id).where(_valid(Kind.SESSION, secret, now)))).scalar()


async def revoke(connection: AsyncConnection, secret: str) -> None:
    """End a session."""
    await connection.execute(delete(passes).where(passes.c.digest == _digest(secret)))


def _valid(kind: Kind, secret: str, now: datetime) -> ColumnElement[bool]:
    return (passes.c.digest == _digest(secret)) & (passes.c.kind == kind) & (passes.c.expires_at > now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
