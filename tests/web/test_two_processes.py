"""Two ``web`` processes behind one address, as a platform's proxy shares Telegram's calls out among them."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from bot.sandbox.telegram import TOKEN, BotApiServer, Limits
from bot.settings import Settings
from bot.web.webhook import SECRET_HEADER
from tests.postgres import Postgres
from tests.process import running
from tests.web.outside import MESSAGE, free_port

CHATS = range(1, 5)
SAID = 5


def update(chat_id: int, number: int) -> Mapping[str, Any]:
    person = {"id": chat_id, "first_name": "Ada"}
    text = f"/follow Topic {number}"
    about = {"chat": person | {"type": "private"}, "from": person | {"is_bot": False}, "text": text}
    command = [{"type": "bot_command", "offset": 0, "length": 7}]
    return {"update_id": 10_000 + number * 100 + chat_id, "message": {**MESSAGE, **about, "entities": command}}


@pytest.mark.timeout(300)
async def test_each_update_is_answered_once_and_a_chats_in_order(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [free_port(), free_port()]
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(BotApiServer(TOKEN, Limits.off()))
        readers = [telegram.user(chat_id) for chat_id in CHATS]
        environment = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": telegram.url,
            "FEED_URLS": "http://127.0.0.1:1/feed/",
            "DATABASE_URL": await stack.enter_async_context(postgres.fresh_database()),
            "PUBLIC_URL": f"http://127.0.0.1:{ports[0]}",
        }
        async with running(["-m", "bot", "migrate"], environment) as release:
            assert await release.end() == 0, release.output
        processes = [
            await stack.enter_async_context(running(["-m", "bot", "web"], environment | {"PORT": str(port)}))
            for port in ports
        ]
        for process in processes:
            await process.wait_for("webhook (is )?set")
        monkeypatch.setenv("BOT_TOKEN", TOKEN)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(headers={SECRET_HEADER: Settings.load().derived_webhook_secret})
        )
        for reader in readers:
            await reader.say("/start")
            await reader.wait_for_text("Welcome", within=30)

        async def bring(data: Mapping[str, Any], port: int) -> int:
            async with http.post(f"http://127.0.0.1:{port}/telegram", json=data) as response:
                return response.status

        async def bring_all(chat_id: int) -> None:
            """As Telegram does: the next when the last is taken; here each comes twice at once, to both processes."""
            for number in range(SAID):
                copies = [bring(update(chat_id, number), port) for port in ports]
                statuses = await asyncio.gather(*copies)
                assert 200 in statuses
                assert set(statuses) <= {200, 503}

        async with asyncio.TaskGroup() as group:
            for chat_id in CHATS:
                group.create_task(bring_all(chat_id))
        for reader in readers:
            said = [message["text"].split(".")[0] for message in reader.received[1:]]
            assert said == [f"You now follow Topic {number}" for number in range(SAID)]
        for process in processes:
            assert await process.end(signal.SIGTERM) == 0
            assert "Traceback" not in process.output
