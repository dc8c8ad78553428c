"""Chats: who is there, what they chose, who rests, who moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, delete, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Chat, ChatKind, ChatSettings, Preview, Rhythm
from bot.store import fan_out, statistics, stretches
from bot.store.alerts_of import alerts_of, lock
from bot.store.database import AnyInsert, insert, insert_for
from bot.store.schema import FRESH, PENDING, alerts, chats, follows, stopped_follows
from bot.store.statistics import Event, What

_CHOSEN = tuple(field.name for field in fields(ChatSettings))


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a chat that every turn of a conversation needs."""

    chat: Chat
    """As it was when it last wrote."""
    chosen_language: str | None
    """The one that it chose, whatever Telegram says."""
    configures: int | None
    """The channel that its reader's commands are for."""
    rests: bool

    def knows(self, chat: Chat) -> bool:
        """Whether a message of this chat, as it is now, tells nothing new."""
        return not self.rests and _seen(self.chat) == _seen(chat)

    def spoken(self, chat: Chat) -> str | None:
        """The language in which to speak to this chat, as it is now: as chosen, else as is known of it."""
        return self.chosen_language or _seen(chat).get("language", self.chat.language) or chat.language


async def welcome(connection: AsyncConnection, chat: Chat, now: datetime) -> None:
    """Know a chat that wrote to us: whatever made it rest is over."""
    values = {"id": chat.id, "kind": chat.kind, "language": chat.language, "created_at": now}
    await connection.execute(_welcoming(connection.dialect.name, tuple(_seen(chat))), values)


@cache
def _welcoming(dialect: str, seen: tuple[str, ...]) -> AnyInsert:
    row = insert_for(dialect, chats)
    new = {name: row.excluded[name] for name in seen}  # what is not given is NULL
    return row.on_conflict_do_update(index_elements=["id"], set_=new)


async def wake(connection: AsyncConnection, chat: Chat) -> None:
    """The same for a chat that is known; one that is not stays unknown: nothing is kept of who follows nothing."""
    await connection.execute(update(chats).where(chats.c.id == chat.id).values(_seen(chat)))


_KNOWN = select(
    *(chats.c[name] for name in ("id", "kind", "language", "chosen_language", "configures", "resting_since"))
).where(chats.c.id.in_(bindparam("ids", expanding=True)))


async def known(connection: AsyncConnection, chat_ids: Sequence[int]) -> list[Known | None]:
    """What is known of each of these chats, in their order; None of one that follows nothing and never did."""
    found = {}
    for chat_id, kind, language, chosen, configures, rests in await connection.execute(_KNOWN, {"ids": chat_ids}):
        found[chat_id] = Known(Chat(chat_id, ChatKind(kind), language), chosen, configures, rests is not None)
    return [found.get(chat_id) for chat_id in chat_ids]


async def language(connection: AsyncConnection, chat_id: int) -> str | None:
    """The language that a chat chose; None where it is not known or has not chosen."""
    return (await connection.execute(select(chats.c.chosen_language).where(chats.c.id == chat_id))).scalar()


async def speak(connection: AsyncConnection, chat: Chat, language: str | None, now: datetime) -> None:
    """Let a chat be spoken to in the language that it chose, or again as Telegram says."""
    await welcome(connection, chat, now)
    await connection.execute(update(chats).where(chats.c.id == chat.id).values(chosen_language=language))


async def configure(connection: AsyncConnection, chat: Chat, channel_id: int, now: datetime) -> None:
    """Let what is said in a private chat be for a channel."""
    await welcome(connection, chat, now)
    await connection.execute(update(chats).where(chats.c.id == chat.id).values(configures=channel_id))


async def release(connection: AsyncConnection, chat_id: int, channel_id: int | None = None) -> None:
    """Let it be for the private chat again, whatever channel it was for or where it was for this one."""
    own = update(chats).where(chats.c.id == chat_id).values(configures=None)
    await connection.execute(own if channel_id is None else own.where(chats.c.configures == channel_id))


_SETTINGS = select(chats.c.id, *(chats.c[name] for name in _CHOSEN)).where(
    chats.c.id.in_(bindparam("ids", expanding=True))
)


async def settings(connection: AsyncConnection, chat_ids: Collection[int]) -> dict[int, ChatSettings]:
    """What these chats chose, by their ids; those that are not known are missing."""
    rows = await connection.execute(_SETTINGS, {"ids": chat_ids})
    return {chat_id: _settings(*chosen) for chat_id, *chosen in rows}


async def choose(connection: AsyncConnection, chat_id: int, chosen: ChatSettings, *, hold_until: datetime) -> None:
    """Record what a chat chose, and when alerts may next reach it."""
    values = {"hold_until": hold_until} | {name: getattr(chosen, name) for name in _CHOSEN}
    await connection.execute(update(chats).where(chats.c.id == chat_id).values(values))


async def hear_notices(connection: AsyncConnection, chat_id: int, *, hears: bool) -> bool:
    """Say whether a chat hears what the newsroom says to all; whether the chat is known."""
    one = update(chats).where(chats.c.id == chat_id)
    return (await connection.execute(one.values(hears_notices=hears))).rowcount == 1


async def rest(connection: AsyncConnection, chat_id: int, now: datetime, reason: str) -> None:
    """Let a chat rest that Telegram refuses: its follows stay for the day it returns, what was due is given up."""
    await lock(connection, chat_id)
    awake = update(chats).where(chats.c.id == chat_id, chats.c.resting_since.is_(None))
    left = (await connection.execute(awake.values(resting_since=now))).rowcount
    due = update(alerts).where(alerts_of(alerts.c.chat_id == chat_id), PENDING)
    failed = (await connection.execute(due.values(state="failed", error=reason))).rowcount
    await statistics.count(connection, now, {Event(What.LEFT): left, Event(What.FAILED): failed})


async def migrate(connection: AsyncConnection, old_id: int, new_id: int) -> None:
    """A group became a supergroup under a new id: what belongs to it moves along."""
    if new_id == old_id:
        return
    await fan_out.stand_still(connection)
    await lock(connection, old_id)
    other: dict[str, ColumnElement[Any]] = {"id": literal(new_id), "kind": literal("supergroup")}
    as_new = select(*(other.get(column.name, column) for column in chats.c)).where(chats.c.id == old_id)
    new = insert(connection, chats).from_select([*chats.c], as_new)
    await connection.execute(new.on_conflict_do_nothing())  # where it was heard of already, maybe just now
    for table in (follows, stopped_follows):
        there = select(table.c.topic_id).where(table.c.chat_id == new_id)
        others = update(table).where(table.c.chat_id == old_id, table.c.topic_id.not_in(there))
        await connection.execute(others.values(chat_id=new_id))
    old_ones = alerts_of(alerts.c.chat_id == old_id)
    told = select(alerts.c.article_id).where(alerts_of(alerts.c.chat_id == new_id))
    moving = update(alerts).where(old_ones, alerts.c.article_id.not_in(told))
    state = case((FRESH, "due"), else_=alerts.c.state)  # no stretch leads to it where it is now
    await connection.execute(moving.values(chat_id=new_id, state=state))
    await connection.execute(delete(alerts).where(old_ones))
    await stretches.forget(connection, old_id)
    await fan_out.go_back(connection, from_id=old_id, to_id=new_id)
    await connection.execute(delete(chats).where(chats.c.id == old_id))


def _seen(chat: Chat) -> dict[str, str | None]:
    """What a message tells of its chat. A group's language is not that of whoever writes there."""
    spoken = {"language": chat.language} if chat.kind is ChatKind.PRIVATE else {}
    return {"kind": chat.kind, "resting_since": None, **spoken}


@lru_cache(maxsize=4096)  # most chats chose the same
def _settings(*values: Any) -> ChatSettings:
    chosen = dict(zip(_CHOSEN, values, strict=True))
    return ChatSettings(**chosen | {"digest": Rhythm(chosen["digest"]), "preview": Preview(chosen["preview"])})
