"""The webhook's secret, as it was last given to Telegram, which does not show it: only its hash is kept."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert
from bot.store.schema import webhooks


async def secret_hash(connection: AsyncConnection, bot_id: int) -> str | None:
    """The hash of the secret that the bot's webhook has; None before there was any."""
    return (await connection.execute(select(webhooks.c.secret_hash).where(webhooks.c.bot_id == bot_id))).scalar()


async def set_secret_hash(connection: AsyncConnection, bot_id: int, value: str) -> None:
    """Keep the hash of the secret that Telegram has been given."""
    row = insert(connection, webhooks).values(bot_id=bot_id, secret_hash=value)
    await connection.execute(row.on_conflict_do_update(index_elements=["bot_id"], set_={"secret_hash": value}))
