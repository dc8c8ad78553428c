import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import InputFile
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot import metrics
from bot.sandbox.telegram import TOKEN, BotApiServer, Fault
from bot.telegram.application import NOT_PATIENT, TelegramBot, make_bot
from bot.telegram.request import AiohttpRequest


async def test_a_call(bot: TelegramBot) -> None:
    assert (await bot.get_me()).id == int(TOKEN.split(":")[0])


async def test_an_answer_in_html_without_a_preview(telegram: BotApiServer, bot: TelegramBot) -> None:
    ada = telegram.user(1)
    await ada.say("/start")
    await bot.send_message(1, "<b>bold</b>")
    message = await ada.wait_for_text("bold")
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    assert message["link_preview_options"]["is_disabled"] is True


@pytest.mark.parametrize(
    ("fault", "error", "result"),
    [
        ("403", Forbidden, "refused"),
        ("401", InvalidToken, "unauthorized"),
        ("429", RetryAfter, "too_many_requests"),
        ("500", NetworkError, "unreachable"),
        ("502", NetworkError, "unreachable"),
        ("reset", NetworkError, "unreachable"),
        ("nonsense", TelegramError, "unreachable"),
    ],
)
async def test_every_failure_is_one_of_telegrams_and_counted(
    telegram: BotApiServer, bot: TelegramBot, fault: str, error: type[TelegramError], result: str
) -> None:
    def counted() -> float | None:
        return metrics.REGISTRY.get_sample_value("tagalong_telegram_calls_total", {"result": result})

    ada = telegram.user(1)
    await ada.say("/start")
    telegram.faults.add(Fault(fault, method="sendMessage"))
    before = counted()
    with pytest.raises(error) as caught:
        await bot.send_message(1, "x", rate_limit_args=NOT_PATIENT)
    assert TOKEN not in repr(caught.value)
    assert before is not None
    assert counted() == before + 1


async def test_a_reply_that_must_wait_waits_and_goes(telegram: BotApiServer, bot: TelegramBot) -> None:
    ada = telegram.user(1)
    await ada.say("/start")
    telegram.faults.add(Fault("429", method="sendMessage", retry_after=1, times=2))  # one of many that wait
    await bot.send_message(1, "patience")
    await ada.wait_for_text("patience")


class Proxy:
    """A server before Telegram that answers by itself."""

    status = 200
    body = b""

    async def answer(self, _: web.Request) -> web.Response:
        """Whatever it was told to."""
        return web.Response(status=self.status, body=self.body)


@pytest.fixture
async def proxy() -> AsyncIterator[tuple[Proxy, TelegramBot]]:
    proxy = Proxy()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", proxy.answer)
    async with TestServer(app) as server:
        request = AiohttpRequest()
        await request.initialize()
        bot = ExtBot[Any](TOKEN, base_url=f"{server.make_url('/')}bot", request=request)
        yield proxy, bot
        await request.shutdown()


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 500, 503])
@pytest.mark.parametrize(
    "body", [b"<html>Blocked by your provider</html>", b"", b"[]", b'{"ok":false}', b"\xff", b"[" * 100_000]
)
async def test_what_a_proxy_says_does_not_count_as_telegrams_word(
    proxy: tuple[Proxy, TelegramBot], caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    server, bot = proxy
    server.status, server.body = status, body
    with pytest.raises(NetworkError) as caught:
        await bot.get_me()
    assert type(caught.value) is NetworkError
    assert str(caught.value) == f"something other than Telegram answered, with HTTP status {status}"
    assert "Blocked" not in caplog.text


async def test_a_question_that_was_deleted_is_answered_too(telegram: BotApiServer, bot: TelegramBot) -> None:
    ada = telegram.user(1)
    asked = await ada.say("gone in a moment")
    telegram.world.delete(ada.chat, asked["message_id"])
    await bot.send_message(1, "an answer", reply_to_message_id=asked["message_id"])
    await ada.wait_for_text("an answer")


async def test_no_answer_is_timed_out(telegram: BotApiServer, bot: TelegramBot) -> None:
    telegram.faults.add(Fault("timeout", method="getMe"))
    with pytest.raises(TimedOut):
        await bot.get_me(read_timeout=0.1, connect_timeout=0.1)


async def test_the_token_is_in_no_error_and_no_traceback() -> None:
    bot = make_bot(TOKEN, "http://127.0.0.1:1")
    with pytest.raises(NetworkError) as caught:
        await bot.initialize()
    await bot.shutdown()
    assert TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_files_go_as_multipart(telegram: BotApiServer) -> None:
    request = AiohttpRequest()
    await request.initialize()
    data = RequestData([RequestParameter("x", "1", None), RequestParameter("f", None, [InputFile(b"bytes", "a.txt")])])
    status, body = await request.do_request(f"{telegram.url}/bot{TOKEN}/getMe", "POST", data)
    await request.shutdown()
    assert (status, b'"ok":' in body) == (200, True)


async def test_it_opens_and_closes_as_often_as_asked() -> None:
    request = AiohttpRequest()
    for _ in range(2):
        await request.initialize()
        await request.initialize()
        await request.shutdown()
        await request.shutdown()
    with pytest.raises(RuntimeError, match="shut down"):
        await request.do_request("http://127.0.0.1:1/", "GET")
    assert asyncio.all_tasks() == {asyncio.current_task()}
