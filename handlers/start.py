"""/start and /help: what the bot is for, and how to go on; and the links by which a site sends its readers here."""

from html import escape

from bot import text
from bot.model import ChatKind, Topic
from bot.store import follows, topics
from bot.topics import deep_links
from bot.topics.deep_links import Hashed, Named
from handlers import keyboards
from handlers.asked import sort
from handlers.choosing import Chosen, Wish
from handlers.following import follow_chosen
from handlers.offers import offer_names
from handlers.sentences import only_admins
from handlers.turn import Turn

OFFERED = 8


async def start(turn: Turn) -> None:
    """Greet, say in a sentence what the bot does, and offer the site's liveliest topics; or take up a link."""
    if payload := turn.words.strip():
        await _come_by_link(turn, deep_links.read(payload))
        return
    greeting = turn._("Welcome! I tell you when <b>{site}</b> publishes something on the topics you follow.")
    await _offer_topics(turn, greeting.format(site=escape(await turn.site_name())))


async def _come_by_link(turn: Turn, link: Named | Hashed | None) -> None:
    """Follow the tag that a link means. A name that is no tag is only offered: anyone can make a link."""
    topic = await _linked(turn, link)
    if topic is not None:
        await follow_chosen(turn, Chosen([Wish.of_tag(topic, turn.desk.catalogue)]))
    elif isinstance(link, Named) and (asked := sort([" ".join(link.name.split())], turn)).names:
        await offer_names(turn, asked)
    else:
        await _offer_topics(turn, turn._("I do not know the topic of this link."))


async def _linked(turn: Turn, link: Named | Hashed | None) -> Topic | None:
    catalogue = await turn.catalogue()
    match link:
        case Named(name) if text.key(name):
            return catalogue.find(name, turn.spoken).clear
        case Hashed(digest):
            return catalogue.linked(digest)
    return None


async def _offer_topics(turn: Turn, said: str) -> None:
    _ = turn._
    async with turn.desk.database.read() as connection:
        followed = {topic.id for topic in await follows.of_chat(connection, turn.chat.id)}
        offered = await topics.most_used(connection, OFFERED, lately=keyboards.LATELY, without=followed)
    how = _("Type <code>/follow North Korea</code>, or any topic, name or place you like.")
    if offered:
        how += " " + _("Or tap one of these:")
    await turn.say(f"{said}\n\n{how}", keyboards.of_topics(offered, followed))


async def help_(turn: Turn) -> None:
    """List the commands."""
    _ = turn._
    lines = [
        _("I tell you when {site} publishes something on your topics.").format(site=escape(await turn.site_name())),
        "",
        _("/follow North Korea — follow a topic; several with commas between them"),
        _("/follow — see what you could follow"),
        _("/topics — see what you follow, and change or mute it"),
        _("/unfollow North Korea — stop following a topic"),
        _("/latest — see the latest articles; /latest North Korea, those on a topic"),
        _("/settings — choose when and how news comes: at once or in digests, quiet hours, pictures"),
        _("/mute 8h — be left alone for a while"),
        _("/language, /channel, /privacy — my language, news in a channel of yours, what I keep about you"),
        "",
        _("You can also just send me a word or a name.") if turn.here.kind is ChatKind.PRIVATE else only_admins(turn),
    ]
    await turn.say("\n".join(lines))
