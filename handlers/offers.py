"""Plain words: an offer to follow them, or to see the latest on them."""

from telegram import InlineKeyboardMarkup, Message

from bot.telegram.buttons import chips
from bot.telegram.presses import Press, button
from handlers.asked import Asked, in_bold, read, sort
from handlers.following import follow_names
from handlers.keyboards import Offer, Words
from handlers.latest import Older, On, subject
from handlers.sentences import bold, no_words
from handlers.turn import Turn


async def offer(turn: Turn) -> None:
    """Offer to follow what the reader has just written."""
    await offer_names(turn, await read(turn.words, turn))


async def offer_names(turn: Turn, asked: Asked) -> None:
    """Offer to follow what was asked for and, where that is one topic, to see the latest on it."""
    if asked.complaints or not asked.names:
        await turn.say("\n\n".join(asked.complaints or [no_words(turn)]))
        return
    question = turn._("Shall I tell you about new articles on {topics}?").format(topics=bold(asked.names, turn))
    row = [button(turn._("+ Follow"), Offer())]
    if len(asked.names) == 1:
        about = await subject(turn, asked.names[0])
        if about.topic is not None and about.is_followed:
            question = turn._("You already follow {topics}.").format(topics=bold([about.topic.name], turn))
            row = chips([about.topic], [about.topic.id])
        row.append(button(turn._("See the latest"), Older(On.WORDS)))
    await turn.say(question, InlineKeyboardMarkup([row]))


async def accept(turn: Turn, message: Message, press: Offer | Words) -> bool:
    """Take up an offer: its topics stand in bold in the bot's own message."""
    asked = sort(in_bold(message), turn)
    if not asked.names or not _stands(press, message):
        return False
    await turn.acknowledge()
    await follow_names(turn, asked, in_place=True, as_words=isinstance(press, Words))
    return True


def _stands(press: Press, message: Message) -> bool:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return any(button.callback_data == press.data for row in rows for button in row)
