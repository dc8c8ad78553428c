"""Following: what was asked for becomes follows, and the reader is told what to expect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from telegram import InlineKeyboardMarkup

from bot.model import Topic
from bot.store import chats, follows, statistics, topics
from bot.telegram.patience import Verdict
from bot.topics.reasons import Scope
from handlers import keyboards
from handlers.asked import Asked
from handlers.choosing import Chosen, Wish, choose
from handlers.expecting import expectation
from handlers.sentences import FEW, bold, full, says_nothing, too_fast
from handlers.turn import Turn


@dataclass(slots=True)
class _Done:
    """What has become of wishes."""

    new: list[Topic] = field(default_factory=list)
    already: list[Topic] = field(default_factory=list)
    moved: bool = False
    """Whether those were told in another thread before."""
    over: list[str] = field(default_factory=list)
    """Names for which there was no room."""
    too_fast: bool = False
    """Whether words were left out because their reader makes too many topics of them."""


async def follow_names(turn: Turn, asked: Asked, *, in_place: bool = False, as_words: bool = False) -> None:
    """Follow what was asked for and say so, in a new message or in place of the tapped one; ask what is unclear.

    ``as_words``: what was asked for is meant as words, whatever tags come near.
    """
    chosen = await choose(turn, asked.names, as_words=as_words)
    await follow_chosen(turn, chosen, asked.complaints, in_place=in_place)


async def follow_chosen(turn: Turn, chosen: Chosen, complaints: Iterable[str] = (), *, in_place: bool = False) -> None:
    """Follow what is clear and say so, with complaints about other words; ask what is not."""
    complaints = list(complaints)
    if chosen.empty:
        complaints.append(says_nothing(turn, chosen.empty))
    done = await _follow(turn, chosen.wishes) if chosen.wishes else _Done()
    messages = []
    if said := [*await _confirmations(turn, done, chosen), *complaints]:
        followed = [*done.new, *done.already]
        chips = keyboards.of_topics(followed, {topic.id for topic in followed})
        messages.append(("\n\n".join(said), chips))
    if chosen.unclear:
        messages.append(await _question(turn, chosen))
    await _say(turn, messages, in_place=in_place)


async def _follow(turn: Turn, wishes: Sequence[Wish]) -> _Done:
    now = turn.desk.clock()
    done = _Done()
    async with turn.desk.database.write() as connection:
        await chats.welcome(connection, turn.chat, now)
        followed = {topic.key: topic for topic in await follows.of_chat(connection, turn.chat.id)}
        done.already = [followed[wish.key] for wish in wishes if wish.key in followed]
        ids = [topic.id for topic in done.already]
        done.moved = await follows.move(connection, turn.chat.id, ids, turn.thread_id)
        new = [wish for wish in wishes if wish.key not in followed]
        room = max(0, turn.desk.follows_per_chat - len(followed))
        done.over = [wish.name for wish in new[room:]]
        new, done.too_fast = _patiently(turn, new[:room])
        plain = await topics.ensure(connection, (wish.name for wish in new if not wish.is_query), as_tags=False)
        queries = await topics.ensure_queries(connection, {wish.key: wish.name for wish in new if wish.is_query})
        made = {topic.key: topic for topic in (*plain, *queries)}
        for wish in new:
            await follows.add(
                connection, turn.chat.id, made[wish.key].id, now, scope=wish.scope, thread_id=turn.thread_id
            )
            done.new.append(made[wish.key])
        unknown = (wish.name for wish in new if not (wish.tag or wish.is_query))
        await statistics.count_search(connection, now, unknown)
    return done


def _patiently(turn: Turn, wishes: Sequence[Wish]) -> tuple[list[Wish], bool]:
    """Tags, and as many words that are none as one reader may make topics of; whether some were too many."""
    ask, now = turn.desk.coining.ask, turn.desk.clock()
    granted = [wish for wish in wishes if wish.tag or ask(turn.here.id, now) is Verdict.ANSWER]
    return granted, len(granted) < len(wishes)


async def _confirmations(turn: Turn, done: _Done, chosen: Chosen) -> list[str]:
    _ = turn._
    said = []
    wishes = {wish.key: wish for wish in chosen.wishes}
    if done.new:
        names = bold([topic.name for topic in done.new], turn)
        said.append(_("You now follow {topics}. I will tell you when there is something new.").format(topics=names))
    if words := [topic.name for topic in done.new if not (wishes[topic.key].tag or wishes[topic.key].is_query)]:
        if len(words) == len(done.new) > 1:
            sentence = _("There are no such tags yet, so I look for the words in headline and teaser.")
        else:
            sentence = _("There is no tag {topics} yet, so I look for the words in headline and teaser.")
        said.append(sentence.format(topics=bold(words, turn, FEW)))
    if common := [topic.name for topic in done.new if wishes[topic.key].scope is Scope.TAGS]:
        sentence = _("{topics} is a word of every day, so only the tag counts.")
        said.append(sentence.format(topics=bold(common, turn, FEW)))
    if len(wishes) == len(done.new) == 1 and not chosen.unclear:
        said += await expectation(turn, turn.desk.catalogue, done.new[0])  # up to date: it was chosen from it
    if done.already:
        names = bold([topic.name for topic in done.already], turn)
        said.append(_("You already follow {topics}.").format(topics=names))
    if done.moved:
        said.append(_("From now on I post it here."))
    if done.over:
        said.append(full(turn, done.over))
    if done.too_fast:
        said.append(too_fast(turn))
    return said


async def _question(turn: Turn, chosen: Chosen) -> tuple[str, InlineKeyboardMarkup]:
    async with turn.desk.database.read() as connection:
        offered = {topic.id for topic in chosen.offered}
        followed = {topic for _, topic in await follows.of_chats(connection, [turn.chat.id], offered)}
    sentence = turn._("I am not sure what you mean by {topics}. Tap what you want to follow:")
    names = bold(chosen.unclear, turn)
    return sentence.format(topics=names), keyboards.of_question(chosen.offered, followed, turn._("+ Just the words"))


async def _say(turn: Turn, messages: Sequence[tuple[str, InlineKeyboardMarkup | None]], *, in_place: bool) -> None:
    for number, (text, keyboard) in enumerate(messages):
        await (turn.edit(text, keyboard) if in_place and number == 0 else turn.say(text, keyboard))
