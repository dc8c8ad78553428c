"""Notices to all readers: who has heard enough says so under one of them."""

from telegram import InlineKeyboardMarkup, Message

from bot.alerts.notices import HearNotices, choice
from bot.store import chats
from handlers.turn import Turn


async def hear(turn: Turn, message: Message, press: HearNotices) -> bool:
    """Tell the reader of the newsroom's notices from now on, or no more; the button then offers the other."""
    async with turn.desk.database.write() as connection:
        known = await chats.hear_notices(connection, turn.chat.id, hears=bool(press.on))
    if not known:
        return False
    said = turn._("You hear of the newsroom's notices again.") if press.on else turn._("No more of these.")
    await turn.acknowledge(said)
    await message.edit_reply_markup(InlineKeyboardMarkup([[choice(turn.language, on=not press.on)]]))
    return True
