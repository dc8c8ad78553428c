"""The checks, each small and on its own: given the settings, it yields what it finds."""

from collections.abc import AsyncIterator, Callable

from bot.doctor.database import check_database
from bot.doctor.feeds import check_feeds
from bot.doctor.findings import Finding, bad, good, note
from bot.doctor.machine import check_clock, check_disk, check_permissions
from bot.doctor.telegram import check_telegram
from bot.errors import SettingsError
from bot.feeds.premium import PremiumRules
from bot.settings import FREE_RATE, PAID_RATE, Settings

Check = Callable[[Settings], AsyncIterator[Finding]]


async def check_settings(settings: Settings) -> AsyncIterator[Finding]:
    """Whether nothing is missing without which the bot cannot do its work, and what is worth setting."""
    wanting = False
    for name in ("token", "feeds"):
        try:
            settings.require(name)
        except SettingsError as error:
            wanting = True
            says, _, todo = str(error).partition(": ")
            yield bad("settings", says, todo)
    if not wanting:
        yield good(
            "settings",
            "all that is needed is set" + (f"; SITE_FILE {settings.site_file}" if settings.site_file else ""),
        )
    for sentence in settings.doubtful():
        says, _, todo = sentence.partition(": ")
        yield note("settings", says, f"rename or unset it: {todo}")
    if settings.subscribe_url is None:
        yield note(
            "settings",
            "SUBSCRIBE_URL is not set: alerts of premium articles lead to the article instead",
            "set it to the page on which readers subscribe",
        )
    if settings.sign_in_url is None:
        yield note(
            "settings",
            "SIGN_IN_URL is not set: members are led to the article to sign in",
            "set it to the page on which they do",
        )
    if settings.subscribe_url and settings.subscribe_pitch is None:
        yield note(
            "settings", "SUBSCRIBE_PITCH is not set: premium alerts have a plain line", "set it to one of your own"
        )


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
        yield note("premium", "nothing makes an article premium", "set PREMIUM_CATEGORIES, or [premium] in SITE_FILE")


async def check_rate(settings: Settings) -> AsyncIterator[Finding]:
    """How fast alerts go out, and whether that is what is paid for."""
    rate = settings.messages_per_second
    minutes = 100_000 / rate / 60
    says = f"{rate} messages a second: an alert for 100,000 readers is with the last after {minutes:,.0f} minutes"
    if settings.paid_broadcast and rate <= FREE_RATE:
        todo = f"set MESSAGES_PER_SECOND, up to {PAID_RATE}, or leave PAID_BROADCAST out"
        yield note("rate", f"{says}; PAID_BROADCAST is on, and not made use of", todo)
    elif settings.paid_broadcast:
        yield good("rate", f"{says}; Telegram takes Stars for what is beyond {FREE_RATE}")
    else:
        yield good("rate", says)


CHECKS: tuple[Check, ...] = (
    *(check_settings, check_permissions, check_clock, check_telegram, check_rate),
    *(check_database, check_disk, check_premium, check_feeds),
)
"""In the order in which they are best mended."""
