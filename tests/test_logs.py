import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs

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


def test_a_child_whose_exit_code_was_taken_is_not_worth_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    log = logging.getLogger("asyncio")
    log.warning("Unknown child process pid %d, will report returncode 255", 42)
    log.warning("Executing %r took %.3f seconds", "x", 1.5)
    assert "child" not in (written := capsys.readouterr().err)
    assert "took 1.500 seconds" in written
