"""/start and /help: what the bot is for, and how to go on."""

from html import escape

from bot.store import follows, topics
from handlers import keyboards
from handlers.turn import Turn

OFFERED = 6


async def start(turn: Turn) -> None:
    """Greet, say in a sentence what the bot does, and offer the site's most used topics."""
    _ = turn._
    async with turn.desk.database.read() as connection:
        followed = await follows.of_chat(connection, turn.chat.id)
        ids = {topic.id for topic in followed}
        offered = await topics.most_used(connection, OFFERED, without=ids)
    greeting = _("Welcome! I tell you when <b>{site}</b> publishes something on the topics you follow.").format(
        site=escape(await turn.site_name())
    )
    how = _("Type <code>/follow North Korea</code>, or any topic, name or place you like.")
    if offered:
        how += " " + _("Or tap one of these:")
    await turn.say(f"{greeting}\n\n{how}", keyboards.of_topics(offered, ids))


async def help_(turn: Turn) -> None:
    """List the commands."""
    _ = turn._
    lines = [
        _("I tell you when {site} publishes something on your topics.").format(site=escape(await turn.site_name())),
        "",
        _("/follow North Korea — follow a topic; several with commas between them"),
        _("/follow — see what you could follow"),
        _("/topics — see what you follow"),
        _("/unfollow North Korea — stop following a topic"),
        _("/settings — choose when and how news comes: at once or in digests, quiet hours, pictures"),
        _("/mute 8h — be left alone for a while"),
        "",
        _("You can also just send me a word or a name."),
    ]
    await turn.say("\n".join(lines))
