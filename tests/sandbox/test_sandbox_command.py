"""``python -m bot sandbox`` as somebody who writes bots starts it: a process, its words, Ctrl-C."""

import asyncio
import os
import re
import shlex
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.sandbox.telegram import TOKEN
from bot.telegram.application import make_bot

ROOT = Path(__file__).parents[2]
WITHIN = 30.0
"""Seconds that starting or stopping may take on a busy machine."""

Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts the command with these arguments."""
    processes: list[Process] = []

    async def start(*arguments: str) -> Process:
        command = (sys.executable, "-m", "bot", "sandbox", *arguments)
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(*command, env=environ, stdout=PIPE, stderr=PIPE, process_group=0)
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def words(process: Process) -> str:
    """What it says at the start, to its last line."""
    assert process.stdout is not None
    async with asyncio.timeout(WITHIN):
        return (await process.stdout.readuntil(b"-X DELETE\n")).decode()


async def end(process: Process, number: signal.Signals | None = None) -> tuple[int, str, str]:
    """Exit code and what it wrote, after this signal as a terminal sends it."""
    if number is not None:
        os.killpg(process.pid, number)
    async with asyncio.timeout(WITHIN):
        output, errors = await process.communicate()
        return await process.wait(), output.decode().strip(), errors.decode().strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_it_cleanly_whoever_is_waiting(start: Start, number: signal.Signals) -> None:
    process = await start("--port", "0")
    url = re.findall(r"BOT_API_URL=(\S+)", await words(process))[0]
    async with ClientSession() as session, session.get(f"{url}/client/chats/1001/events") as stream:

        async def poll() -> Any:
            async with session.get(f"{url}/bot{TOKEN}/getUpdates?timeout=50") as response:
                return await response.json()

        polls = {asyncio.create_task(poll()) for _ in range(2)}
        (refused,), (waiting,) = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
        assert refused.result()["error_code"] == 409  # so the other is under way
        assert await end(process, number) == (0, "", "")
        assert (await waiting, await stream.read()) == ({"ok": True, "result": []}, b"")


async def test_every_command_that_it_prints_works_as_it_stands(start: Start) -> None:
    process = await start("--port", "0")
    said = await words(process)
    url = re.findall(r"BOT_API_URL=(\S+)", said)[0]
    commands = [shlex.split(line) for line in said.splitlines() if line.strip().startswith("curl")]
    assert len(commands) == 10
    answers = []
    async with make_bot(TOKEN, url) as bot, ClientSession() as session:
        for _, where, *options in commands:
            if where.endswith("/taps"):
                markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])
                assert (await bot.send_message(1001, "Well?", reply_markup=markup)).message_id == 2
            named = dict(zip(options[::2], options[1::2], strict=True))
            method = named.get("-X", "POST" if "-d" in named else "GET")
            async with session.request(method, where, data=named.get("-d")) as response:
                assert response.status in {200, 201, 204}, (where, await response.text())
                answers.append(await response.text())
        updates = await bot.get_updates()
    assert [update.message.text for update in updates if update.message] == ["/start"]
    assert [update.callback_query.data for update in updates if update.callback_query] == ["yes"]
    assert '"first_name":"Ada"' in answers[1]
    assert '"method":"sendMessage"' in answers[7]


async def test_only_the_token_that_was_named_is_let_in_and_it_is_not_repeated(start: Start) -> None:
    token = "4711:a-token-of-ones-own"
    process = await start("--port", "0", "--token", token)
    said = await words(process)
    url = re.findall(r"BOT_API_URL=(\S+)", said)[0]
    async with make_bot(token, url) as bot, ClientSession() as session:
        assert bot.id == 4711
        async with session.get(f"{url}/bot{TOKEN}/getMe") as response:
            assert response.status == 401
    assert (await end(process, signal.SIGINT))[0] == 0
    assert token not in said


async def test_a_port_that_is_taken_is_said_in_one_sentence(start: Start) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        sentence = f"Port {port} cannot be used: address already in use. Name another one with --port"
        assert await end(await start("--port", str(port))) == (1, "", sentence)


async def test_a_token_that_is_none_is_said_in_one_sentence(start: Start) -> None:
    sentence = f"--token has not the form of a bot's token, such as {TOKEN}"
    assert await end(await start("--port", "0", "--token", "no-token")) == (1, "", sentence)
