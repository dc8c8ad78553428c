import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from bot import logs
from bot.web.server import serving
from tests.web.outside import free_port

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz01234"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What these tests configure is gone after each."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


both_forms = pytest.mark.parametrize("form", ["text", "json"])


@both_forms
def test_secrets_are_blotted_out(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", form, [TOKEN])
    log = structlog.stdlib.get_logger()
    log.info("calling", url=f"https://api.example/bot{TOKEN}/getMe")
    logging.getLogger("a.library").warning("calling %s", f"/bot{TOKEN}/getMe")
    try:
        raise RuntimeError(TOKEN)
    except RuntimeError:
        log.exception("it broke")
    written = capsys.readouterr().err
    assert written.count("***") == 3
    assert TOKEN not in written


@both_forms
def test_what_comes_from_outside_is_one_bounded_line(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", form)
    structlog.stdlib.get_logger().info("polled", headline="one\ntwo\r\x1b[31m" + "x" * 2_000)
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert len(written) < 500
    assert "\x1b" not in written


@both_forms
def test_what_a_traceback_quotes_passes_for_no_line_of_the_log(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", form)
    try:
        raise RuntimeError("x" * 100_000 + "\n2026-03-01T12:00:00Z [info] all is well\r\x1b[2K")
    except RuntimeError:
        structlog.stdlib.get_logger().exception("it broke")
    written = capsys.readouterr().err
    assert "all is well" in written
    assert not any(line.startswith("2026-03") for line in written.splitlines())
    assert not {"\r", "\x1b"} & set(written)
    assert len(written) < 30_000


def test_json_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    structlog.stdlib.get_logger().info("polled", feed="http://x/", new=3, ok=True)
    event = json.loads(capsys.readouterr().err)
    assert (event["event"], event["feed"], event["new"], event["ok"]) == ("polled", "http://x/", 3, True)
    assert event["level"] == "info"
    assert event["timestamp"].endswith("Z")


def test_the_level_counts(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "text")
    structlog.stdlib.get_logger().info("quiet")
    logging.getLogger("telegram.ext.Updater").error("chatty")
    assert capsys.readouterr().err == ""


NO_HTTP = [
    b"GET /here HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    b"POST /here HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /here HTTP/1.1\r\nHost: a\r\nContent-Encoding: deflate\r\nContent-Length: 3\r\n\r\nx\x9cy",
    b"POST /here HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip",
    b"POST /here HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 7\r\n\r\nno br..",
]


@pytest.mark.parametrize("said", NO_HTTP)
async def test_what_is_no_http_is_refused_without_a_traceback(said: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    async def here(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    logs.configure("info", "text")
    port = free_port()
    async with serving([web.route("*", "/here", here)], port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        assert b" 400 " in await reader.readline()
        writer.close()
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "web server listens" not in line and "refused what is no HTTP" not in line] == []
    assert len(lines) <= 2
    logs.configure("warning", "text")
    try:
        raise BadHttpMessage("no HTTP")
    except BadHttpMessage:
        logging.getLogger("aiohttp.server").exception("Error handling request from %s", "127.0.0.1")
    assert capsys.readouterr().err == ""


def test_a_bug_in_the_web_server_surfaces(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    try:
        raise ValueError("a bug")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request from %s", "127.0.0.1")
    assert "Traceback" in capsys.readouterr().err
