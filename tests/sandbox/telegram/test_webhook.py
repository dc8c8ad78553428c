"""The webhook: what is delivered to it, how often, with which secret, and which address it may have."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from telegram import Update, WebhookInfo

from bot.sandbox.telegram import BotApiServer, User, webhook
from bot.sandbox.telegram.webhook import Target
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Http, unknown_fields

Answer = Callable[[], web.StreamResponse]


class Site:
    """A web server that takes updates; ``answers`` are given first, then 200."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.received: asyncio.Queue[tuple[Update, str | None]] = asyncio.Queue()
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        update = Update.de_json(await request.json())
        self.received.put_nowait((update, request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        return self.answers.pop(0)() if self.answers else web.Response()

    async def next(self) -> str | None:
        """The text of the next update."""
        async with asyncio.timeout(5):
            update, _ = await self.received.get()
        assert unknown_fields(update) == {}
        return update.message.text if update.message else None


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_post("/hook", site.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield site
    await runner.cleanup()


async def info(bot: TelegramBot, wanted: Callable[[WebhookInfo], Any]) -> WebhookInfo:
    """What is known of the webhook, as soon as it is as wanted."""
    async with asyncio.timeout(5):
        while not wanted(known := await bot.get_webhook_info()):
            pass
    assert unknown_fields(known) == {}
    return known


async def test_updates_arrive_in_order_with_the_secret(bot: TelegramBot, site: Site, ada: User) -> None:
    await bot.set_webhook(site.url, secret_token="s3cret_-", max_connections=7)
    await ada.say("one")
    async with asyncio.timeout(5):
        deliveries = [await site.received.get() for _ in range(2)]
    assert [(u.message.text, secret) for u, secret in deliveries if u.message] == [
        ("/start", "s3cret_-"),
        ("one", "s3cret_-"),
    ]
    known = await info(bot, lambda known: not known.pending_update_count)
    assert (known.url, known.max_connections, known.last_error_message) == (site.url, 7, None)


async def test_without_a_secret_there_is_no_header(bot: TelegramBot, site: Site, ada: User) -> None:
    await bot.set_webhook(site.url)
    async with asyncio.timeout(5):
        assert (await site.received.get())[1] is None


async def test_an_update_comes_again_until_it_is_accepted(bot: TelegramBot, site: Site, ada: User) -> None:
    site.answers = [
        lambda: web.Response(status=500),
        lambda: web.Response(status=302, headers={"Location": "/"}),
        lambda: web.Response(status=204),
    ]
    await bot.set_webhook(site.url)
    assert [await site.next() for _ in range(3)] == ["/start"] * 3
    await ada.say("one")
    assert await site.next() == "one"
    assert (await bot.get_webhook_info()).last_error_message == "Wrong response from the webhook: 302 Found"


async def test_a_webhook_that_nobody_serves_is_told_about(bot: TelegramBot, ada: User) -> None:
    url = f"http://localhost:{unused_port()}/hook"
    await bot.set_webhook(url)
    known = await info(bot, lambda known: known.last_error_message)
    assert (known.url, known.pending_update_count) == (url, 1)
    assert known.last_error_message == "Connection failed: ClientConnectorError"


async def test_a_webhook_that_takes_too_long_is_told_about(
    bot: TelegramBot, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "ANSWER_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        await bot.set_webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/hook")
        await info(bot, lambda known: known.last_error_message == "Read timeout expired")
        await bot.delete_webhook()


async def test_pending_updates_can_be_dropped(bot: TelegramBot, site: Site, ada: User) -> None:
    await bot.set_webhook(site.url, drop_pending_updates=True)
    await ada.say("one")
    assert await site.next() == "one"
    await bot.delete_webhook()
    await ada.say("two")
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook(drop_pending_updates=True)
    known = await bot.get_webhook_info()
    assert (known.pending_update_count, known.url) == (0, "")


async def test_a_webhook_without_an_address_is_removed(http: Http, site: Site) -> None:
    await http.result("setWebhook", url=site.url)
    assert await http.result("setWebhook", url="") is True
    assert (await http.result("getWebhookInfo"))["url"] == ""


@pytest.mark.parametrize(
    "url",
    ["https://a.example", "https://a.example:8443/hook", "a.example/hook", f"https://{'a' * 70}.example/"],
)
async def test_to_another_machine_nothing_is_sent(bot: TelegramBot, ada: User, url: str) -> None:
    await bot.set_webhook(url)
    known = await bot.get_webhook_info()
    assert (known.url, known.pending_update_count) == (url, 1)
    assert known.last_error_message == "This sandbox delivers on this machine only"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.example/", "bad webhook: An HTTPS URL must be provided for webhook"),
        ("https://a.example:8080/", "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ("https://", "invalid webhook URL specified"),
        ("ftp://a.example/", "invalid webhook URL specified"),
        ("http://127.0.0.1.a.example/", "bad webhook: An HTTPS URL must be provided for webhook"),
        ("https://a.example/\ud800", "URL must be encoded in UTF-8"),
    ],
)
async def test_other_addresses_are_refused(http: Http, url: str, reason: str) -> None:
    assert (await http.refusal("setWebhook", url=url)).lower() == reason.lower()


@pytest.mark.parametrize(
    ("secret", "reason"),
    [("x" * 257, "secret token is too long"), ("a b", "secret token contains unallowed characters")],
)
async def test_other_secrets_are_refused(http: Http, secret: str, reason: str) -> None:
    assert await http.refusal("setWebhook", url="https://a.example/", secret_token=secret) == reason


async def test_a_server_that_stops_ends_a_delivery_under_way(site: Site) -> None:
    async with BotApiServer() as server:
        ada = server.user()
        await ada.say("one")
        url = site.url
        await server._webhook.set(Target(url, url, local=True, secret="", max_connections=1))
        assert await site.next() == "one"
    assert [task for task in asyncio.all_tasks() if task.get_name() == "sandbox-webhook"] == []
