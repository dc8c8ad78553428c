"""The methods by which updates reach the bot, https://core.telegram.org/bots/api#getting-updates."""

import re

from bot.sandbox.telegram.answers import Json, Refusal, bad_request, refusal
from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.links import Link, WrongLink, parse_link
from bot.sandbox.telegram.updates import LONGEST_POLL
from bot.sandbox.telegram.webhook import Target

_SECRET = re.compile("[A-Za-z0-9_-]*")
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")
_PORTS = frozenset({None, 80, 88, 443, 8443})


async def get_updates(desk: Desk, arguments: Arguments) -> list[Json]:
    """https://core.telegram.org/bots/api#getupdates"""
    if desk.webhook.target is not None:
        raise refusal(
            409, "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    limit = min(max(arguments.integer("limit", 100), 1), 100)
    seconds = min(max(arguments.integer("timeout"), 0), LONGEST_POLL)
    _allow(desk, arguments)
    return await desk.world.updates.poll(arguments.integer("offset"), limit, seconds)


async def set_webhook(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setwebhook

    Other than Telegram, this sandbox takes ``http`` and any port too where the host is this machine, and delivers
    nowhere else.
    """
    url = arguments.utf8("url", "URL").strip()
    if not url:
        return await delete_webhook(desk, arguments)
    secret = arguments.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    link, local = _webhook_link(url)
    connections = min(max(arguments.integer("max_connections", 40), 1), 100)
    target = Target(url, str(link), local, secret, connections)
    _allow(desk, arguments)
    if arguments.flag("drop_pending_updates"):
        desk.world.updates.clear()
    await desk.webhook.set(target)
    return True


async def delete_webhook(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#deletewebhook"""
    await desk.webhook.remove()
    if arguments.flag("drop_pending_updates"):
        desk.world.updates.clear()
    return True


async def get_webhook_info(desk: Desk, _: Arguments) -> Json:
    """https://core.telegram.org/bots/api#getwebhookinfo"""
    return desk.webhook.info()


def _webhook_link(text: str) -> tuple[Link, bool]:
    """The address, and whether it is on this machine. Raises Refusal."""
    try:
        link = parse_link(text, "https")
    except WrongLink:
        raise bad_request("invalid webhook URL specified") from None
    if _LOOPBACK.fullmatch(link.host):
        return link, True
    if link.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if link.port not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    return link, False


def _allow(desk: Desk, arguments: Arguments) -> None:
    """Like Telegram, ignore what is no list of names."""
    if not arguments.text("allowed_updates"):
        return
    try:
        desk.world.updates.allow(arguments.json("allowed_updates", "allowed updates"))
    except Refusal:
        return
