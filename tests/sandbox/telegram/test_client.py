"""What a person does in the app, over HTTP."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from telegram import Message

from bot.sandbox.telegram import BotApiServer, User
from bot.sandbox.telegram import client as client_module
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Http, Json, unknown_fields


async def read_event(stream: ClientResponse) -> tuple[str, Any]:
    """The next server-sent event: its kind and data; a comment has neither."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(5):
        while line := (await stream.content.readline()).decode().strip():
            name, _, value = line.partition(": ")
            fields[name] = value
    return fields.get("event", ""), json.loads(fields.get("data", "null"))


async def test_a_user_is_added_writes_and_reads(http: Http, bot: TelegramBot) -> None:
    given = {"type": "private", "first_name": "Ben", "username": "ben", "language_code": "de"}
    status, chat = await http.request("POST", "/client/chats", json=given)
    assert (status, chat) == (201, given | {"id": chat["id"], "blocked": False})
    path = f"/client/chats/{chat['id']}/messages"
    status, said = await http.request("POST", path, json={"text": "/start now"})
    assert (status, said["text"], said["entities"][0]["type"]) == (200, "/start now", "bot_command")
    answer = await bot.send_message(chat["id"], "hello", reply_to_message_id=said["message_id"])
    _, read = await http.request("GET", path)
    assert (read["messages"][0], read["messages"][1]["text"], read["last_event"]) == (said, "hello", 2)
    assert unknown_fields([Message.de_json(message) for message in read["messages"]]) == {}
    status, reply = await http.request("POST", path, json={"text": "so", "reply_to_message_id": answer.message_id})
    assert reply["reply_to_message"]["text"] == "hello"


async def test_chats_are_listed(http: Http, server: BotApiServer, ada: User) -> None:
    given = {"type": "channel", "title": "News", "username": "news", "id": -1_000_000_000_123}
    _, channel = await http.request("POST", "/client/chats", json=given)
    await ada.block()
    _, answer = await http.request("GET", "/client/chats")
    assert answer["chats"] == [
        {
            "id": 1001,
            "first_name": "Ada",
            "last_name": "Byron",
            "username": "ada",
            "type": "private",
            "language_code": "en",
            "blocked": True,
        },
        given | {"members": [ada.id], "threads": [], "blocked": False},
    ]
    assert channel == answer["chats"][1]


async def test_ids_that_are_taken_are_left_out(http: Http) -> None:
    taken = {"type": "private", "first_name": "Eve", "id": 1002}
    await http.request("POST", "/client/chats", json=taken)
    _, chat = await http.request("POST", "/client/chats", json={"type": "private", "first_name": "Ben"})
    assert chat["id"] == 1003
    status, answer = await http.request("POST", "/client/chats", json=taken)
    assert (status, answer) == (400, {"error": "there is a chat 1002 already"})


async def test_the_bot_is_known_with_its_commands_once_it_called(http: Http, server: BotApiServer) -> None:
    await http.result("setMyCommands", commands=[{"command": "help", "description": "See"}])
    _, answer = await http.request("GET", "/client/bot")
    assert (answer["username"], answer["commands"]) == ("sandbox_bot", [{"command": "help", "description": "See"}])


async def test_a_tap_is_passed_on_whatever_it_holds(http: Http, bot: TelegramBot, ada: User) -> None:
    sent = await bot.send_message(ada.id, "x")
    tap = {"message_id": sent.message_id, "data": "made up"}
    status, answer = await http.request("POST", f"/client/chats/{ada.id}/taps", json=tap)
    query = (await bot.get_updates(offset=-1))[0].callback_query
    assert query is not None
    assert (status, answer["callback_query_id"], query.data) == (200, query.id, "made up")


async def test_blocking_and_unblocking(http: Http, ada: User) -> None:
    for action, blocked in (("block", True), ("unblock", False)):
        assert (await http.request("POST", f"/client/chats/{ada.id}/{action}"))[0] == 204
        _, answer = await http.request("GET", "/client/chats")
        assert answer["chats"][0]["blocked"] is blocked


@pytest.mark.parametrize(
    ("path", "given", "status", "reason"),
    [
        ("", {}, 400, 'can\'t find field "type"'),
        ("", {"type": "party"}, 400, "type must be one of private, group, supergroup, channel"),
        ("", {"type": "private"}, 400, 'can\'t find field "first_name"'),
        ("", {"type": "group"}, 400, 'can\'t find field "title"'),
        ("", {"type": "private", "first_name": "Eve", "id": -5}, 400, "the id of a private chat is above 0"),
        ("", {"type": "group", "title": "x", "id": 5}, 400, "the id of a private chat is above 0"),
        ("", {"type": "private", "first_name": "Eve", "id": 1 << 60}, 400, 'field "id" must be a valid Number'),
        ("/4711/messages", {"text": "x"}, 404, "there is no chat 4711"),
        ("/1001/messages", {}, 400, 'can\'t find field "text"'),
        ("/1001/messages", {"text": " "}, 400, "text must be non-empty"),
        ("/1001/messages", {"text": "\ud800"}, 400, 'field "text" must be encoded in UTF-8'),
        ("/1001/messages", {"text": "x" * 4097}, 400, "message is too long"),
        ("/1001/messages", [], 400, "the body must be a JSON object"),
        ("/1001/taps", {"data": "x"}, 400, 'can\'t find field "message_id"'),
        ("/1001/taps", {"message_id": 99, "data": "x"}, 404, "there is no message 99 in this chat"),
    ],
)
async def test_what_cannot_be_done_is_said(
    http: Http, ada: User, path: str, given: Json, status: int, reason: str
) -> None:
    found, answer = await http.request("POST", f"/client/chats{path}", json=given)
    assert found == status
    assert reason in answer["error"]


async def test_a_body_that_is_no_json_is_refused(http: Http) -> None:
    for body in (b"", b"{", b"\xff", b"NaN"):
        status, answer = await http.request("POST", "/client/chats", data=body)
        assert status == 400
        assert answer["error"]


async def test_what_happens_in_a_chat_is_told_as_it_happens(http: Http, bot: TelegramBot, ada: User) -> None:
    async with http._session.get(f"{http.url}/client/chats/{ada.id}/events") as stream:
        assert stream.content_type == "text/event-stream"
        sent = await bot.send_message(ada.id, "x")
        await bot.edit_message_text("y", ada.id, sent.message_id)
        await bot.send_chat_action(ada.id, "typing")
        await bot.delete_message(ada.id, sent.message_id)
        events = [await read_event(stream) for _ in range(4)]
    assert [kind for kind, _ in events] == ["message", "edited", "action", "deleted"]
    assert [events[0][1]["text"], events[1][1]["text"], events[3][1]] == ["x", "y", {"message_id": sent.message_id}]


@pytest.mark.parametrize("how", ["header", "query"])
async def test_who_comes_back_is_told_what_they_missed(http: Http, ada: User, how: str) -> None:
    await ada.say("one")
    await ada.say("two")
    where = f"{http.url}/client/chats/{ada.id}/events" + ("?after=1" if how == "query" else "")
    headers = {"Last-Event-ID": "1"} if how == "header" else {}
    async with http._session.get(where, headers=headers) as stream:
        assert [(await read_event(stream))[1]["text"] for _ in range(2)] == ["one", "two"]


async def test_a_silent_stream_is_kept_alive(http: Http, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "KEEP_ALIVE_SECONDS", 0.001)
    async with http._session.get(f"{http.url}/client/chats/{ada.id}/events") as stream:
        assert await read_event(stream) == ("", None)


async def test_streams_end_when_the_server_stops(http: Http, server: BotApiServer, ada: User) -> None:
    async with http._session.get(f"{http.url}/client/chats/{ada.id}/events") as stream:
        await ada.say("last")
        await read_event(stream)
        await server.__aexit__(None, None, None)
        assert await stream.read() == b""


async def test_before_a_bot_called_nobody_knows_it() -> None:
    async with BotApiServer(token=None) as server, ClientSession() as session:
        http = Http(session, server.url)
        assert await http.request("GET", "/client/bot") == (404, {"error": "no bot has called yet"})
        assert (await http.result("getMe"))["id"] == 123456789
        assert (await http.request("GET", "/client/bot"))[0] == 200
