"""How a call may come, whose it may be, and what becomes of one that no library would make."""

from io import BytesIO

import pytest
from aiohttp import FormData

from bot.sandbox.telegram import TOKEN, User
from bot.sandbox.telegram.methods import METHODS
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Http, Json

GET_ME = f"/bot{TOKEN}/getMe"
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=x"}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def part(name: str, value: bytes, *more: str) -> bytes:
    """One field of a multipart body, and its end."""
    head = "\r\n".join([f'Content-Disposition: form-data; name="{name}"', *more])
    return b"--x\r\n" + head.encode() + b"\r\n\r\n" + value + b"\r\n--x--\r\n"


@pytest.mark.parametrize("way", ["query", "form", "json", "multipart"])
async def test_parameters_come_in_four_ways(http: Http, ada: User, way: str) -> None:
    parameters = {"chat_id": str(ada.id), "text": "ж & 🖋"}
    form = FormData(parameters)
    form.add_field("document", b"bytes", filename="ignored.bin")
    more = {"query": {"params": parameters}, "form": {"data": parameters}, "json": {"json": parameters}}
    path = f"/bot{TOKEN}/SENDMESSAGE"
    status, answer = await http.request("POST", path, **more.get(way, {"data": form}))
    assert (status, answer["result"]["text"]) == (200, "ж & 🖋")


async def test_get_will_do(http: Http) -> None:
    assert (await http.request("GET", GET_ME))[1]["ok"] is True


async def test_the_body_counts_more_than_the_query(http: Http, ada: User) -> None:
    _, answer = await http.request(
        "POST", f"/bot{TOKEN}/sendMessage?text=a&chat_id={ada.id}", json={"text": "b", "chat_id": ada.id}
    )
    assert answer["result"]["text"] == "b"


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        ("/bot123456789:another-token/getMe", 401, "Unauthorized"),
        ("/bot1/getMe", 404, "Not Found"),
        ("/bot/getMe", 404, "Not Found"),
        ("/bot", 404, "Not Found"),
        ("/bot%ff:%00/getMe", 404, "Not Found"),
        (f"/bot{TOKEN}", 404, "Not Found"),
        (f"/bot{TOKEN}/", 404, "Not Found: method not found; this sandbox has no ''"),
        (f"/bot{TOKEN}/sendPhoto", 404, "Not Found: method not found; this sandbox has no 'sendPhoto'"),
        (f"/bot{TOKEN}/{'x' * 100}", 404, f"Not Found: method not found; this sandbox has no '{'x' * 64}'"),
    ],
)
async def test_calls_that_lead_nowhere(http: Http, path: str, status: int, description: str) -> None:
    found, answer = await http.request("POST", path)
    assert found == status
    assert answer == {"ok": False, "error_code": status, "description": description}


@pytest.mark.parametrize(
    ("headers", "body", "status", "description"),
    [
        (JSON, b"", 200, ""),
        (JSON, b"{", 400, "can't parse object"),
        (JSON, b"[]", 400, "JSON object expected"),
        (JSON, b"\xff{}", 400, "can't parse object"),
        (JSON, b'{"a": NaN}', 400, "NaN is no JSON"),
        (JSON, b"[" * 100_000, 400, "nested too deeply"),
        (JSON, b'{"a": ' + b"9" * 5000 + b"}", 400, "can't parse object"),
        (JSON, b"x" * (2 << 20), 413, "Request Entity Too Large: too many parameters"),
        (JSON | {"Content-Encoding": "gzip"}, b"no gzip", 400, "the body cannot be read"),
        (FORM, b"a=%ff&b=\xff", 200, ""),
        (FORM, b"&".join([b"a=b"] * 2000), 400, "can't parse the form"),
        (FORM, b"x" * (2 << 20), 413, "Request Entity Too Large: too many parameters"),
        (BOUNDARY, part("a", b"b"), 200, ""),
        (BOUNDARY, b"", 200, ""),
        (BOUNDARY, b"nonsense", 400, "can't parse the multipart body"),
        (BOUNDARY, part("a", b"\xff"), 400, "can't parse the multipart body"),
        (BOUNDARY, part("a", b"b", "Content-Type: text/plain; charset=nonsense"), 400, "can't parse the multipart"),
        (BOUNDARY, part("a", b"b" * (2 << 20)), 413, "Request Entity Too Large: too many parameters"),
        ({"Content-Type": "multipart/form-data"}, b"x", 400, "can't parse the multipart body"),
        ({"Content-Type": "nonsense"}, b"\xff", 200, ""),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    http: Http, headers: dict[str, str], body: bytes, status: int, description: str
) -> None:
    found, answer = await http.request("POST", GET_ME, data=BytesIO(body), headers=headers)
    assert (found, answer["ok"]) == (status, status == 200)
    assert description in answer.get("description", "")
    assert (await http.request("GET", GET_ME))[1]["ok"] is True


async def test_a_text_that_is_no_utf8_is_refused(http: Http, ada: User) -> None:
    body = f"chat_id={ada.id}&text=%ff".encode()
    _, answer = await http.request("POST", f"/bot{TOKEN}/sendMessage", data=body, headers=FORM)
    assert answer["description"] == "Bad Request: strings must be encoded in UTF-8"


@pytest.mark.parametrize(
    ("value", "said"), [(True, True), ("True", True), ("yes", True), ("1", True), (" true ", True), ("no", False)]
)
async def test_yes_is_said_in_many_ways(http: Http, ada: User, value: object, said: bool) -> None:
    sent = await http.result("sendMessage", chat_id=ada.id, text="x", protect_content=value)
    assert ("has_protected_content" in sent) is said


@pytest.mark.parametrize(("value", "limit"), [("2nd", 2), ("-1", 1), ("x", 1), ("", 3), (None, 1), (2.9, 2)])
async def test_numbers_are_read_as_far_as_they_go(http: Http, ada: User, value: object, limit: int) -> None:
    for text in ("one", "two"):
        await ada.say(text)
    assert len(await http.result("getUpdates", limit=value)) == limit


USUAL: Json = {"chat_id": 1001, "message_id": 2, "text": "y", "user_id": 1001, "action": "typing"}
MORE: tuple[str, ...] = (
    "parse_mode",
    "entities",
    "reply_markup",
    "reply_parameters",
    "link_preview_options",
    "message_thread_id",
    "commands",
    "scope",
    "language_code",
    "description",
    "short_description",
    "callback_query_id",
    "offset",
    "limit",
    "allowed_updates",
    "url",
    "secret_token",
    "max_connections",
    "protect_content",
)


@pytest.mark.parametrize(
    "value", [None, True, 0, 1.5, "", "x", "[", [], {}, [[]], "\ud800", 10**30, "9" * 5000, [None]]
)
async def test_no_parameter_whatever_breaks_a_method(http: Http, bot: TelegramBot, ada: User, value: object) -> None:
    await bot.send_message(ada.id, "x")
    for method in METHODS:
        for name in (*USUAL, *MORE):
            answer = await http.call(method, **(USUAL | {name: value}))
            assert answer["ok"] or answer["error_code"] in {400, 409}, (method, name, answer)
