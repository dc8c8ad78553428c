"""/follow, /unfollow, /topics, and plain words."""

from collections.abc import Sequence
from html import escape

from telegram import Message

from bot import text
from bot.model import Topic
from bot.store import follows, topics
from bot.telegram import buttons
from bot.telegram.presses import Press
from bot.topics import query
from bot.topics.catalogue import Catalogue
from handlers import keyboards
from handlers.asked import in_bold, read, sort
from handlers.following import follow_names
from handlers.keyboards import Offer, Words
from handlers.sentences import bold, no_words
from handlers.turn import Turn

OFFERED = 10


async def follow(turn: Turn) -> None:
    """Follow what stands behind the command; offer topics where nothing does."""
    asked = await read(turn.words, turn)
    if not asked.names and not asked.complaints:
        await _offer_topics(turn)
        return
    await follow_names(turn, asked)


async def unfollow(turn: Turn) -> None:
    """Stop following what stands behind the command; offer what is followed where nothing does."""
    _ = turn._
    followed = await _followed(turn)
    names = query.split(turn.words)
    if not names or not followed:
        await _show_followed(turn, followed, _("Tap what you want to stop following:"))
        return
    catalogue = (await turn.catalogue()).of_these(followed)
    own = {name: _meant(turn, name, catalogue, followed) for name in names}
    found = list(dict.fromkeys(topic for topic in own.values() if topic))
    async with turn.desk.database.write() as connection:
        for topic in found:
            await follows.remove(connection, turn.chat.id, topic.id, turn.desk.clock())
    if found:
        stopped = _("You no longer follow {topics}.").format(topics=bold([topic.name for topic in found], turn))
        await turn.say(stopped, keyboards.of_topics(found, ()))
    if missing := [name for name, topic in own.items() if topic is None]:
        shown = bold([buttons.shortened(name) for name in missing], turn)
        await _show_followed(turn, followed, _("You do not follow {topics}. You follow:").format(topics=shown), found)


async def list_topics(turn: Turn) -> None:
    """List what is followed, with a button to stop each."""
    await _show_followed(turn, await _followed(turn), turn._("You follow these topics. Tap one to stop it:"))


async def offer(turn: Turn) -> None:
    """Offer to follow plain words."""
    asked = await read(turn.words, turn)
    if asked.complaints or not asked.names:
        await turn.say("\n\n".join(asked.complaints or [no_words(turn)]))
        return
    question = turn._("Shall I tell you about new articles on {topics}?").format(topics=bold(asked.names, turn))
    await turn.say(question, keyboards.of_offer(turn._("+ Follow")))


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


async def _offer_topics(turn: Turn) -> None:
    _ = turn._
    async with turn.desk.database.read() as connection:
        followed = {topic.id for topic in await follows.of_chat(connection, turn.chat.id)}
        offered = await topics.most_used(connection, OFFERED, without=followed)
    how = _("What do you want to follow? Type it behind the command: <code>/follow North Korea</code>.")
    if offered:
        how += "\n\n" + _("{site} writes most about these; tap to follow:").format(site=escape(await turn.site_name()))
    await turn.say(how, keyboards.of_topics(offered, followed))


def _meant(turn: Turn, name: str, catalogue: Catalogue, followed: Sequence[Topic]) -> Topic | None:
    """The one that is meant of what is followed, named as loosely as when it was followed."""
    key = query.key(name)
    if same := next((topic for topic in followed if topic.key == key), None):
        return same
    return catalogue.find(name, turn.chat.language).clear if text.key(name) else None


async def _followed(turn: Turn) -> list[Topic]:
    async with turn.desk.database.read() as connection:
        return await follows.of_chat(connection, turn.chat.id)


async def _show_followed(turn: Turn, followed: list[Topic], title: str, stopped: Sequence[Topic] = ()) -> None:
    shown = [topic for topic in followed if topic not in stopped]
    if not shown:
        await turn.say(turn._("You follow no topics yet. /follow shows what you could follow."))
        return
    if rest := len(shown) - len(keyboards.fitting(shown)):
        more = turn.language.ngettext("… and {number} more", "… and {number} more", rest)
        title += "\n" + more.format(number=rest)
    await turn.say(title, keyboards.of_topics(shown, {topic.id for topic in shown}))
