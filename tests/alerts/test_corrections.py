"""An article that changes after it was told: the messages that readers have are corrected, and nobody is told again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.alerts import sending
from bot.alerts.fanout import FanOut
from bot.alerts.intake import Intake
from bot.alerts.message import Site
from bot.alerts.rereading import Rereader
from bot.alerts.revising import MISSING_CHECKED
from bot.alerts.sending import Rate, Sender
from bot.feeds import pace
from bot.model import Article
from bot.sandbox.telegram import TOKEN, BotApiServer, Fault, Limits, User, buttons
from bot.store import editing
from bot.store.database import Database
from bot.store.unread import next_due
from bot.telegram.application import TelegramBot, make_bot
from bot.topics.matching import Matcher
from tests.make import NOW, a_feed, a_follower, an_article

TEASER = "A teaser with words enough to say what the whole story is about."


@dataclass
class Newsroom:
    """An intake, a fan-out and a sender with a clock of their own, and the pages of a site."""

    database: Database
    bot: TelegramBot
    telegram: BotApiServer
    now: datetime = NOW
    statuses: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    page: Callable[[Article], Article] = field(default=lambda article: article)
    read: list[datetime] = field(default_factory=list)
    """When pages were read."""

    def __post_init__(self) -> None:
        self.intake = self.another()
        self.fan_out = FanOut(self.database, self.clock, news=asyncio.Event(), due=asyncio.Event())
        self.rereader = Rereader(self.database, self.intake.read_again, self.clock)
        self.sender = Sender(self.database, self.bot, Site(), Rate(30), self.clock, due=asyncio.Event())

    def clock(self) -> datetime:
        return self.now

    def another(self) -> Intake:
        return Intake(self.database, Matcher(), self.clock, news=asyncio.Event(), pages=self)

    async def complete(self, article: Article, *, site: str | None) -> Article:
        self.read.append(self.now)
        return self.page(article)

    async def status(self, link: str, *, site: str | None) -> int | None:
        self.asked.append(link)
        return self.statuses.get(link, 200)

    async def take(self, *articles: Article, feed: int = 1) -> int:
        """Take in what the feed holds, and let everything be sent or corrected that is to be."""
        self.now += timedelta(minutes=1)
        taken = await self.intake.take(feed, articles, as_news=True)
        await self.tell()
        return taken

    async def tell(self) -> None:
        """Let all be told that is to be."""
        self.now += timedelta(seconds=1)
        while await self.fan_out._chunk() == timedelta(0):
            pass
        await self.deliver()

    async def wait(self, span: timedelta) -> None:
        """Let time go by, and pages be read again that are due."""
        until = self.now + span
        while (due := await self._next_due()) and due <= until:
            self.now = max(self.now, due)
            await self.rereader.step()
        self.now = until
        await self.tell()

    async def _next_due(self) -> datetime | None:
        async with self.database.read() as connection:
            return await next_due(connection)

    async def deliver(self) -> None:
        """Send and correct until nothing is left to do; a sender that finds nothing may only lack tokens yet."""
        idle = 0
        while idle < 2:
            self.now += timedelta(seconds=40)
            alerts, _ = await self.sender._take()
            await asyncio.gather(*(self.sender._fly(alert) for alert in alerts))
            idle = 0 if alerts else idle + 1


@pytest.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off()) as server:
        yield server


@pytest.fixture
async def room(database: Database, telegram: BotApiServer) -> AsyncIterator[Newsroom]:
    async with make_bot(TOKEN, telegram.url) as bot:
        async with database.write() as connection:
            await a_feed(connection)
        yield Newsroom(database, bot, telegram)


async def follower(room: Newsroom, number: int, *topics: str) -> User:
    reader = room.telegram.user(number)
    await reader.say("/start")
    async with room.database.write() as connection:
        await a_follower(connection, number, *topics)
    return reader


@pytest.fixture
async def ada(room: Newsroom) -> User:
    return await follower(room, 1, "Mali")


@pytest.fixture
async def ben(room: Newsroom) -> User:
    return await follower(room, 2, "Chad")


def mali(name: str = "one", **changes: Any) -> Article:
    teaser = TEASER if name == "one" else f"Of {name} there is another tale to be told, which has little of the first."
    return replace(an_article(name, headline=f"Mali votes on {name}", teaser=teaser, tags=["Mali"]), **changes)


def texts(reader: User) -> list[str]:
    return [message["text"] for message in reader.received]


async def test_an_edit_corrects_the_message_and_tells_nobody_again(room: Newsroom, ada: User) -> None:
    assert await room.take(mali()) == 1
    assert await room.take(mali(headline="Mali votes tomorrow")) == 0
    assert await room.take(mali(headline="Mali votes tomorrow")) == 0
    (message,) = ada.received
    assert message["text"].startswith("Mali votes tomorrow")
    assert "edit_date" in message
    assert len(room.telegram.calls.of("editMessageText")) == 1
    assert len(room.telegram.calls.of("sendMessage")) == 1


async def test_free_that_becomes_premium_shows_how_to_subscribe(room: Newsroom, ada: User) -> None:
    await room.take(mali())
    assert buttons(ada.received[0])[0]["text"] == "Read"
    await room.take(mali(premium=True))
    assert buttons(ada.received[0])[0]["text"] == "Subscribe"


async def test_several_edits_show_the_last(room: Newsroom, ada: User) -> None:
    await room.take(mali())
    for number in range(3):
        await room.intake.take(1, [mali(headline=f"Mali votes, take {number}")], as_news=True)
    await room.deliver()
    assert [text.partition("\n")[0] for text in texts(ada)] == ["Mali votes, take 2"]
    assert len(room.telegram.calls.of("editMessageText")) == 1


async def test_only_the_feed_that_brought_an_article_edits_it(room: Newsroom, ada: User) -> None:
    await room.take(mali())
    for _ in range(2):
        await room.take(mali(headline="Mali, as the other feed calls it"), feed=2)
        await room.take(mali())
    assert room.telegram.calls.of("editMessageText") == []
    assert len(texts(ada)) == 1


async def test_what_was_told_more_than_two_days_ago_stays(room: Newsroom, ada: User) -> None:
    await room.take(mali())
    room.now += sending.CORRECTED_WITHIN
    await room.take(mali(headline="Mali votes tomorrow"))
    assert [text.partition("\n")[0] for text in texts(ada)] == ["Mali votes on one"]


@pytest.mark.parametrize(
    ("fault", "corrected"),
    [
        (Fault("429", method="editMessageText", retry_after=3), True),
        (Fault("500", method="editMessageText"), True),
        (Fault("reset", method="editMessageText"), True),
        (Fault("400", method="editMessageText", description="Bad Request: message to edit not found"), False),
        (Fault("403", method="editMessageText"), False),
    ],
)
async def test_a_correction_is_tried_again_unless_it_never_can_be(
    room: Newsroom, ada: User, fault: Fault, corrected: bool
) -> None:
    await room.take(mali())
    room.telegram.faults.add(replace(fault))
    await room.take(mali(headline="Mali votes tomorrow"))
    await room.deliver()
    assert texts(ada)[0].startswith("Mali votes tomorrow") is corrected
    assert len(room.telegram.calls.of("editMessageText")) == (2 if corrected else 1)
    assert len(texts(ada)) == 1


async def test_alerts_go_before_corrections(room: Newsroom, ada: User) -> None:
    await room.take(mali())
    await room.intake.take(1, [mali(headline="Mali votes tomorrow"), mali("two")], as_news=True)
    while await room.fan_out._chunk() == timedelta(0):
        pass
    await room.deliver()
    methods = [call["method"] for call in room.telegram.calls.of() if call["method"] != "getMe"]
    assert methods == ["sendMessage", "sendMessage", "editMessageText"]


async def test_a_withdrawn_article_is_struck_out_and_leads_nowhere(room: Newsroom, ada: User) -> None:
    older = [mali(str(number)) for number in range(3)]
    await room.take(*older, mali())
    room.statuses[mali().link] = 404
    await room.take(*older)
    message = next(message for message in ada.received if "Mali votes on one" in message["text"])
    assert "has been withdrawn" in message["text"]
    assert message["entities"][0]["type"] == "strikethrough"
    assert buttons(message) == []
    await room.take(*older, mali())
    assert "has been withdrawn" not in "".join(texts(ada))
    assert len(texts(ada)) == 4


async def test_an_alert_not_yet_sent_of_a_withdrawn_article_is_not(room: Newsroom, ada: User) -> None:
    older = [mali(str(number)) for number in range(3)]
    await room.take(*older)
    await room.intake.take(1, [*older, mali()], as_news=True)
    while await room.fan_out._chunk() == timedelta(0):
        pass
    room.statuses[mali().link] = 410
    await room.take(*older)
    assert len(texts(ada)) == 3


async def test_an_article_that_was_gone_only_for_a_while_is_told_when_it_is_back(room: Newsroom, ada: User) -> None:
    older = [mali(str(number)) for number in range(3)]
    await room.take(*older)
    await room.intake.take(1, [*older, mali(), mali("two")], as_news=True)
    await room.fan_out._chunk()  # of the first; that of the second is still to come
    room.statuses = {mali(name).link: 404 for name in ("one", "two")}
    await room.take(*older)
    assert len(texts(ada)) == 3
    await room.take(*older, mali(), mali("two"))
    await room.take(*older, mali(), mali("two"))
    assert [text.partition("\n")[0] for text in texts(ada)[3:]] == ["Mali votes on two", "Mali votes on one"]
    assert "withdrawn" not in "".join(texts(ada))


async def test_what_leaves_the_feed_in_good_order_or_still_has_its_page_stays(room: Newsroom, ada: User) -> None:
    articles = [mali(str(number)) for number in range(8)]
    await room.take(*articles)
    room.statuses = {article.link: 404 for article in articles[:4]}
    await room.take(*articles[4:])  # the oldest have left it, as the oldest do
    assert room.asked == []
    await room.take(*articles[:3], articles[7])
    assert room.asked == [article.link for article in articles[6:3:-1]]
    assert len(room.asked) == MISSING_CHECKED
    assert "withdrawn" not in "".join(texts(ada))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, 1),
        ({"headline": "Mali votes on one today"}, 1),
        ({"teaser": TEASER.replace("enough", "in plenty")}, 1),
        ({"headline": "Chad votes on something else"}, 2),
        ({"teaser": "Other words altogether, about what happened on the following day."}, 2),
        ({"headline": "Mali votes on one, 17 hurt"}, 2),
    ],
)
async def test_one_story_under_another_address_is_told_once(
    room: Newsroom, ada: User, changes: dict[str, str], told: int
) -> None:
    await room.take(mali())
    again = mali("one", keys=("link:127.0.0.1/again",), link="http://127.0.0.1/again/", **changes)
    for _ in range(2):
        await room.take(again)
    assert len(texts(ada)) == told


async def test_a_regular_headline_is_told_each_time(room: Newsroom, ada: User) -> None:
    for day in range(4):
        await room.take(mali(keys=(f"link:{day}",), headline="The weather in Mali today", published_at=room.now))
        room.now += timedelta(hours=25)
    # on the second day it looks like the first day's again; from then on it is known as a regular
    assert len(texts(ada)) == 3


async def test_what_an_editor_stops_is_deleted_and_sent_again_once_released(room: Newsroom, ada: User) -> None:
    await room.take(mali())
    async with room.database.write() as connection:
        await editing.hold_back(connection, 1, room.now)
    await room.deliver()
    assert ada.received == []
    assert len(room.telegram.calls.of("deleteMessage")) == 1
    await room.deliver()
    async with room.database.write() as connection:
        await editing.put_first(connection, 1, room.now)
    await room.deliver()
    assert len(ada.received) == 1
    assert len(room.telegram.calls.of("sendMessage")) == 2


async def test_what_an_editor_stopped_is_deleted_before_anything_else_is_sent(room: Newsroom, ada: User) -> None:
    await room.take(mali())
    for name in ("two", "three", "four"):
        await room.intake.take(1, [mali(name)], as_news=True)
        await room.fan_out._chunk()
    async with room.database.write() as connection:
        await editing.hold_back(connection, 1, room.now)
    room.now += timedelta(minutes=1)
    slow = Sender(room.database, room.bot, Site(), Rate(1), room.clock, due=asyncio.Event())
    parcels, _ = await slow._take()
    assert [alert.article.id for parcel in parcels for alert in parcel] == [1]


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": ("Mali", "Chad")},
        {"headline": "Mali and Chad vote on one"},
        {"headline": "Mali votes on one today", "tags": ("Chad",)},
    ],
)
async def test_an_edit_that_brings_a_topic_tells_its_followers_and_nobody_twice(
    room: Newsroom, ada: User, ben: User, changes: dict[str, Any]
) -> None:
    await room.take(mali())
    assert ben.received == []
    for _ in range(2):
        await room.take(mali(**changes))
    headline = changes.get("headline", mali().headline)
    for reader in (ada, ben):
        assert [text.partition("\n")[0] for text in texts(reader)] == [headline]
    assert len(room.telegram.calls.of("sendMessage")) == 2
    assert len(room.telegram.calls.of("editMessageText")) == ("headline" in changes)


async def test_another_feed_that_knows_more_tags_tells_their_followers_and_edits_nothing(
    room: Newsroom, ada: User, ben: User
) -> None:
    await room.take(mali())
    await room.take(mali(headline="Mali, as the other feed calls it", tags=("Chad",)), feed=2)
    assert [text.partition("\n")[0] for text in texts(ada) + texts(ben)] == [mali().headline] * 2
    assert room.telegram.calls.of("editMessageText") == []


async def test_a_topic_that_comes_days_later_or_to_the_archive_tells_nobody(
    room: Newsroom, ada: User, ben: User
) -> None:
    await room.take(mali())
    await room.intake.take(1, [mali("two")], as_news=False)
    room.now += timedelta(hours=1)
    await room.take(mali("two", tags=("Chad",)))
    room.now += sending.CORRECTED_WITHIN
    await room.take(mali(tags=("Chad",)))
    assert ben.received == []


def unread(article: Article) -> Article:
    return replace(article, page_missed=True)


def premium_in_chad(article: Article) -> Article:
    return replace(article, premium=True, tags=tuple(dict.fromkeys((*article.tags, "Chad"))))


async def test_a_page_that_was_unread_is_read_again_and_what_only_it_knows_is_told(
    room: Newsroom, ada: User, ben: User
) -> None:
    room.page = unread
    await room.take(mali())
    await room.wait(timedelta(minutes=5))
    assert buttons(ada.received[0])[0]["text"] == "Read"
    room.page = premium_in_chad
    await room.wait(timedelta(hours=3))
    for reader in (ada, ben):
        (message,) = reader.received
        assert buttons(message)[0]["text"] == "Subscribe"
    assert len(room.telegram.calls.of("editMessageText")) == 1
    assert len(room.read) == 3


async def test_a_page_is_read_again_three_times_and_then_no_more(room: Newsroom, ada: User) -> None:
    room.page = unread
    await room.take(mali())
    await room.wait(timedelta(days=1))
    waited = [then - before for before, then in pairwise(room.read)]
    assert len(waited) == len(pace.PAGE_AGAIN)
    for took, wanted in zip(waited, pace.PAGE_AGAIN, strict=True):
        assert timedelta(0) <= took - wanted < timedelta(minutes=4)  # the alert itself took some of it
    assert len(room.telegram.calls.of("sendMessage")) == 1


async def test_an_edit_whose_page_is_unread_takes_back_nothing_that_the_page_had_said(
    room: Newsroom, ada: User, ben: User
) -> None:
    room.page = premium_in_chad
    await room.take(mali(teaser=""))
    room.page = unread
    await room.take(mali(teaser="", headline="Mali votes tomorrow"))
    for reader in (ada, ben):
        (message,) = reader.received
        assert message["text"].startswith("Mali votes tomorrow")
        assert buttons(message)[0]["text"] == "Subscribe"


async def test_a_page_that_was_read_while_its_article_was_edited_undoes_no_edit(
    room: Newsroom, ada: User, ben: User
) -> None:
    room.page = unread
    await room.take(mali())
    edited = mali(headline="Mali votes tomorrow")

    async def edit_meanwhile(article: Article, *, site: str | None) -> Article:
        room.__dict__.pop("complete")
        await room.intake.take(1, [edited], as_news=True)
        return premium_in_chad(article)

    room.__dict__["complete"] = edit_meanwhile
    room.page = lambda article: article
    await room.wait(timedelta(minutes=5))
    for reader in (ada, ben):
        (message,) = reader.received
        assert message["text"].startswith("Mali votes tomorrow")
