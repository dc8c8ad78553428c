"""The checks of the database, and of what it knows of the feeds' hubs. Nothing is made or changed there."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import anyio

from bot.addresses import without_password
from bot.doctor.findings import Finding, bad, good, note
from bot.errors import StoreError, StoreOutdated, StoreUnreachable
from bot.settings import Settings
from bot.store import websub
from bot.store.alone import holder
from bot.store.database import Database
from bot.store.websub import State, Subscription

DATABASE_SECONDS = 20.0


async def check_database(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the database answers, whether this version can work with it, who has it, and what it says of hubs."""
    database = Database(settings.engine_url)
    file = anyio.Path(database.address)
    if database.is_sqlite and await file.parent.is_dir() and not await file.exists():
        yield good("database", f"{database.address} is not there yet; `run` makes it")
        return
    subscriptions: Sequence[Subscription] = ()
    try:
        with anyio.fail_after(DATABASE_SECONDS):
            async with database:
                version = await database.check_version()
                async with database.read() as connection:
                    subscriptions = await websub.of_feeds(connection, settings.feed_urls)
        yield good("database", f"{database.address} answers, is of version {version}, and this Tagalong can work on it")
    except StoreOutdated as error:
        if database.is_sqlite:
            yield note("database", str(error), "or just start `run`, which does so by itself")
        else:
            yield bad("database", str(error))
    except StoreUnreachable as error:
        yield bad("database", str(error), "" if database.is_sqlite else "start it, or correct DATABASE_URL")
    except StoreError as error:
        yield bad("database", str(error))
    except TimeoutError:
        yield bad(
            "database",
            f"{database.address} gave no answer within {DATABASE_SECONDS:.0f} seconds",
            "see what it is busy with",
        )
    if database.is_sqlite and (process := holder(Path(database.address))):
        yield good("database", f"process {process} has it to itself")
    for finding in hub_findings(subscriptions, settings, datetime.now(UTC)):
        yield finding


def hub_findings(subscriptions: Sequence[Subscription], settings: Settings, now: datetime) -> list[Finding]:
    """How it stands with each feed's hub, as far as the bot has found one."""
    if settings.public_url is None:
        return []
    return [_hub(subscription, now) for subscription in subscriptions]


def _hub(subscription: Subscription, now: datetime) -> Finding:
    about, hub = f"feed {without_password(subscription.feed_url)}", without_password(subscription.hub)
    polled = "until then the feed is polled"
    match subscription.state:
        case State.LIVE if subscription.expires_at and subscription.expires_at > now:
            return good(
                about, f"the hub {hub} calls when there is news, until {subscription.expires_at:%Y-%m-%d %H:%M} UTC"
            )
        case State.DENIED:
            return note(about, f"the hub {hub} refuses to call", f"ask who runs it why; {polled}")
        case _ if subscription.failures:
            asked = f"was asked {subscription.failures} times to call and has not confirmed"
            return note(about, f"the hub {hub} {asked}", f"see that it reaches PUBLIC_URL; {polled}")
        case _:
            return note(about, f"the hub {hub} is about to be asked to call", f"have the bot running; {polled}")
