"""The one place where the parts are put together, and the roles are started and stopped."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Flag, auto
from functools import partial
from typing import Any

import structlog

from bot import __version__
from bot.addresses import without_password
from bot.alerts.fanout import FanOut
from bot.alerts.intake import Intake
from bot.alerts.message import Site
from bot.alerts.notices import Notices
from bot.alerts.offering import Offering
from bot.alerts.replies import Replies
from bot.alerts.rereading import Rereader
from bot.alerts.sending import Rate, Sender
from bot.errors import TagalongError
from bot.feeds import apart, polling
from bot.feeds.connecting import SiteConnector
from bot.feeds.fetching import Fetcher, user_agent
from bot.feeds.hubs import Hubs
from bot.feeds.pages import Pages
from bot.feeds.pings import Pings
from bot.feeds.polling import Poller
from bot.feeds.premium import PremiumRules
from bot.feeds.subscribing import Subscriber
from bot.front import Front, counted_links
from bot.settings import Settings
from bot.store import feeds, follows
from bot.store.clock import Clock
from bot.store.database import Database
from bot.store.housekeeping import Housekeeping, Retention
from bot.store.listening import Wakes
from bot.store.setback import ClockWatch
from bot.telegram.application import TelegramApplication, TelegramBot, make_application, make_bot
from bot.telegram.calling import understood
from bot.telegram.connection import long_poll, persist
from bot.topics import naming
from bot.topics.catalogue import Catalogue
from bot.topics.learning import Learner
from bot.topics.matching import Matcher
from bot.topics.studying import Student
from bot.web import websub
from handlers import menu
from handlers.registry import register
from handlers.turn import Desk

log = structlog.stdlib.get_logger()

SHUTDOWN_SECONDS = 25.0
"""Longer than the longest send, 15 s; shorter than the 30 s after which platforms kill."""


ANSWERING_SECONDS = 5.0
"""How long readers' questions that are under way may take at the end."""


Task = Callable[[asyncio.Event], Coroutine[Any, Any, object]]
"""Works until the event is set, then finishes what it has begun."""


class Role(Flag):
    """What a process does: ``web`` talks with readers, ``worker`` reads feeds and sends alerts, ``run`` does both."""

    WEB = auto()
    WORKER = auto()
    RUN = WEB | WORKER


@dataclass(frozen=True, slots=True)
class House:
    """The parts that all roles share."""

    settings: Settings
    database: Database
    bot: TelegramBot
    clock: Clock
    wakes: Wakes
    stop: asyncio.Event

    @property
    def front(self) -> Front:
        """What serves the outside."""
        return Front(self.settings, self.database, self.bot, self.clock)


async def serve(settings: Settings, role: Role) -> None:
    """Do the role's work until SIGINT or SIGTERM. Raises SettingsError and StoreError before anything has started."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        clock = Clock()
        async with database.read() as connection:
            await clock.read(connection)
        bot = make_bot(settings.token, settings.bot_api_url)
        stack.push_async_callback(bot.shutdown)
        if not await persist(lambda: understood(bot.initialize()), stop):
            return
        house = House(settings, database, bot, clock, Wakes(database, clock), stop)
        await _announce(house, role)
        spare_collector()
        try:
            await _work(house, role)
        except ExceptionGroup as group:
            raise _expected(group) or group from None
    log.info("stopped")


def spare_collector() -> None:
    """Have the garbage collector pass over all that is there, and look less often at what comes.

    In a broadcast every alert is some fifty objects that live for a moment and stand in no circle: to look for circles
    among them was a quarter of its cost.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def _expected(group: ExceptionGroup[Exception]) -> TagalongError | None:
    """The trouble of which the tasks died, where it can be said in a sentence; None where there is a bug among it."""
    expected, bugs = group.split(TagalongError)
    if bugs is not None:
        return None
    trouble: BaseException | None = expected
    while isinstance(trouble, BaseExceptionGroup):
        trouble = trouble.exceptions[0]
    return trouble if isinstance(trouble, TagalongError) else None


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, with its schema up to date: a SQLite one to ourselves and brought there, elsewhere checked."""
    async with Database(settings.engine_url) as database:
        with database.alone():
            await (database.migrate() if database.is_sqlite else database.check_version())
            yield database


async def _announce(house: House, role: Role) -> None:
    settings = house.settings
    async with house.database.read() as connection:
        readers, followed = await follows.count(connection)
    updates = "webhook" if settings.public_url else "long polling"
    log.info(
        f"Tagalong {__version__} as @{house.bot.username}",
        role=(role.name or "").lower(),
        database=house.database.address,
        readers=readers,
        follows=followed,
        **({"updates": updates} if Role.WEB in role else {}),
    )
    if Role.WORKER in role:
        for url in settings.feeds:
            log.info("follows feed", feed=without_password(url), every=f"{settings.poll_seconds:g} s")


async def _work(house: House, role: Role) -> None:
    """Run the role's tasks; when one dies, all stop. After the signal they have SHUTDOWN_SECONDS to finish."""
    async with AsyncExitStack() as stack:
        tasks: dict[str, Task] = {"listening": house.wakes.run}
        poller: Poller | None = None
        if Role.WORKER in role:
            poller, working = await _worker(house, stack)
            tasks |= working
        rate = house.settings.messages_per_second
        tasks["counting replies"] = Replies(house.database, house.bot, rate, house.clock).run
        if Role.WEB in role:
            pings = Pings(house.database, house.clock, poller.take_from_hub if poller else None, due=house.wakes.feeds)
            tasks |= await _web(house, stack, pings)
        if house.settings.metrics_port is not None:
            tasks["metrics"] = partial(house.front.serve_metrics, house.settings.metrics_port)
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(task(house.stop), name=name) for name, task in tasks.items()]
            await house.stop.wait()
            log.info("stopping", within=f"{SHUTDOWN_SECONDS:.0f} s")
            _, late = await asyncio.wait(running, timeout=SHUTDOWN_SECONDS)
            for task in late:
                log.error("did not stop in time", task=task.get_name())
                task.cancel()


async def _worker(house: House, stack: AsyncExitStack) -> tuple[Poller, dict[str, Task]]:
    settings, database, now, wakes = house.settings, house.database, house.clock, house.wakes
    apart.get_ready()
    async with database.write() as connection:
        held_by_others = timedelta(0) if database.is_sqlite else polling.LEASE
        await feeds.register(connection, settings.feeds, now(), but_within=held_by_others)
    who = f"https://t.me/{house.bot.username}"
    connector = await stack.enter_async_context(SiteConnector(settings.feeds))
    fetcher = await stack.enter_async_context(Fetcher(connector, who))
    rules = PremiumRules.of(settings.premium_categories, settings.site.premium)
    pages = await stack.enter_async_context(Pages(connector, settings.feeds, rules, settings.site.site.hosts, who=who))
    topics = settings.site.topics
    names = naming.called(topics.aliases, topics.language)
    never, always = naming.pairs(topics.not_aliases), naming.pairs(topics.aliases)
    student = Student(Learner(names, never))
    matcher = Matcher(aliases=names, never=never, always=always, learner=student.learner)
    intake = Intake(database, matcher, now, news=wakes.news, pages=pages, ignored=topics.ignored,
                    breaking=settings.breaking_categories, student=student)  # fmt: skip
    every = timedelta(seconds=settings.poll_seconds)
    callback = f"{settings.public_url}{websub.PATH}" if settings.public_url else None
    hubs = await stack.enter_async_context(Hubs(connector, user_agent(who)))
    subscriber = Subscriber(database, hubs, settings.feeds, callback, now)
    poller = Poller(
        database, fetcher, intake.take, settings.feeds, every, rules, now, settings.admin_chat_ids,
        subscriber=subscriber, due=wakes.feeds,
    )  # fmt: skip
    fan_out = FanOut(database, now, news=wakes.news, due=wakes.due)
    rate = Rate(settings.messages_per_second, settings.paid_broadcast)
    sender = Sender(database, house.bot, _site(settings), rate, now, due=wakes.due)
    rereader = Rereader(database, intake.read_again, now)
    notices = Notices(database, house.bot, rate.per_second, now)
    retention = Retention(timedelta(days=settings.keep_articles_days), timedelta(days=settings.keep_alerts_days))
    tasks: dict[str, Task] = {
        "polling": poller.run,
        "reading pages again": rereader.run,
        "fan-out": fan_out.run,
        "sending": sender.run,
        "notices": notices.run,
        "offering digests": Offering(database, house.bot, now).run,
        "housekeeping": Housekeeping(database, retention, now).run,
        "clock": ClockWatch(database, now).run,
    }
    if callback:
        tasks["websub"] = subscriber.run
    return poller, tasks


def _site(settings: Settings) -> Site:
    return Site(settings.subscribe_url, settings.sign_in_url, settings.subscribe_pitch, counted_links(settings))


async def _web(house: House, stack: AsyncExitStack, pings: Pings) -> dict[str, Task]:
    settings = house.settings
    application = make_application(house.bot)
    catalogue = Catalogue(settings.site.topics.aliases)
    desk = Desk(
        house.database, house.clock, settings.feeds, settings.site_name, catalogue, settings.follows_per_chat,
        _site(settings), settings.admin_chat_ids, settings.public_url, zone=settings.time_zone,
    )  # fmt: skip
    register(application, desk)
    await application.initialize()
    stack.push_async_callback(application.shutdown)
    await application.start()
    stack.push_async_callback(_stop, application)
    async with house.database.read() as connection:
        site = settings.site_name or await feeds.site_title(connection, settings.feeds)
    tasks: dict[str, Task] = {"menu": partial(persist, partial(menu.publish, house.bot, site))}
    if settings.public_url is None:
        return tasks | {"long polling": partial(long_poll, application)}
    return tasks | {"web server": partial(house.front.serve, application, pings)}


async def _stop(application: TelegramApplication) -> None:
    """Answer what was asked, but not for as long as one reader's thousand questions take."""
    try:
        async with asyncio.timeout(ANSWERING_SECONDS):
            await application.stop()
    except TimeoutError:
        log.warning("stopped with questions unanswered")
