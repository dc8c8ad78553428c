"""What a reader does about an alert: opens its ⋯, closes that again, or answers it with a command."""

from dataclasses import replace
from datetime import timedelta

from telegram import InlineKeyboardMarkup, Message

from bot.alerts import when
from bot.alerts.message import More
from bot.model import ChatKind, Topic
from bot.store import follows, matches, topics
from bot.store import told as store
from bot.telegram.buttons import in_rows, shortened
from bot.telegram.presses import button
from handlers import panel, settings
from handlers.panel import Closed, Less, Listed, Open
from handlers.sentences import unmarked
from handlers.settings_choices import Page
from handlers.settings_words import vocabulary
from handlers.told import Told, reasons, told
from handlers.turn import Turn

DAY = timedelta(days=1)
MAX_REASONS = 6
"""Of one article's topics that its reader follows, as many are shown."""


async def more(turn: Turn, message: Message, press: More) -> bool:
    """Say why the alert came: for one topic on its page, for several with a way to each."""
    opens = await _may_open(turn)
    alert = await told(turn, press.article, opened=opens)
    if alert is None:
        return False
    if not opens:
        return await _say_why(turn, alert)
    leave = Closed(press.article)
    if len(alert.matches) == 1:
        return await panel.press(turn, message, Open(alert.matches[0].topic_id, leave))
    found, why = await _why(turn, alert)
    ways = [button(shortened(topic.name), Open(topic.id, press)) for topic in found]
    ends = [button(turn._("Less often …"), Less()), button(turn._("‹ Back"), leave)]
    keyboard = InlineKeyboardMarkup([*in_rows(ways), *([end] for end in ends)])
    await turn.acknowledge()
    page = alert.with_more(why, keyboard)
    await turn.edit(page.text, page.keyboard, page.preview)
    return True


async def _may_open(turn: Turn) -> bool:
    """Whether the alert opens under who tapped: in a group all see it open, and in a channel it stays as it is."""
    if turn.here.kind is ChatKind.PRIVATE:
        return True
    if turn.here.kind is ChatKind.CHANNEL or turn.user_id is None:
        return False
    return await turn.desk.admins.has(turn.bot, turn.here, turn.user_id, turn.desk.clock())


async def _say_why(turn: Turn, alert: Told) -> bool:
    """Say why the alert came to who tapped, and to nobody else."""
    _, why = await _why(turn, alert)
    await turn.acknowledge(unmarked(" ".join(why)), alert=True)
    return True


async def _why(turn: Turn, alert: Told) -> tuple[list[Topic], list[str]]:
    """The topics for which the alert came, and sentences that say so."""
    async with turn.desk.database.read() as connection:
        found = await topics.of_ids(connection, [match.topic_id for match in alert.matches[:MAX_REASONS]])
    why = reasons(turn, ((match, found[match.topic_id]) for match in alert.matches if match.topic_id in found))
    return list(found.values()), why or [turn._("You follow none of its topics any more.")]


async def close(turn: Turn, _: Message, press: Closed) -> bool:
    """Show the alert as it came, with what has become of it since."""
    alert = await told(turn, press.article, opened=False)
    if alert is None:
        return False
    await turn.acknowledge()
    await turn.edit(alert.text, alert.keyboard, alert.preview)
    return True


async def less(turn: Turn, message: Message, _: Less) -> bool:
    """Show, below the alert, how often alerts come and what else could be."""
    await turn.acknowledge()
    await settings.show(replace(turn, query=None, message=message), Page.RHYTHM)
    return True


async def mute(turn: Turn) -> None:
    """Mute the topic for which the alert came that is answered, for a day where no time is said; else everything."""
    alerted = await answered(turn)
    if not alerted:
        await settings.mute(turn)
    elif len(alerted) == 1:
        await _mute(turn, alerted[0])
    else:
        ways = in_rows(button(shortened(topic.name), Open(topic.id, Listed(0))) for topic in alerted)
        await turn.say(turn._("Tap the topic that you mean:"), InlineKeyboardMarkup(ways))


async def _mute(turn: Turn, topic: Topic) -> None:
    """Mute one topic as long as the words say, and show how it is followed; other words change nothing."""
    now, words, known = turn.desk.clock(), turn.words, vocabulary(turn.language)
    until = when.mute_until(words, (await settings.view(turn)).settings, now, known) if words else now + DAY
    async with turn.desk.database.write() as connection:
        if until is not None or when.is_off(words, known):
            await follows.mute(connection, turn.chat.id, topic.id, until)
        follow = await follows.get(connection, turn.chat.id, topic.id)
    if page := await panel.show(turn, topic, follow, Listed(0)):
        await turn.say(page.text, page.keyboard)


async def answered(turn: Turn) -> list[Topic]:
    """The topics of this chat for which the alert came that the reader's message answers; none for other messages."""
    replied = turn.message.reply_to_message if turn.message else None
    if replied is None:
        return []
    async with turn.desk.database.read() as connection:
        articles = await store.in_message(connection, turn.chat.id, replied.message_id)
        found = [match for article in articles for match in await matches.for_chat(connection, article, turn.chat.id)]
        return list((await topics.of_ids(connection, [match.topic_id for match in found])).values())
