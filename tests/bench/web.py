"""The web server: taps beside a bare aiohttp handler, and updates by webhook while editors look at the newsroom."""

import asyncio
import json
import signal
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.front import counted_links
from bot.model import Lead
from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer, Limits
from bot.settings import Settings
from bot.store.database import Database
from tests.bench.callers import calling, measure_calls, p99
from tests.bench.figures import Figure
from tests.crowd import Crowd, fill
from tests.make import an_alert
from tests.process import running
from tests.web.outside import MESSAGE, free_port

TAPS = 10_000
CONNECTIONS = 32
UPDATES = 300
A_SECOND = 30
"""Updates that come evenly in time, as many as Telegram takes answers from a bot."""
WITHIN_MS = 200
EDITOR = 1
NEWSROOM = Crowd(alerts_of_an_article=33, pending=0)
"""What the pages tell of meanwhile."""
READERS = range(200_001, 200_101)
"""None of them is among those."""
EDITORS = 2
"""Who leaf through the newsroom."""
REST = 0.5
"""Seconds from one page to the next."""


async def measure() -> list[Figure]:
    """Taps first, then updates."""
    port, bare_port = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        async with Site() as site, BotApiServer(TOKEN, Limits.off()) as telegram:
            environment = {
                "BOT_TOKEN": TOKEN,
                "BOT_API_URL": telegram.url,
                "FEED_URLS": f"{site.url}/feed/",
                "DATABASE_URL": f"sqlite:///{folder}/tagalong.db",
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "PORT": str(port),
                "ADMIN_CHAT_IDS": str(EDITOR),
            }
            settings = Settings.model_validate({name.lower(): value for name, value in environment.items()})
            async with Database(settings.engine_url) as database:
                await database.migrate()
                async with database.write() as connection:
                    await fill(connection, datetime.now(UTC), NEWSROOM)
            async with running(["-m", "bot", "run"], environment) as bot:
                await bot.wait_for("webhook set")
                async with running(["-m", "tests.bench.bare_server", str(bare_port)], {}) as bare:
                    await bare.wait_for("serves")
                    figures = await _taps(settings, site, port, bare_port)
                figures += await _updates(settings, telegram, port)
                await bot.end(signal.SIGTERM)
    return figures


async def _taps(settings: Settings, site: Site, port: int, bare_port: int) -> list[Figure]:
    links = counted_links(settings)
    assert links is not None
    alert = an_alert(link=f"{site.url}/2026/11/24/a-story-of-some-length/", tags=["Mali"])
    link = urlsplit(links.counted(Lead.READ, alert.article.link, alert) or "").path
    request = f"GET {link} HTTP/1.1\r\nHost: bot.example\r\nUser-Agent: Mozilla/5.0 (Android 15)\r\n\r\n".encode()
    bare = await measure_calls(bare_port, lambda _: request, 302, calls=TAPS, at_once=CONNECTIONS)
    ours = await measure_calls(port, lambda _: request, 302, calls=TAPS, at_once=CONNECTIONS)
    return [
        Figure("taps sent on, beside a third of a bare aiohttp handler's", ours.per_second, bare.per_second / 3,
               "a second", more_is_better=True),
        Figure("p99 of them, beside three times its", ours.p99_ms, bare.p99_ms * 3),
    ]  # fmt: skip


async def _updates(settings: Settings, telegram: BotApiServer, port: int) -> list[Figure]:
    secret = settings.derived_webhook_secret
    cookie = await _enter(telegram, port)
    readers = [telegram.user(reader) for reader in READERS]
    for reader in readers:  # so that the bot may write to them
        await reader.say("/start")
    await asyncio.gather(*(reader.wait_for_text("Welcome", within=60) for reader in readers))
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        pages = [group.create_task(_look(port, cookie, stop)) for _ in range(EDITORS)]
        took = await _bring(port, secret)
        stop.set()
    loaded = [page.result() for page in pages]
    most = await measure_calls(port, lambda number: _update(secret, UPDATES + number), 200, calls=UPDATES, at_once=100)
    return [
        Figure(f"updates answered and acknowledged, {A_SECOND} a second, {sum(loaded)} pages of"
               f" {NEWSROOM.chats:,} chats loaded meanwhile, p99", p99(took), WITHIN_MS),
        Figure("updates answered and acknowledged, 100 at once", most.per_second, A_SECOND, "a second",
               more_is_better=True),
    ]  # fmt: skip


async def _bring(port: int, secret: str) -> list[float]:
    """Bring updates evenly in time, whether the earlier ones are answered or not; seconds that each took."""
    took: list[float] = []

    async def bring(number: int, due: float) -> None:
        async with calling(port) as caller:
            status, _ = await caller.call(_update(secret, number))
        took.append(time.perf_counter() - due)
        assert status == 200, status

    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(UPDATES):
            due = start + number / A_SECOND
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            group.create_task(bring(number, due))
    return took


def _update(secret: str, number: int) -> bytes:
    chat = {"id": READERS[number % len(READERS)], "first_name": "Ada"}
    about = {"chat": chat | {"type": "private"}, "from": chat | {"is_bot": False}, "text": "/help"}
    command = [{"type": "bot_command", "offset": 0, "length": 5}]
    body = json.dumps({"update_id": 1_000_000 + number, "message": {**MESSAGE, **about, "entities": command}}).encode()
    head = f"POST /telegram HTTP/1.1\r\nHost: bot.example\r\nX-Telegram-Bot-Api-Secret-Token: {secret}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _enter(telegram: BotApiServer, port: int) -> str:
    """The cookie with which an editor has come in."""
    editor = telegram.user(EDITOR)
    await editor.say("/newsroom")
    message = await editor.wait_for_text("This link works once", within=30)
    link = urlsplit(message["reply_markup"]["inline_keyboard"][0][0]["url"])
    form = urlencode({"key": parse_qs(link.query)["key"][0]}).encode()
    head = f"POST {link.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write((head + kind).encode() + form)
    answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    cookie = next(line for line in answer.split("\r\n") if line.lower().startswith("set-cookie:"))
    return cookie.partition(":")[2].partition(";")[0].strip()


async def _look(port: int, cookie: str, stop: asyncio.Event) -> int:
    """Load pages of the newsroom until told to stop; how many."""
    loaded = 0
    async with calling(port) as caller:
        while not stop.is_set():
            for page in ("", "/topics", "/articles", "/delivery"):
                request = f"GET /newsroom{page} HTTP/1.1\r\nHost: bot.example\r\nCookie: {cookie}\r\n\r\n"
                status, _ = await caller.call(request.encode())
                assert status == 200, (page, status)
                loaded += 1
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), REST)
    return loaded
