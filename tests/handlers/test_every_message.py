"""Telegram takes every message that the bot can send, whatever hostile names, headlines and readers say."""

from dataclasses import replace
from typing import Any

import pytest

from bot.alerts import digest
from bot.alerts.message import Site, render
from bot.language import available, translation
from bot.model import ChatSettings, Link
from bot.sandbox.telegram import BotApiServer, User, buttons
from bot.store.database import Database
from bot.telegram import presses
from bot.telegram.application import TelegramApplication
from handlers.settings_choices import Open
from tests.handlers.alerting import alerted
from tests.handlers.conftest import one_database
from tests.hostile import HOSTILE, OVERRIDES, RIGHT_TO_LEFT, ZALGO
from tests.logged import Logged
from tests.make import an_alert, an_article, news

LANGUAGES = ["en", *available()]
COMMANDS = (
    "/start", "/help", "/follow", "/unfollow", "/topics", "/latest", "/settings", "/digest daily", "/digest weekly",
    "/quiet 22-7", "/mute 8h", "/mute nonsense", "/zone", "/zone Valencia", "/zone nowhere", "/language", "/channel",
    "/privacy", "/export", "/forget", "/nonsense", "Mali", "/start ?", "/breaking", "/say",
)  # fmt: skip
LAST = {"/topics": ("stopall:ask", "stopall:do", "stopall:undo", "topics:0"), "/forget": ("forget",)}
"""What takes away what other buttons are about."""
WITHIN = 30.0
"""Seconds for an answer: the longest names are many to compare with."""


def worded(data: str) -> str:
    """What a button asks for, without about what: of many alike one is pressed."""
    press = presses.read(data)
    return data if isinstance(press, Open) or press is None else type(press).__name__


async def press_all(reader: User) -> set[str]:
    """Press a button of each kind that the reader comes by; what was pressed."""
    pressed: set[str] = set()
    while True:
        there = {
            worded(each["callback_data"]): (message, each["callback_data"])
            for message in reader.received
            for each in buttons(message)
            if "callback_data" in each
        }
        left = there.keys() - pressed - {"Forget", "StopAll"}
        if not left:
            return pressed
        kind = min(left)
        pressed.add(kind)
        await (await reader.tap(*there[kind])).answer(WITHIN)


async def heard(reader: User, words: str) -> dict[str, Any]:
    said = await reader.say(words)
    return await reader.wait_for(lambda message: message["message_id"] > said["message_id"], WITHIN)


def refused(telegram: BotApiServer) -> list[dict[str, Any]]:
    """The calls that Telegram refused; an edit that changes nothing is none, and any other is logged."""
    return [call for call in telegram.calls.of() if call["status"] != 200 and not call["method"].startswith("edit")]


@one_database
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_command_and_every_button(
    telegram: BotApiServer, bot: TelegramApplication, database: Database, talking: None, logged: Logged, language: str
) -> None:
    names = [
        f"{part} {number} {'Ü' * 200}"[:200]
        for part in (RIGHT_TO_LEFT, ZALGO, OVERRIDES, "👨‍👩‍👧")
        for number in (1, 2, 3)
    ]
    zoe = telegram.user(1003, language_code=language)
    async with database.write() as connection:
        for number, name in enumerate(names):
            await news(connection, an_article(f"a{number}", headline=name, tags=[*names, "Mali"], premium=True), [])
    for first in range(0, 100, 20):
        await heard(zoe, "/follow " + ", ".join(f"{number} {'Ü' * 90}" for number in range(first, first + 20)))
    await alerted(bot, database, zoe, an_article(headline=names[0], tags=names), Mali=("tag", None))
    for words in COMMANDS:
        await heard(zoe, words)
    pressed = await press_all(zoe)
    for words, taps in LAST.items():
        message = await heard(zoe, words)
        for data in taps:
            await (await zoe.tap(message, data, forged=True)).answer(WITHIN)
    await heard(zoe, "/help")
    assert {"More", "Closed", "Follow", "Listed", "Older", "SetZone", "SetLanguage", "ShowZones"} <= pressed
    assert refused(telegram) == []
    assert logged.of("answer refused") == logged.of("answer not sent") == logged.of("update failed") == []


@one_database
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_alert_and_digest(
    telegram: BotApiServer, bot: TelegramApplication, talking: None, language: str
) -> None:
    zoe, site = (
        telegram.user(1003, language_code=language),
        Site("https://a.example/", "https://b.example/", "<3 " * 900),
    )
    await heard(zoe, "/help")
    for hostile in HOSTILE:
        linked = [Link(hostile, "https://news.example/b/")] * 3
        alert = an_alert(
            headline=hostile,
            teaser=hostile[:900],
            byline=hostile,
            tags=[hostile[:200], "x" * 200] * 15,
            also_read=linked,
        )
        for premium, member, withdrawn in ((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 0, 1)):
            article = replace(alert.article, id=2, premium=bool(premium), withdrawn=bool(withdrawn))
            one = replace(alert, article=article, settings=ChatSettings(member=bool(member)))
            many = [replace(one, id=number, article=replace(article, id=number)) for number in range(1, 25)]
            said = translation(language)
            messages = [render(one, site, said)]
            messages += [digest.render(parcel, site, said) for parcel in digest.in_messages(many, site, said)]
            for message in messages:
                await bot.bot.send_message(
                    zoe.id, message.text, reply_markup=message.keyboard, link_preview_options=message.preview
                )
    assert refused(telegram) == []
