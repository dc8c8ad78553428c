"""What editors can do, those whose private chats ADMIN_CHAT_IDS names: to all others these commands do not exist."""

from datetime import timedelta
from urllib.parse import urlencode

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.store import passes
from bot.store.passes import Kind
from bot.web.newsroom.app import ENTRANCE
from handlers import failures
from handlers.turn import Handler, Turn

LINK = timedelta(minutes=10)
"""How long the link into the newsroom waits to be used."""


def for_editors(handler: Handler) -> Handler:
    """The handler, for editors in their private chats."""

    async def checked(turn: Turn) -> None:
        # a private chat has its user's id, so no forwarded message and no group can speak for an editor
        is_editor = turn.here.id in turn.desk.editors and turn.here.id == turn.user_id
        await (handler if is_editor else failures.unknown_command)(turn)

    return checked


@for_editors
async def newsroom(turn: Turn) -> None:
    """Give a link into the newsroom, which works once."""
    if turn.desk.public_url is None:
        await turn.say(turn._("The newsroom has no address yet: the operator must set PUBLIC_URL."))
        return
    async with turn.desk.database.write() as connection:
        key = await passes.issue(connection, Kind.LINK, turn.here.id, turn.desk.clock(), LINK)
    link = f"{turn.desk.public_url}{ENTRANCE}?{urlencode({'key': key})}"
    button = InlineKeyboardButton(turn._("Open the newsroom"), url=link)
    sentence = turn._("This link works once, within ten minutes. Keep it to yourself.")
    await turn.say(sentence, InlineKeyboardMarkup([[button]]))
