from datetime import timedelta
from typing import Any

import pytest
from telegram import InlineKeyboardMarkup

from bot.alerts.offering import DeclineDigest, TakeDigest
from bot.model import ChatSettings, Preview, Rhythm
from bot.sandbox.telegram import BotApiServer, Group, Room, User, buttons
from bot.store import chats
from bot.store.database import Database
from bot.telegram.application import TelegramApplication
from bot.telegram.presses import button
from tests.handlers.conftest import one_database
from tests.make import NOW

pytestmark = one_database

ZONE = "Africa/Johannesburg"


@pytest.fixture
async def thandi(telegram: BotApiServer, talking: None) -> User:
    """A reader whose language says where she is."""
    return telegram.user(1003, first_name="Thandi", language_code="en-ZA")


async def chosen(database: Database, room: Room) -> ChatSettings | None:
    async with database.read() as connection:
        return (await chats.settings(connection, [room.id])).get(room.id)


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for button in buttons(message)]


async def tap(user: User, message: dict[str, Any], label: str, then: str) -> dict[str, Any]:
    """Tap a button and wait for the page that it leads to, which stands in the same message."""
    await user.tap(message, label)
    shown = await user.wait_for(lambda later: then in later["text"] or then in labels(later))
    assert shown["message_id"] == message["message_id"]
    return shown


async def test_everything_is_chosen_on_one_message(database: Database, thandi: User) -> None:
    await thandi.say("/settings")
    message = await thandi.wait_for_text("Settings")
    assert await chosen(database, thandi) is None, "looking keeps nothing"
    message = await tap(thandi, message, "⏱ Alerts at once", "Once a day")
    message = await tap(thandi, message, "Once a day", "Daily digest, 08:00")
    assert "next at Mon 08:00" in message["text"]
    message = await tap(thandi, message, "17:00", "next at 17:00")
    message = await tap(thandi, message, "‹ Settings", "Tap what you want to change")
    message = await tap(thandi, message, "🌙 Quiet hours: none", "Alerts may reach you at night")
    message = await tap(thandi, message, "22:00–07:00", "Quiet 22:00–07:00")
    assert "🌍 Johannesburg, 14:00" in labels(message)
    message = await tap(thandi, message, "‹ Settings", "🌙 Quiet 22:00–07:00")
    message = await tap(thandi, message, "📥 Daily limit: none", "Every alert of a day")
    message = await tap(thandi, message, "5", "At most 5 a day")
    message = await tap(thandi, message, "‹ Settings", "📥 At most 5 a day")
    message = await tap(thandi, message, "🔊 Sound: yes", "🔊 Sound: no")
    message = await tap(thandi, message, "I’m a member", "✓ I’m a member")
    message = await tap(thandi, message, "🖼 Large picture", "Pictures")
    message = await tap(thandi, message, "Small picture", "✓ Small picture")
    assert await chosen(database, thandi) == ChatSettings(
        ZONE, 1320, 420, Rhythm.DAILY, 1020, None, 5, silent=True, preview=Preview.SMALL, member=True
    )
    assert len(thandi.received) == 1


@pytest.mark.parametrize(
    ("words", "said", "settings"),
    [
        ("/digest daily 6:45", "Daily digest, 06:45", {"digest": Rhythm.DAILY, "digest_at": 405}),
        ("/digest 18:00", "Daily digest, 18:00", {"digest": Rhythm.DAILY, "digest_at": 1080}),
        ("/digest friday 9am", "Weekly digest, Friday 09:00",
         {"digest": Rhythm.WEEKLY, "digest_at": 540, "digest_day": 4}),
        ("/digest weekly", "Weekly digest, Monday 08:00", {"digest": Rhythm.WEEKLY}),
        ("/quiet 22:00-07:00", "Quiet 22:00–07:00", {"quiet_from": 1320, "quiet_until": 420}),
        ("/quiet 10pm-7am", "Quiet 22:00–07:00", {"quiet_from": 1320, "quiet_until": 420}),
    ],
)  # fmt: skip
async def test_words_do_what_they_say(
    database: Database, thandi: User, words: str, said: str, settings: dict[str, Any]
) -> None:
    await thandi.say(words)
    await thandi.wait_for_text(said)
    assert await chosen(database, thandi) == ChatSettings(ZONE, **settings)


@pytest.mark.parametrize("command", ["/digest", "/quiet", "/mute", "/zone"])
async def test_a_command_without_words_shows_its_buttons(database: Database, ada: User, command: str) -> None:
    await ada.say(command)
    message = await ada.wait_for(lambda message: "‹ Settings" in labels(message))
    assert "I did not understand that." not in message["text"]
    await ada.say(f"{command} <b>🚀 ten to" if command != "/zone" else "/zone +99")
    await ada.wait_for(lambda message: any(sorry in message["text"] for sorry in ("I did not", "I do not know this")))
    assert await chosen(database, ada) is None


@pytest.mark.parametrize("rhythm", ["daily", "weekly"])
async def test_another_time_keeps_how_often_digests_come(database: Database, thandi: User, rhythm: str) -> None:
    await thandi.say(f"/digest {rhythm}")
    await thandi.wait_for_text(f"Another time? /digest {rhythm} 6:45")
    await thandi.say("/digest daily 25:00")
    await thandi.wait_for_text("I did not understand that.")
    settings = await chosen(database, thandi)
    assert settings is not None
    assert (settings.digest, settings.digest_at) == (rhythm, None)


async def test_hours_and_digests_end_with_a_word(database: Database, thandi: User) -> None:
    for words in ("/quiet 22-7", "/digest hourly", "/mute 8h"):
        await thandi.say(words)
    await thandi.wait_for_text("Muted until 22:00")
    for words in ("/quiet off", "/digest at once", "/mute off"):
        await thandi.say(words)
    await thandi.wait_for_text("Alerts reach you again.\n\nMute\nFor how long shall I be silent?")
    assert await chosen(database, thandi) == ChatSettings(ZONE)


async def test_a_mute_lasts_as_long_as_it_says(database: Database, thandi: User) -> None:
    await thandi.say("/mute 2d")
    message = await thandi.wait_for_text("Muted until Tue")
    settings = await chosen(database, thandi)
    assert settings is not None
    assert settings.muted_until is not None
    assert timedelta(days=2) <= settings.muted_until - NOW < timedelta(days=2, minutes=1)
    await tap(thandi, message, "Unmute", "For how long")
    assert await chosen(database, thandi) == ChatSettings()


async def test_who_is_somewhere_on_earth_is_asked_for_the_time(database: Database, ada: User) -> None:
    await ada.say("/quiet 22:00-07:00")
    message = await ada.wait_for_text("What time is it where you are?")
    message = await tap(ada, message, "🌍 Choose your time zone", "I do not know yours")
    message = await tap(ada, message, "🕒 By my clock", "What does your clock show?")
    message = await tap(ada, message, "Sun 14:00", "whose clocks change")
    message = await tap(ada, message, "Johannesburg (South Africa), 14:00", "So I know when it is night")
    await tap(ada, message, "‹ Settings", "🌍 Johannesburg, 14:00")
    assert await chosen(database, ada) == ChatSettings(ZONE, 1320, 420)


@pytest.mark.parametrize("zone", ["Europe/Athens"])
async def test_readers_are_where_the_site_says_until_they_say_otherwise(database: Database, ada: User) -> None:
    await ada.say("/quiet 22:00-07:00")
    message = await ada.wait_for_text("Quiet 22:00–07:00")
    assert "🌍 Athens, 14:00" in labels(message)
    assert await chosen(database, ada) == ChatSettings("Europe/Athens", 1320, 420)


@pytest.mark.parametrize(
    ("place", "label", "zone"),
    [("johannesburg", None, ZONE), ("South Africa", None, ZONE), ("Germany", None, "Europe/Berlin"),
     ("USA", "Chicago, 06:00", "America/Chicago"), ("jhannesburg", "Johannesburg, 14:00", ZONE),
     ("Cape Town", None, ZONE), ("Valencia", "Madrid (Spain), 13:00", "Europe/Madrid"),
     ("Valencia, Spain", None, "Europe/Madrid")],
)  # fmt: skip
async def test_a_zone_goes_by_the_name_of_a_place(
    database: Database, ada: User, place: str, label: str | None, zone: str
) -> None:
    await ada.say(f"/zone {place}")
    if label is not None:
        await ada.tap(await ada.wait_for_text("Which of these"), label)
    await ada.wait_for_text("So I know when it is night")
    assert await chosen(database, ada) == ChatSettings(zone)


async def test_of_a_location_only_the_zone_is_kept(database: Database, ada: User) -> None:
    await ada.share_location(-33.92, 18.42)
    await ada.wait_for_text("Johannesburg, 14:00")
    assert await chosen(database, ada) == ChatSettings(ZONE)


async def test_what_no_button_says_changes_nothing(database: Database, ada: User) -> None:
    await ada.say("/settings")
    message = await ada.wait_for_text("Settings")
    forged = ["set_time:1440", "set_time:-1", "set_day:7", "set_quiet:0:1440", "set_limit:1001", "set_zone:Mars/Base",
              "set_rhythm:never", "set_mute:9999d", "set_ahead:1440", "set_ahead:7", "set_picture:", "set:secret",
              "set_member:on:on"]  # fmt: skip
    for data in forged:
        answer = await (await ada.tap(message, data, forged=True)).answer()
        assert answer["text"].startswith("This button no longer works."), data
    assert await chosen(database, ada) is None


async def test_the_offer_of_a_digest_is_taken_or_declined(
    bot: TelegramApplication, database: Database, thandi: User
) -> None:
    buttons = InlineKeyboardMarkup([[button("Once a day", TakeDigest()), button("No, thanks", DeclineDigest())]])
    await thandi.say("hello")
    for answer, said in (("No, thanks", "All right, alerts keep coming at once."), ("Once a day", "✓ 08:00")):
        await bot.bot.send_message(thandi.id, "Would you rather?", reply_markup=buttons)
        await tap(thandi, await thandi.wait_for_text("Would you rather?"), answer, said)
    assert await chosen(database, thandi) == ChatSettings(ZONE, digest=Rhythm.DAILY)


async def test_in_a_group_admins_choose_for_all(
    telegram: BotApiServer, database: Database, ada: User, ben: User
) -> None:
    group: Group = telegram.group("Readers", [ada, ben])
    await ben.say("/quiet 22:00-07:00", to=group)
    await group.wait_for_text("Only admins")
    await ada.say("/quiet 22:00-07:00", to=group)
    message = await group.wait_for_text("Quiet 22:00–07:00")
    answer = await (await ben.tap(message, "No quiet hours")).answer()
    assert answer["text"].startswith("Only admins")
    assert await chosen(database, group) == ChatSettings(None, 1320, 420)
    await ada.tap(message, "No quiet hours")
    await group.wait_for_text("Quiet hours: none")
    assert await chosen(database, group) == ChatSettings()
    assert await chosen(database, ada) is None
