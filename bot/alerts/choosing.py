"""What a chat chooses counts at once, also for what waits for it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts import timing
from bot.model import Chat, ChatSettings
from bot.store import chats, holding


async def choose(
    connection: AsyncConnection, chat: Chat, change: Callable[[ChatSettings], ChatSettings], now: datetime
) -> ChatSettings:
    """Change what a chat chose; what it is now. Two changes at once both count: the chat is locked until the end."""
    await chats.welcome(connection, chat, now)
    before = (await chats.settings(connection, [chat.id]))[chat.id]
    after = change(before)
    moment = timing.next_moment(after, now)
    await chats.choose(connection, chat.id, after, hold_until=moment)
    if moment != timing.next_moment(before, now):
        await holding.retime(connection, chat.id, moment)
    return after
