"""/unfollow: what stands behind it is stopped, or what the alert came for that it answers."""

from collections.abc import Sequence

from bot import text
from bot.model import Topic
from bot.store import follows
from bot.telegram import buttons
from bot.topics import query
from bot.topics.catalogue import Catalogue
from handlers import alerts, keyboards
from handlers.sentences import bold
from handlers.turn import Turn


async def unfollow(turn: Turn) -> None:
    """Stop what is named; where nothing is, what the answered alert came for if that is one topic; else ask."""
    _ = turn._
    followed = await _followed(turn)
    names = query.split(turn.words)
    alerted = [] if names else await alerts.answered(turn)
    if len(alerted) == 1:
        await _stop(turn, alerted)
    elif not names or not followed:
        await _show_followed(turn, alerted or followed, _("Tap what you want to stop following:"))
    else:
        await _stop_named(turn, names, followed)


async def _stop_named(turn: Turn, names: Sequence[str], followed: Sequence[Topic]) -> None:
    catalogue = (await turn.catalogue()).of_these(followed)
    own = {name: _meant(turn, name, catalogue, followed) for name in names}
    found = list(dict.fromkeys(topic for topic in own.values() if topic))
    if found:
        await _stop(turn, found)
    if missing := [name for name, topic in own.items() if topic is None]:
        shown = bold([buttons.shortened(name) for name in missing], turn)
        left = [topic for topic in followed if topic not in found]
        await _show_followed(turn, left, turn._("You do not follow {topics}. You follow:").format(topics=shown))


async def _stop(turn: Turn, topics: Sequence[Topic]) -> None:
    async with turn.desk.database.write() as connection:
        for topic in topics:
            await follows.remove(connection, turn.chat.id, topic.id, turn.desk.clock())
    stopped = turn._("You no longer follow {topics}.").format(topics=bold([topic.name for topic in topics], turn))
    await turn.say(stopped, keyboards.of_topics(topics, ()))


def _meant(turn: Turn, name: str, catalogue: Catalogue, followed: Sequence[Topic]) -> Topic | None:
    """The one that is meant of what is followed, named as loosely as when it was followed."""
    key = query.key(name)
    if same := next((topic for topic in followed if topic.key == key), None):
        return same
    return catalogue.find(name, turn.spoken).clear if text.key(name) else None


async def _followed(turn: Turn) -> list[Topic]:
    async with turn.desk.database.read() as connection:
        return await follows.of_chat(connection, turn.chat.id)


async def _show_followed(turn: Turn, shown: Sequence[Topic], title: str) -> None:
    if not shown:
        await turn.say(turn._("You follow no topics yet. /follow shows what you could follow."))
        return
    if rest := len(shown) - len(keyboards.fitting(shown)):
        more = turn.language.ngettext("… and {number} more", "… and {number} more", rest)
        title += "\n" + more.format(number=rest)
    await turn.say(title, keyboards.of_topics(shown, {topic.id for topic in shown}))
