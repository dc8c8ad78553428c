"""The checks of Telegram: whether it knows the token, where it sends updates, and how long it takes to answer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

from telegram import WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.doctor.findings import Finding, bad, good, note
from bot.errors import SettingsError
from bot.settings import Settings
from bot.telegram.application import TelegramBot, make_bot

CALLS = 5
"""By how many the time to Telegram is judged."""
SLOW_SECONDS = 1.0
"""More, and a reader who taps a button waits visibly."""
MANY_PENDING = 100
"""Updates that wait at Telegram: more than come while a process starts anew."""
LATELY = timedelta(hours=1)
"""Telegram goes on telling of a failed call long after others came through."""


async def check_telegram(settings: Settings) -> AsyncIterator[Finding]:
    """Whether Telegram knows the token; if so, how it stands with the webhook, and how fast it answers."""
    if settings.bot_token is None:
        return
    bot = make_bot(settings.token, settings.bot_api_url)
    try:
        await bot.initialize()
        yield good("token", f"Telegram knows it: it is that of @{bot.username}")
        for finding in webhook_findings(await bot.get_webhook_info(), settings, datetime.now(UTC)):
            yield finding
        yield _how_fast(await _seconds(bot))
    except InvalidToken:
        yield bad(
            "token",
            "Telegram does not know it",
            "set BOT_TOKEN to the one that @BotFather shows for your bot, whole; if it was revoked, there is a new one",
        )
    except TelegramError as error:
        yield bad(
            "telegram",
            f"it could not be asked: {error.message}",
            f"see that this machine reaches {settings.bot_api_url}, or correct BOT_API_URL",
        )
    finally:
        await bot.shutdown()


def webhook_findings(info: WebhookInfo, settings: Settings, now: datetime) -> list[Finding]:
    """How it stands with the way that updates take. Of a strange address only the host is named: it may be secret."""
    host = urlsplit(info.url).netloc.rpartition("@")[2]
    findings = [_way(info.url, host, settings)]
    if info.url and info.last_error_date and now - info.last_error_date < LATELY:
        said = (
            f"Telegram's last failed call to {host} was at {info.last_error_date:%H:%M} UTC: {info.last_error_message}"
        )
        todo = (
            "see that `web` runs and that the proxy hands PUBLIC_URL on to PORT; 401 goes by itself at the next start"
        )
        findings.append((bad if info.pending_update_count else note)("webhook", said, todo))
    if info.pending_update_count > MANY_PENDING:
        findings.append(
            note(
                "webhook",
                f"{info.pending_update_count} updates wait at Telegram, which keeps them for a day",
                "start the bot; if it runs, see its log",
            )
        )
    return findings


def _way(url: str, host: str, settings: Settings) -> Finding:
    try:
        wanted = settings.webhook_url
    except SettingsError:  # long polling
        if url:
            return note(
                "webhook",
                f"none is needed without PUBLIC_URL, but Telegram calls {host}",
                "`run` removes it at its start; if another program uses this token, get that one a token of its own",
            )
        return good("webhook", "none is needed without PUBLIC_URL, and none is set")
    if url == wanted:
        return good("webhook", f"Telegram calls {host}")
    if url:
        return bad(
            "webhook",
            f"Telegram calls {host} instead of PUBLIC_URL, or another path there",
            "start the bot anew, which sets it; if it moves again, another program uses this token: revoke it",
        )
    return note("webhook", "Telegram does not know yet where to call", "start `web`, which tells it")


async def _seconds(bot: TelegramBot) -> float:
    taken = []
    for _ in range(CALLS):
        begun = perf_counter()
        await bot.get_me()
        taken.append(perf_counter() - begun)
    return median(taken)


def _how_fast(seconds: float) -> Finding:
    says = f"it answers within {seconds * 1000:,.0f} ms, the median of {CALLS} calls"
    if seconds > SLOW_SECONDS:
        return note("telegram", says, "readers wait as long for each answer: see to this machine's network")
    return good("telegram", says)
