"""Plain words: an offer to follow them, or to see the latest on them."""

from telegram import InlineKeyboardMarkup, Message

from bot.telegram.buttons import chips
from bot.telegram.presses import Press, button
from handlers.asked import Asked, in_bold, read, sort
from handlers.choosing import choose
from handlers.following import follow_chosen, follow_names
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
    if len(asked.names) == 1:
        await _offer_one(turn, asked.names[0])
        return
    question = turn._("Shall I tell you about new articles on {topics}?").format(topics=bold(asked.names, turn))
    await turn.say(question, InlineKeyboardMarkup([[button(turn._("+ Follow"), Offer())]]))


async def _offer_one(turn: Turn, name: str) -> None:
    """Offer one topic by its own name; where it is not clear which is meant, ask that at once."""
    about = await subject(turn, name)
    if about.topic is not None and about.is_followed:
        said = turn._("You already follow {topics}.").format(topics=bold([about.name], turn))
        row = chips([about.topic], [about.topic.id])
    else:
        chosen = await choose(turn, [name])
        if not chosen.wishes:
            await follow_chosen(turn, chosen)
            return
        said = turn._("Shall I tell you about new articles on {topics}?")
        said = said.format(topics=bold([chosen.wishes[0].name], turn))
        row = [button(turn._("+ Follow"), Offer())]
    await turn.say(said, InlineKeyboardMarkup([[*row, button(turn._("See the latest"), Older(On.WORDS))]]))


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
