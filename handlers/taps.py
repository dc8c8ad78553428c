"""Taps on the buttons under the bot's messages. Data and keyboard may be whatever a hostile client makes up."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import Message

from bot.model import Topic
from bot.store import chats, follows, topics
from bot.telegram import buttons, presses
from bot.telegram.buttons import Follow, Unfollow
from bot.telegram.presses import AboutTopic, Press
from bot.topics.reasons import Scope
from handlers.sentences import no_room
from handlers.turn import Turn, already_so

Answer = Callable[[Turn, Message, Any], Coroutine[Any, Any, bool]]
"""Does what a press under the bot's message asks for; whether that can be done."""


async def tap(turn: Turn, answers: Mapping[type[Press], Answer]) -> None:
    """Do what the button says; say so where it says nothing that can be done any more."""
    if not await _answered(turn, answers):
        await turn.acknowledge(turn._("This button no longer works. /topics shows what you follow."), alert=True)


async def _answered(turn: Turn, answers: Mapping[type[Press], Answer]) -> bool:
    message = turn.query.message if turn.query else None
    press = presses.read(turn.query.data) if turn.query else None
    if press is None or not isinstance(message, Message):
        return False
    if isinstance(press, AboutTopic) and press.topic not in buttons.topics_on(message.reply_markup):
        return False
    answer = answers.get(type(press))
    return answer is not None and await answer(turn, message, press)


async def chip(turn: Turn, message: Message, press: Follow | Unfollow) -> bool:
    """Follow or stop, and let the keyboard show it."""
    if message.reply_markup is None:
        return False
    shown = buttons.topics_on(message.reply_markup)
    async with turn.desk.database.write() as connection:
        topic = await topics.get(connection, press.topic)
        if topic is None:
            return False
        if isinstance(press, Follow):
            said = await follow(turn, connection, topic)
        else:
            await follows.remove(connection, turn.chat.id, topic.id, turn.desk.clock())
            said = turn._("You no longer follow {topic}.")
        pairs = await follows.of_chats(connection, [turn.chat.id], shown)
    full = isinstance(press, Follow) and (turn.chat.id, topic.id) not in pairs
    await turn.acknowledge(said.format(topic=buttons.shortened(topic.name)), alert=full)
    keyboard = buttons.showing(message.reply_markup, {topic_id for _, topic_id in pairs})
    if keyboard != message.reply_markup:
        with already_so():
            await message.edit_reply_markup(keyboard)
    return True


async def follow(turn: Turn, connection: AsyncConnection, topic: Topic) -> str:
    """Follow a topic if the chat has room; what to say of it, with a place for the ``topic``."""
    now = turn.desk.clock()
    await chats.welcome(connection, turn.chat, now)
    followed = await follows.of_chat(connection, turn.chat.id)
    if topic not in followed and len(followed) >= turn.desk.follows_per_chat:
        return no_room(turn)
    vague = turn.desk.catalogue.says_nothing(topic.key)
    scope = Scope.TAGS if vague else Scope.HEADLINE
    await follows.add(connection, turn.chat.id, topic.id, now, scope=scope, thread_id=turn.thread_id)
    return turn._("You now follow {topic}.")
