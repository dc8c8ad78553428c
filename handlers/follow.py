"""/follow: what stands behind it is followed."""

from html import escape

from bot.store import follows, topics
from handlers import keyboards
from handlers.asked import read
from handlers.following import follow_names
from handlers.turn import Turn

OFFERED = 10


async def follow(turn: Turn) -> None:
    """Follow what stands behind the command; offer topics where nothing does."""
    asked = await read(turn.words, turn)
    if not asked.names and not asked.complaints:
        await _offer_topics(turn)
        return
    await follow_names(turn, asked)


async def _offer_topics(turn: Turn) -> None:
    _ = turn._
    async with turn.desk.database.read() as connection:
        followed = {topic.id for topic in await follows.of_chat(connection, turn.chat.id)}
        offered = await topics.most_used(connection, OFFERED, lately=keyboards.LATELY, without=followed)
    how = _("What do you want to follow? Type it behind the command: <code>/follow North Korea</code>.")
    if offered:
        how += "\n\n" + _("{site} writes most about these; tap to follow:").format(site=escape(await turn.site_name()))
    await turn.say(how, keyboards.of_topics(offered, followed))
