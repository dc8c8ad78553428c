"""Alerts in readers' chats, as the sender leaves them there."""

from dataclasses import replace
from typing import Any

from bot.alerts.message import Site, render
from bot.language import translation
from bot.model import Article, Chat, ChatKind
from bot.sandbox.telegram import Room, User
from bot.store import matches, told, topics
from bot.store.database import Database
from bot.store.matches import Match
from bot.store.schema import alerts
from bot.telegram.application import TelegramApplication
from tests.make import NOW, an_article, news

SITE = Site("https://news.example/subscribe/", "https://news.example/sign-in/", "From R99 a month.")


async def alerted(
    bot: TelegramApplication,
    database: Database,
    reader: Room,
    article: Article | None = None,
    **said: tuple[str, str | None],
) -> dict[str, Any]:
    """The alert that a reader gets of an article; ``said`` is, by topic, where it stands and in which words."""
    article = article or an_article(tags=["Mali", "Chad"])
    async with database.write() as connection:
        names = {name.replace("_", " "): where for name, where in said.items()}
        made = await topics.ensure(connection, names, as_tags=False)
        article_id = await news(connection, article, [])
        found = [Match(topic.id, *where) for topic, where in zip(made, names.values(), strict=True)]
        await matches.add(connection, article_id, found)
        row = {"chat_id": reader.id, "article_id": article_id, "state": "sent", "due_at": NOW, "sent_at": NOW}
        await connection.execute(alerts.insert().values(row | {"message_id": 0}))
        alert = await told.alert(connection, Chat(reader.id, ChatKind.PRIVATE, "en"), article_id)
    assert alert is not None
    message = render(replace(alert, message_id=None), SITE, translation("en"))
    sent = await bot.bot.send_message(
        reader.id, message.text, reply_markup=message.keyboard, link_preview_options=message.preview
    )
    async with database.write() as connection:
        place = alerts.update().where(alerts.c.article_id == article_id, alerts.c.chat_id == reader.id)
        await connection.execute(place.values(message_id=sent.message_id))
    return await reader.wait_for(lambda found: found["message_id"] == sent.message_id)


async def tapped(reader: User, message: dict[str, Any], label: str) -> dict[str, Any]:
    """The message as it is after its button was tapped."""
    number = message["message_id"]
    before = next(each for each in reader.messages if each["message_id"] == number)
    await reader.tap(before, label)
    return await reader.wait_for(lambda each: each["message_id"] == number and each != before)
