"""The checks, each small and on its own: given the settings, it yields what it finds."""

from collections.abc import AsyncIterator, Callable

import anyio
from telegram.error import InvalidToken, TelegramError

from bot.doctor.feeds import check_feeds
from bot.doctor.findings import Finding, bad, good, note
from bot.errors import SettingsError, StoreError, StoreOutdated, StoreUnreachable
from bot.feeds.premium import PremiumRules
from bot.settings import Settings
from bot.store.database import Database
from bot.telegram.application import make_bot

DATABASE_SECONDS = 20.0

Check = Callable[[Settings], AsyncIterator[Finding]]


async def check_settings(settings: Settings) -> AsyncIterator[Finding]:
    """Whether nothing is missing without which the bot cannot do its work, and what is worth setting."""
    wanting = False
    for name in ("token", "feeds"):
        try:
            settings.require(name)
        except SettingsError as error:
            wanting = True
            yield bad("settings", str(error))
    if not wanting:
        yield good(
            "settings",
            "all that is needed is set" + (f"; SITE_FILE {settings.site_file}" if settings.site_file else ""),
        )
    if settings.subscribe_url is None:
        yield note("settings", "SUBSCRIBE_URL is not set: alerts of premium articles lead to the article instead")
    if settings.sign_in_url is None:
        yield note("settings", "SIGN_IN_URL is not set: members are led to the article to sign in")
    if settings.subscribe_url and settings.subscribe_pitch is None:
        yield note("settings", "SUBSCRIBE_PITCH is not set: alerts of premium articles have no line about subscribing")


async def check_premium(settings: Settings) -> AsyncIterator[Finding]:
    """By what an article is known as premium."""
    rules = PremiumRules.of(settings.premium_categories, settings.site.premium)
    ways = [
        *(f"category {name}" for name in rules.categories),
        *(f"address {pattern}" for pattern in rules.urls),
        *(f"{name}: {' or '.join(values)}" for name, values in rules.meta),
        *(["isAccessibleForFree: false"] if rules.json_ld else []),
    ]
    if ways:
        yield good("premium", f"an article is premium by any of: {'; '.join(ways)}")
    else:
        yield note("premium", "nothing makes an article premium: set PREMIUM_CATEGORIES, or [premium] in SITE_FILE")


async def check_token(settings: Settings) -> AsyncIterator[Finding]:
    """Whether Telegram knows the token."""
    if settings.bot_token is None:
        return
    bot = make_bot(settings.token, settings.bot_api_url)
    try:
        await bot.initialize()
        yield good("token", f"Telegram knows it: it is that of @{bot.username}")
    except InvalidToken:
        yield bad(
            "token",
            "Telegram does not know it: set BOT_TOKEN to the one that @BotFather shows for your bot, whole; if it was"
            " revoked, there is a new one",
        )
    except TelegramError as error:
        yield bad(
            "token",
            f"it could not be checked: {error.message}; see that this machine reaches {settings.bot_api_url},"
            " or correct BOT_API_URL",
        )
    finally:
        await bot.shutdown()


async def check_database(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the database answers, and whether this version can work with it. Nothing is made or changed there."""
    database = Database(settings.engine_url)
    file = anyio.Path(database.address)
    if database.is_sqlite and await file.parent.is_dir() and not await file.exists():
        yield good("database", f"{database.address} is not there yet; `run` makes it")
        return
    try:
        with anyio.fail_after(DATABASE_SECONDS):
            async with database:
                await database.check_version()
        yield good("database", f"{database.address} answers, and this version can work on it")
    except StoreOutdated as error:
        migrates_itself = f"{database.address} is of an older version; `run` brings it up to date by itself"
        yield note("database", migrates_itself) if database.is_sqlite else bad("database", str(error))
    except StoreUnreachable as error:
        yield bad("database", str(error) if database.is_sqlite else f"{error}; start it, or correct DATABASE_URL")
    except StoreError as error:
        yield bad("database", str(error))
    except TimeoutError:
        yield bad("database", f"{database.address} gave no answer within {DATABASE_SECONDS:.0f} seconds")


CHECKS: tuple[Check, ...] = (check_settings, check_token, check_database, check_premium, check_feeds)
"""In the order in which they are best mended."""
