"""What chats were told: an alert as it stands in its chat, found again when its reader does something with it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Alert, Chat, ChatSettings, StoredArticle
from bot.store import articles as article_store
from bot.store import chats as chat_store
from bot.store import follows as follow_store
from bot.store.alerts_of import alerts_of
from bot.store.schema import alerts


async def alert(connection: AsyncConnection, chat: Chat, article_id: int) -> Alert | None:
    """The alert of this article that the chat has been sent; None where it has not, or it is long gone."""
    query = select(alerts).where(alerts.c.chat_id == chat.id, alerts.c.article_id == article_id)
    row = (await connection.execute(query.where(alerts.c.message_id.is_not(None)))).first()
    if row is None:
        return None
    found = await article_store.get(connection, [article_id])
    return await as_told(connection, chat, found[article_id], alert_id=row.id, message_id=row.message_id)


async def as_told(
    connection: AsyncConnection,
    chat: Chat,
    article: StoredArticle,
    *,
    alert_id: int = 0,
    message_id: int | None = None,
) -> Alert:
    """An article as this chat would be told of it now."""
    pairs = await follow_store.of_chats(connection, [chat.id], [topic.id for topic in article.topics])
    settings = (await chat_store.settings(connection, [chat.id])).get(chat.id, ChatSettings())
    followed = frozenset(topic_id for _, topic_id in pairs)
    return Alert(
        alert_id, chat.id, chat.language, article, followed, attempts=0, message_id=message_id, settings=settings
    )


async def in_message(connection: AsyncConnection, chat_id: int, message_id: int) -> list[int]:
    """The ids of the articles that a message in a chat tells of: one, or those of a digest; none for any other."""
    theirs = alerts_of(alerts.c.chat_id == chat_id)
    query = select(alerts.c.article_id).where(theirs, alerts.c.message_id == message_id)
    return list((await connection.execute(query.order_by(alerts.c.id))).scalars())
