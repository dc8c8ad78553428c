"""Taps on the buttons under the bot's messages. Data and keyboard may be whatever a hostile client makes up."""

from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import Message
from telegram.constants import MessageEntityType

from bot.model import Topic
from bot.store import chats, follows, topics
from bot.telegram import buttons
from bot.telegram.buttons import Intent, Press
from bot.topics.reasons import Scope
from handlers import keyboards
from handlers.asked import sort
from handlers.following import follow_names
from handlers.sentences import no_room
from handlers.turn import Turn


async def tap(turn: Turn) -> None:
    """Do what the button says; say so where it says nothing that can be done any more."""
    message = turn.query.message if turn.query else None
    if turn.query is not None and isinstance(message, Message):
        pressed = buttons.read(turn.query.data)
        if turn.query.data in {keyboards.OFFER, keyboards.WORDS}:
            done = await _accept(turn, message)
        else:
            done = pressed is not None and await _press(turn, message, pressed)
        if done:
            return
    await turn.acknowledge(turn._("This button no longer works. /topics shows what you follow."), alert=True)


async def _accept(turn: Turn, message: Message) -> bool:
    """Take up an offer: its topics stand in bold in the bot's own message."""
    asked = sort(_in_bold(message), turn)
    button = turn.query.data if turn.query else None
    if not asked.names or button not in _data(message):
        return False
    await turn.acknowledge()
    await follow_names(turn, asked, instead_of=message, as_words=button == keyboards.WORDS)
    return True


async def _press(turn: Turn, message: Message, pressed: Press) -> bool:
    """Follow or stop, and let the keyboard show it.

    Only topics that have a chip there: other topics are other readers' words, and not for whoever counts up numbers.
    """
    shown = buttons.topics_on(message.reply_markup)
    if message.reply_markup is None or pressed.topic_id not in shown:
        return False
    async with turn.desk.database.write() as connection:
        topic = await topics.get(connection, pressed.topic_id)
        if topic is None:
            return False
        if pressed.intent is Intent.FOLLOW:
            said = await _follow(turn, connection, topic)
        else:
            await follows.remove(connection, turn.chat.id, topic.id)
            said = turn._("You no longer follow {topic}.")
        pairs = await follows.of_chats(connection, [turn.chat.id], shown)
    full = pressed.intent is Intent.FOLLOW and (turn.chat.id, topic.id) not in pairs
    await turn.acknowledge(said.format(topic=buttons.shortened(topic.name)), alert=full)
    keyboard = buttons.showing(message.reply_markup, {topic_id for _, topic_id in pairs})
    if keyboard != message.reply_markup:
        await message.edit_reply_markup(keyboard)
    return True


async def _follow(turn: Turn, connection: AsyncConnection, topic: Topic) -> str:
    """Follow a topic if the chat has room; what to say of it."""
    now = turn.desk.clock()
    await chats.welcome(connection, turn.chat, now)
    followed = await follows.of_chat(connection, turn.chat.id)
    if topic not in followed and len(followed) >= turn.desk.follows_per_chat:
        return no_room(turn)
    vague = turn.desk.catalogue.says_nothing(topic.key)
    await follows.add(connection, turn.chat.id, topic.id, now, scope=Scope.TAGS if vague else Scope.HEADLINE)
    return turn._("You now follow {topic}.")


def _in_bold(message: Message) -> list[str]:
    """What stands in bold. Telegram cuts bold where a link, a hashtag or the like begins: what touches is one."""
    found: list[str] = []
    end = -1
    for entity, part in message.parse_entities([MessageEntityType.BOLD]).items():
        if entity.offset == end:
            found[-1] += part
        else:
            found.append(part)
        end = entity.offset + entity.length
    return found


def _data(message: Message) -> set[object]:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return {button.callback_data for row in rows for button in row}
