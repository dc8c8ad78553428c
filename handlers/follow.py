"""/follow, /unfollow, /topics, and plain words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from telegram import Message

from bot import text
from bot.errors import TopicEmpty, TopicTooLong
from bot.model import Topic
from bot.store import chats, follows, topics
from bot.telegram import buttons
from bot.topics import query
from handlers import keyboards
from handlers.sentences import bold, no_words, too_long, too_many
from handlers.turn import Turn

OFFERED = 10


@dataclass(slots=True)
class Asked:
    """A reader's words, sorted into topics and sentences about what cannot be one."""

    names: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def read(words: str, turn: Turn) -> Asked:
    """Sort the topics in a reader's words from what cannot be one."""
    names = query.split(words)
    if len(names) > query.MAX_TOPICS:
        return Asked(complaints=[too_many(turn)])
    asked = Asked()
    for name in names:
        try:
            asked.names.append(query.check(name))
        except TopicTooLong:
            asked.complaints.append(too_long(turn))
        except TopicEmpty:
            asked.complaints.append(no_words(turn))
    asked.complaints = list(dict.fromkeys(asked.complaints))
    return asked


async def follow(turn: Turn) -> None:
    """Follow what stands behind the command; offer topics where nothing does."""
    asked = read(turn.words, turn)
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
    wanted = {text.key(name): name for name in names}
    found = [topic for topic in followed if topic.key in wanted]
    async with turn.desk.database.write() as connection:
        for topic in found:
            await follows.remove(connection, turn.chat.id, topic.id)
    if found:
        stopped = _("You no longer follow {topics}.").format(topics=bold([topic.name for topic in found], turn))
        await turn.say(stopped, keyboards.of_topics(found, ()))
    known = {topic.key for topic in found}
    missing = [name for key, name in wanted.items() if key not in known]
    if missing:
        shown = bold([buttons.shortened(name) for name in missing], turn)
        await _show_followed(turn, followed, _("You do not follow {topics}. You follow:").format(topics=shown), found)


async def list_topics(turn: Turn) -> None:
    """List what is followed, with a button to stop each."""
    await _show_followed(turn, await _followed(turn), turn._("You follow these topics. Tap one to stop it:"))


async def offer(turn: Turn) -> None:
    """Offer to follow plain words."""
    asked = read(turn.words, turn)
    if asked.complaints or not asked.names:
        await turn.say("\n\n".join(asked.complaints or [no_words(turn)]))
        return
    question = turn._("Shall I tell you about new articles on {topics}?").format(topics=bold(asked.names, turn))
    await turn.say(question, keyboards.of_offer(turn._("+ Follow")))


async def follow_names(turn: Turn, asked: Asked, *, instead_of: Message | None = None) -> None:
    """Follow what was asked for, and say so: in a new message, or in place of one of the bot's own."""
    new: list[Topic] = []
    already: list[Topic] = []
    if asked.names:
        now = turn.desk.clock()
        async with turn.desk.database.write() as connection:
            await chats.welcome(connection, turn.chat, now)
            for topic in await topics.ensure(connection, asked.names, as_tags=False):
                added = await follows.add(connection, turn.chat.id, topic.id, now)
                (new if added else already).append(topic)
    answer = "\n\n".join([*_confirmations(turn, new, already), *asked.complaints])
    keyboard = keyboards.of_topics([*new, *already], {topic.id for topic in (*new, *already)})
    if instead_of is not None:
        await instead_of.edit_text(answer, reply_markup=keyboard)
    else:
        await turn.say(answer, keyboard)


def _confirmations(turn: Turn, new: Sequence[Topic], already: Sequence[Topic]) -> list[str]:
    _ = turn._
    said = []
    if new:
        names = bold([topic.name for topic in new], turn)
        said.append(_("You now follow {topics}. I will tell you when there is something new.").format(topics=names))
    if already:
        names = bold([topic.name for topic in already], turn)
        said.append(_("You already follow {topics}.").format(topics=names))
    return said


async def _offer_topics(turn: Turn) -> None:
    _ = turn._
    async with turn.desk.database.read() as connection:
        followed = {topic.id for topic in await follows.of_chat(connection, turn.chat.id)}
        offered = await topics.most_used(connection, OFFERED, without=followed)
    how = _("What do you want to follow? Type it behind the command: <code>/follow North Korea</code>.")
    if offered:
        how += "\n\n" + _("{site} writes most about these; tap to follow:").format(site=escape(await turn.site_name()))
    await turn.say(how, keyboards.of_topics(offered, followed))


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
