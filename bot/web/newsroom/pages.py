"""The newsroom's pages, each made from the store as it now is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import text
from bot.addresses import without_password
from bot.store import newsroom, statistics
from bot.store import topics as topic_store
from bot.store.statistics import TAPS, Totals, What
from bot.web.newsroom.census import Census
from bot.web.newsroom.page import Button, Cell, Chart, Figure, Link, Page, Share, Table
from bot.web.newsroom.wording import said, signed

DAYS = 30
"""As far as pages look back."""
MOST_TOPICS = 200
MOST_UNUSED = 50
MOST_ARTICLES = 100
MOST_SEARCHES = 200
MOST_REASONS = 5
NO_TOTALS: Totals = {}

_SAYS = {"tag": "tagged {topic}", "headline": "headline: {topic}", "teaser": "teaser: {topic}", "body": "text: {topic}"}


@dataclass(frozen=True, slots=True)
class Source:
    """What a page is made from."""

    connection: AsyncConnection
    now: datetime
    census: Census


Make = Callable[[Source], Awaitable[Page]]


async def overview(source: Source) -> Page:
    """Followers, alerts and taps, today and in the last 30 days."""
    connection, now = source.connection, source.now
    following = await source.census.following(connection)
    days = await statistics.by_day(connection, _first_day(now))
    today, all_days = days.get(now.date(), NO_TOTALS), _sum(days)
    queue = await newsroom.queue(connection, now)
    figures = (
        Figure("Readers", following.readers, f"{signed(_growth(all_days))} follows in {DAYS} days"),
        Figure("Follows", following.follows),
        Figure("Articles today", today.get(What.ARTICLE, 0), _in_30_days(all_days.get(What.ARTICLE, 0))),
        Figure("Alerts today", today.get(What.SENT, 0), _in_30_days(all_days.get(What.SENT, 0))),
        Figure("Taps today", _taps(today), _in_30_days(_taps(all_days))),
        Figure("Tap rate today", _rate(today), _in_30_days(_rate(all_days))),
        Figure("Subscribe taps today", today.get(What.SUBSCRIBE, 0), _in_30_days(all_days.get(What.SUBSCRIBE, 0))),
        Figure("Time to alert today", _pace(today), _in_30_days(_pace(all_days))),
        Figure("Alerts waiting to leave", queue.due),
    )
    charts = (
        _chart("Alerts a day", days, now, lambda totals: totals.get(What.SENT, 0)),
        _chart("Taps a day", days, now, _taps),
        _chart("New follows a day", days, now, lambda totals: totals.get(What.FOLLOWED, 0)),
    )
    rows = tuple(_day_row(day, days.get(day, NO_TOTALS)) for day in reversed(_days(now)))
    columns = ("Day", "Articles", "Alerts", "Taps", "Tap rate", "To subscribe", "New follows", "Stops", "Readers left")
    table = Table("days", f"The last {DAYS} days", columns, rows, "Nothing has happened yet.", "Days are those of UTC.")
    return Page("", "Overview", figures, charts, (table,))


async def topics(source: Source) -> Page:
    """What readers follow and what it brings them; where supply and demand do not meet."""
    connection, now = source.connection, source.now
    followers = (await source.census.following(connection)).by_topic
    used = await newsroom.used_since(connection, now - timedelta(days=DAYS))
    told_of = used.keys() | await statistics.matched(connection, _first_day(now))

    def wanted(topic_id: int) -> tuple[int, int]:
        return followers[topic_id], topic_id

    top = sorted(filter(followers.get, followers), key=wanted, reverse=True)
    hungry = [at for at in top if at not in told_of][:MOST_UNUSED]
    unused = sorted((at for at in used if not followers.get(at)), key=lambda at: -used[at])[:MOST_UNUSED]
    totals = await statistics.by_topic(connection, _first_day(now), top[:MOST_TOPICS])
    named = await topic_store.of_ids(connection, [*top[:MOST_TOPICS], *hungry, *unused])

    def row(topic_id: int) -> tuple[Cell, ...]:
        did = totals.get(topic_id, NO_TOTALS)
        return (
            named[topic_id].name, followers.get(topic_id, 0), _growth(did),
            max(did.get(What.MATCH, 0), used.get(topic_id, 0)), did.get(What.TOLD, 0), _taps(did),
            did.get(What.UNFOLLOWED, 0),
        )  # fmt: skip

    return Page(
        "topics",
        "Topics",
        tables=(
            Table(
                "topics",
                "What readers follow",
                ("Topic", "Followers", "Growth", "Articles", "Alerts", "Taps", "Stops"),
                tuple(map(row, top[:MOST_TOPICS])),
                "Nobody follows anything yet.",
                f"All but followers of the last {DAYS} days. An alert counts for each tag that its reader follows,"
                " a tap for one of them.",
            ),
            Table(
                "wanted",
                "Followed, and nothing was published",
                ("Topic", "Followers"),
                tuple((named[at].name, followers[at]) for at in hungry),
                "There was something on everything that readers follow.",
                f"No article in {DAYS} days.",
            ),
            Table(
                "unfollowed",
                "Published, and nobody follows",
                ("Topic", "Articles"),
                tuple((named[at].name, used[at]) for at in unused),
                "Every tag in use has followers.",
                f"Tags of the last {DAYS} days.",
            ),
        ),
    )


async def articles(source: Source) -> Page:
    """The last articles: whom each reached, how fast, what it brought, and why."""
    connection, now = source.connection, source.now
    pieces = await newsroom.latest(connection, MOST_ARTICLES)
    totals = await statistics.by_article(connection, _first_day(now), [piece.id for piece in pieces])
    rows = []
    for piece in pieces:
        did = totals.get(piece.id, NO_TOTALS)
        said = [
            _SAYS[reason.found_in].format(topic=text.isolated(reason.topic)) for reason in piece.reasons[:MOST_REASONS]
        ]
        more = len(piece.reasons) - MOST_REASONS
        rows.append(
            (
                Link(("🔒 " if piece.premium else "") + piece.headline, piece.link), piece.seen_at,
                did.get(What.SENT, 0), _pace(did), _taps(did), _rate(did),
                ", ".join([*said, *([f"{more} more"] if more > 0 else [])]),
            )
        )  # fmt: skip
    columns = ("Article", "Came", "Reached", "Time to alert", "Taps", "Tap rate", "Why")
    note = "Time to alert: on average, from its publication; digests not counted."
    table = Table("articles", "The last articles", columns, tuple(rows), "No article has come as news yet.", note)
    return Page("articles", "Articles", tables=(table,))


async def delivery(source: Source) -> Page:
    """The outbox, and alerts that were put aside."""
    connection, now = source.connection, source.now
    queue = await newsroom.queue(connection, now)
    days = await statistics.by_day(connection, _first_day(now))
    today = days.get(now.date(), NO_TOTALS)
    aside = await newsroom.put_aside(connection)
    late = now - queue.oldest if queue.oldest is not None and queue.oldest < now else None
    figures = (
        Figure("May leave now", queue.due, None if late is None else f"the oldest for {said(late)}"),
        Figure("Wait for their time", queue.waiting, "quiet hours, digests, tries again"),
        Figure("Sent today", today.get(What.SENT, 0)),
        Figure("Failed today", today.get(What.FAILED, 0)),
        Figure("Readers who left today", today.get(What.LEFT, 0)),
    )
    rows = tuple(
        (Link(one.article, one.link), one.error or "", one.attempts, Button("Try again", "delivery/retry", one.id))
        for one in aside
    )
    table = Table(
        "aside", "Put aside", ("Article", "What Telegram said", "Attempts", "To do"), rows, "Nothing was put aside.",
        "Alerts that could not be sent, the last of them.",
    )  # fmt: skip
    failures = _chart("Failed a day", days, now, lambda totals: totals.get(What.FAILED, 0))
    return Page("delivery", "Delivery", figures, (failures,), (table,))


async def feeds(source: Source) -> Page:
    """The state of each feed in words."""
    connection, now = source.connection, source.now
    rows = tuple(
        (
            state.title or "–", without_password(state.url), _state(state, now), _hub(state.hub),
            state.polled_at, state.next_poll_at,
        )
        for state in await newsroom.feed_states(connection)
    )  # fmt: skip
    columns = ("Feed", "Address", "State", "Hub", "Last look", "Next look")
    table = Table("feeds", "The site's feeds", columns, rows, "There are no feeds.")
    return Page("feeds", "Feeds", tables=(table,))


async def searches(source: Source) -> Page:
    """What readers wanted to follow and no tag of the site's is near."""
    connection, now = source.connection, source.now
    found = await statistics.vain_searches(connection, _first_day(now), MOST_SEARCHES)
    table = Table(
        "searches", "Searches that found nothing", ("Words", "Times"), tuple(found), "Every search found a topic.",
        f"What readers asked for in the last {DAYS} days and no tag stands for. Who asked is not kept.",
    )  # fmt: skip
    return Page("searches", "Searches", tables=(table,))


PAGES: Mapping[str, tuple[str, Make]] = {
    "": ("Overview", overview),
    "topics": ("Topics", topics),
    "articles": ("Articles", articles),
    "delivery": ("Delivery", delivery),
    "feeds": ("Feeds", feeds),
    "searches": ("Searches", searches),
}
"""Each page under the end of its address, in the order of the menu."""


def _state(state: newsroom.FeedState, now: datetime) -> str:
    if state.failing_since is None:
        return "read" if state.title else "not read yet"
    tried = f"{state.failures} tries" if state.failures != 1 else "one try"
    return f"failing for {said(now - state.failing_since)}, {tried}: {state.error or 'no answer'}"


def _hub(state: str | None) -> str:
    return {"live": "tells at once", "wanted": "being asked", "denied": "refused us"}.get(state or "", "none")


def _day_row(day: date, did: Totals) -> tuple[Cell, ...]:
    return (
        day.isoformat(), did.get(What.ARTICLE, 0), did.get(What.SENT, 0), _taps(did), _rate(did),
        did.get(What.SUBSCRIBE, 0), did.get(What.FOLLOWED, 0), did.get(What.UNFOLLOWED, 0), did.get(What.LEFT, 0),
    )  # fmt: skip


def _first_day(now: datetime) -> date:
    return now.date() - timedelta(days=DAYS - 1)


def _days(now: datetime) -> list[date]:
    return [_first_day(now) + timedelta(days=ahead) for ahead in range(DAYS)]


def _chart(title: str, days: Mapping[date, Totals], now: datetime, value: Callable[[Totals], int]) -> Chart:
    return Chart(title, tuple((f"{day:%d %b}", value(days.get(day, NO_TOTALS))) for day in _days(now)))


def _sum(days: Mapping[date, Totals]) -> Totals:
    return {what: sum(did.get(what, 0) for did in days.values()) for what in What}


def _taps(did: Totals) -> int:
    return sum(did.get(what, 0) for what in TAPS)


def _rate(did: Totals) -> Share | None:
    sent = did.get(What.SENT, 0)
    return Share(_taps(did) / sent) if sent else None


def _growth(did: Totals) -> int:
    return did.get(What.FOLLOWED, 0) - did.get(What.UNFOLLOWED, 0)


def _pace(did: Totals) -> timedelta | None:
    """On average."""
    prompt = did.get(What.PROMPT, 0)
    return timedelta(seconds=did.get(What.SECONDS, 0) / prompt) if prompt else None


def _in_30_days(value: Cell) -> str:
    return f"{said(value)} in {DAYS} days" if value is not None else ""
