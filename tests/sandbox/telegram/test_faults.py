"""Failures on demand, and the calls that came."""

import asyncio
import random

import pytest
from aiohttp import ClientError
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.sandbox.telegram import TOKEN, BotApiServer, Fault, User
from bot.sandbox.telegram.faults import KINDS
from bot.telegram.application import NOT_PATIENT, TelegramBot, make_bot
from tests.sandbox.telegram.calling import Http, Json


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault("400"), BadRequest, "Chat not found"),
        (Fault("403"), Forbidden, "Forbidden: bot was blocked by the user"),
        (Fault("403", description="Forbidden: user is deactivated"), Forbidden, "Forbidden: user is deactivated"),
        (Fault("429", retry_after=7), RetryAfter, "Flood control exceeded. Retry in 0:00:07"),
        (Fault("502"), NetworkError, "Bad Gateway"),
        (Fault("migrate", migrate_to_chat_id=-1005), ChatMigrated, "Group migrated to supergroup. New chat id: -1005"),
    ],
)
async def test_a_call_fails_as_it_is_told_to(
    bot: TelegramBot, server: BotApiServer, ada: User, fault: Fault, error: type[TelegramError], words: str
) -> None:
    server.faults.add(fault)
    with pytest.raises(error) as failed:
        await bot.send_message(ada.id, "x", rate_limit_args=NOT_PATIENT)
    assert failed.value.message == words
    assert ada.received == []
    await bot.send_message(ada.id, "x")


async def test_a_fault_names_its_method_its_chat_and_how_often(http: Http, server: BotApiServer, ada: User) -> None:
    ben = server.user()
    await ben.say("/start")
    server.faults.add(Fault("500", method="SENDMESSAGE", chat_id=ben.id, times=2))
    assert (await http.call("getMe"))["ok"]
    assert (await http.call("sendMessage", chat_id=ada.id, text="x"))["ok"]
    answers = [await http.call("sendMessage", chat_id=ben.id, text="x") for _ in range(3)]
    assert [answer["ok"] for answer in answers] == [False, False, True]


async def test_a_fault_can_be_likely_instead_of_certain(http: Http, server: BotApiServer) -> None:
    server.faults.chance = random.Random(1)  # noqa: S311 - chance, no secret
    server.faults.add(Fault("500", times=20, probability=0.5))
    answers = [(await http.call("getMe"))["ok"] for _ in range(20)]
    assert 3 < sum(answers) < 17


@pytest.mark.parametrize("fault", ["500", "reset"])
async def test_a_call_can_take_effect_although_it_fails(
    http: Http, server: BotApiServer, ada: User, fault: str
) -> None:
    server.faults.add(Fault(fault, applied=True))
    try:
        assert (await http.call("sendMessage", chat_id=ada.id, text="x"))["ok"] is False
    except ClientError:
        assert fault == "reset"
    assert [message["text"] for message in ada.received] == ["x"]


async def test_nonsense_is_no_json(http: Http, server: BotApiServer) -> None:
    server.faults.add(Fault("nonsense"))
    with pytest.raises(ClientError):
        await http.call("getMe")
    assert server.calls.of("getme")[0]["status"] == 200


async def test_a_call_that_is_never_answered_ends_with_the_server() -> None:
    async with BotApiServer() as server, make_bot(TOKEN, server.url) as bot:
        server.faults.add(Fault("timeout", method="sendMessage"))
        calling = asyncio.create_task(bot.send_message(1, "x"))
        async with asyncio.timeout(5):
            while not server.calls.of("sendMessage"):
                await bot.get_me()
        assert not calling.done()
        await server.__aexit__(None, None, None)
        with pytest.raises(NetworkError):
            await calling


async def test_the_calls_that_came_can_be_looked_at(http: Http, bot: TelegramBot, ada: User) -> None:
    await bot.send_message(ada.id, "x")
    await http.call("nonsense")
    _, answer = await http.request("GET", "/sandbox/calls")
    assert [(call["method"], call["status"]) for call in answer["calls"]] == [
        ("getMe", 200),
        ("sendMessage", 200),
        ("nonsense", 404),
    ]
    _, answer = await http.request("GET", "/sandbox/calls?method=sendmessage")
    assert [call["params"]["text"] for call in answer["calls"]] == ["x"]
    assert TOKEN not in str(answer)


async def test_only_the_last_calls_are_kept() -> None:
    async with BotApiServer(calls_kept=2) as server, make_bot(TOKEN, server.url) as bot:
        await bot.get_updates()
        await bot.get_updates()
        assert [call["method"] for call in server.calls.of()] == ["getUpdates", "getUpdates"]


async def test_faults_are_set_and_cleared_over_http(http: Http, ada: User) -> None:
    wanted = {"fault": "429", "method": "sendMessage", "retry_after": 9, "times": 5, "probability": 1}
    wanted |= {"chat_id": ada.id, "description": "Slow down", "applied": True}
    status, answer = await http.request("POST", "/sandbox/faults", json=wanted)
    assert (status, answer) == (201, {"fault": "429", "method": "sendMessage", "times": 5})
    assert await http.call("sendMessage", chat_id=ada.id, text="x") == {
        "ok": False,
        "error_code": 429,
        "description": "Slow down",
        "parameters": {"retry_after": 9},
    }
    assert len(ada.received) == 1
    assert (await http.request("DELETE", "/sandbox/faults"))[0] == 204
    assert (await http.call("sendMessage", chat_id=ada.id, text="x"))["ok"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, 'can\'t find field "fault"'),
        ({"fault": "418"}, f"fault must be one of {', '.join(KINDS)}"),
        ({"fault": "400", "times": 0}, "times must be 1 or more"),
        ({"fault": "400", "probability": 0}, "probability above 0"),
        ({"fault": "400", "probability": True}, "probability must be a number"),
        ({"fault": "400", "retry_after": -1}, "retry_after 0 or more"),
        ({"fault": "400", "applied": 1}, 'field "applied" must be of type Boolean'),
        ([], "the body must be a JSON object"),
    ],
)
async def test_a_fault_that_could_not_happen_is_refused(http: Http, given: Json, reason: str) -> None:
    status, answer = await http.request("POST", "/sandbox/faults", json=given)
    assert status == 400
    assert reason in answer["error"]


async def test_429_says_in_its_headers_too_how_long_to_wait(http: Http, server: BotApiServer) -> None:
    server.faults.add(Fault("429", retry_after=9))
    async with http._session.get(f"{http.url}/bot{TOKEN}/getMe") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "9")
