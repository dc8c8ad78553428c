"""What a reader does about an alert: its ⋯, and answers to it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Chat, ChatKind, Link, Preview
from bot.sandbox.telegram import BotApiServer, User, buttons
from bot.store import articles, corrections, follows, schema, topics
from bot.store import chats as store_chats
from bot.store.database import Database
from bot.store.follows import Follow
from bot.store.schema import chats
from bot.telegram.application import TelegramApplication
from tests.handlers.alerting import alerted, tapped
from tests.handlers.conftest import Clock, one_database
from tests.handlers.test_following import followed
from tests.handlers.test_taps import STALE
from tests.make import NOW, an_article

PICTURE = "https://news.example/a.jpg"


def labels(message: dict[str, object]) -> list[str]:
    return [button["text"] for button in buttons(message)]


async def how(database: Database, reader: User) -> list[Follow]:
    async with database.read() as connection:
        return await follows.details(connection, reader.id)


async def followers(reader: User, *names: str) -> None:
    await reader.say(f"/follow {', '.join(names)}")
    await reader.wait_for_text("You now follow")


async def test_more_says_why_the_alert_came_and_leads_back(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    await followers(ada, "Mali")
    article = replace(an_article(tags=["Mali", "Chad"], headline="Rain in <Mali>"), image=PICTURE)
    alert = await alerted(bot, database, ada, article, Mali=("tag", "Mali"))
    assert labels(alert) == ["Read", "+ Chad", "⋯"]
    opened = await tapped(ada, alert, "⋯")
    why = "You got this because it is tagged Mali.\n🔎 Tags and mentions in headline and teaser count."
    assert opened["text"] == f"{alert['text']}\n\n{why}"
    assert labels(opened) == [
        "🔕 For a day", "🔕 For a week", "Tags only", "✓ Headlines", "Anywhere", "Stop Mali", "Less often …", "‹ Back"
    ]  # fmt: skip
    assert opened["link_preview_options"] == alert["link_preview_options"]
    assert alert["link_preview_options"]["url"] == PICTURE
    closed = await tapped(ada, opened, "‹ Back")
    assert (closed["text"], labels(closed)) == (alert["text"], labels(alert))


async def test_a_topic_is_muted_narrowed_and_stopped_in_place(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    await followers(ada, "Vladimir Putin")
    alert = await alerted(bot, database, ada, Vladimir_Putin=("headline", "putin"))
    opened = await tapped(ada, alert, "⋯")
    assert "because its headline says putin, and you follow Vladimir Putin." in opened["text"]
    muted = await tapped(ada, opened, "🔕 For a week")
    assert muted["text"].endswith("🔕 Muted for 7 days more.")
    (follow,) = await how(database, ada)
    assert follow.muted_until is not None
    assert abs(follow.muted_until - NOW - timedelta(weeks=1)) < timedelta(minutes=2)
    assert "Muted" not in (await tapped(ada, muted, "🔔 Unmute"))["text"]
    narrowed = await tapped(ada, alert, "Tags only")
    assert "✓ Tags only" in labels(narrowed)
    assert [(each.scope, each.muted_until) for each in await how(database, ada)] == [("tags", None)]
    stopped = await tapped(ada, alert, "Stop Vladimir Putin")
    assert stopped["text"].endswith("You no longer follow Vladimir Putin.")
    assert labels(stopped) == ["+ Follow again", "‹ Back"]
    assert await followed(database, ada) == []
    await tapped(ada, alert, "+ Follow again")
    assert await followed(database, ada) == ["Vladimir Putin"]


async def test_of_a_body_nothing_is_said_but_that_it_mentions_the_topic(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    await followers(ada, "Mali")
    (follow,) = await how(database, ada)
    async with database.write() as connection:
        await follows.set_scope(connection, ada.id, follow.topic.id, "anywhere")
    opened = await tapped(ada, await alerted(bot, database, ada, Mali=("body", None)), "⋯")
    assert "You got this because the article mentions Mali.\n🔎 A mention anywhere" in opened["text"]


async def test_of_several_topics_one_is_chosen(bot: TelegramApplication, database: Database, ada: User) -> None:
    await followers(ada, "Mali", "Chad", "Togo")
    alert = await alerted(bot, database, ada, Mali=("tag", "Mali"), Chad=("teaser", "chad"), Togo=("tag", "Togoland"))
    opened = await tapped(ada, alert, "⋯")
    assert opened["text"].splitlines()[-3:] == [
        "You got this because it is tagged Mali.",
        "You got this because it is tagged Togoland, and you follow Togo.",
        "You got this because its teaser says chad, and you follow Chad.",
    ]
    assert labels(opened) == ["Mali", "Togo", "Chad", "Less often …", "‹ Back"]
    chosen = await tapped(ada, opened, "Togo")
    assert "Stop Togo" in labels(chosen)
    assert labels(await tapped(ada, chosen, "‹ Back")) == labels(opened)
    assert labels(await tapped(ada, opened, "‹ Back")) == ["Read", "⋯"]


async def test_who_follows_none_of_its_topics_any_more_is_told_so(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    await followers(ada, "Mali")
    alert = await alerted(bot, database, ada, Mali=("tag", "Mali"))
    await ada.say("/unfollow Mali")
    await ada.wait_for_text("You no longer follow")
    opened = await tapped(ada, alert, "⋯")
    assert opened["text"].endswith("You follow none of its topics any more.")


@one_database
async def test_less_often_leads_to_digests_and_leaves_the_alert(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    await followers(ada, "Mali")
    alert = await alerted(bot, database, ada, Mali=("tag", "Mali"))
    opened = await tapped(ada, alert, "⋯")
    await ada.tap(opened, "Less often …")
    await ada.wait_for(lambda message: message["message_id"] > alert["message_id"] and buttons(message))
    assert next(each for each in ada.messages if each["message_id"] == alert["message_id"]) == opened


@one_database
async def test_six_reasons_in_the_widest_letters_fit_into_the_message(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    wide = "𝔘" * 90
    names = [f"{number} {wide}" for number in range(8)]
    await followers(ada, *names)
    hostile = an_article(headline=wide * 3, teaser=wide * 5, tags=[f"{wide} {number}" for number in range(30)])
    hostile = replace(hostile, premium=True, byline=wide, also_read=(Link(wide * 2, "https://x.example/a"),) * 2)
    said = {name.replace(" ", "_"): ("headline" if at % 2 else "teaser", wide) for at, name in enumerate(names)}
    opened = await tapped(ada, await alerted(bot, database, ada, hostile, **said), "⋯")
    assert opened["text"].count("You got this because") == 6
    await tapped(ada, opened, labels(opened)[0])


async def test_tags_are_one_reason(bot: TelegramApplication, database: Database, ada: User) -> None:
    await followers(ada, "Mali", "Chad", "Rain")
    alert = await alerted(bot, database, ada, Mali=("tag", "Mali"), Chad=("tag", "CHAD"), Rain=("teaser", "Rains"))
    opened = await tapped(ada, alert, "⋯")
    assert opened["text"].endswith(
        "You got this because it is tagged Mali and Chad.\n"
        "You got this because its teaser says Rains, and you follow Rain."
    )


async def test_what_is_opened_under_an_alert_is_not_closed_by_a_correction(
    bot: TelegramApplication, database: Database, ada: User, clock: Clock
) -> None:
    async def is_to_be_corrected() -> bool:
        async with database.read() as connection:
            now = NOW + timedelta(seconds=clock.moved + 60)
            return await corrections.any_due(connection, now, within=timedelta(days=2))

    await followers(ada, "Mali")
    alert = await alerted(bot, database, ada, Mali=("tag", "Mali"))
    async with database.write() as connection:
        await connection.execute(schema.articles.update().values(headline="New", revision=1, revised_at=NOW))
    assert await is_to_be_corrected()
    opened = await tapped(ada, alert, "⋯")
    assert opened["text"].startswith("New")
    assert not await is_to_be_corrected()
    await tapped(ada, opened, "‹ Back")
    assert await is_to_be_corrected()
    await tapped(ada, opened, "⋯")
    clock.moved += 660
    assert await is_to_be_corrected()


async def test_a_withdrawn_article_is_shown_as_such(bot: TelegramApplication, database: Database, ada: User) -> None:
    await followers(ada, "Mali")
    alert = await alerted(bot, database, ada, Mali=("tag", "Mali"))
    async with database.write() as connection:
        await articles.withdraw(connection, 1, NOW)
    closed = await tapped(ada, await tapped(ada, alert, "⋯"), "‹ Back")
    assert closed["text"].endswith("This article has been withdrawn.")
    assert labels(closed) == []


@pytest.mark.parametrize("command", ["/unfollow", "/mute", "/mute 3d"])
async def test_an_answer_to_an_alert_is_about_its_topic(
    bot: TelegramApplication, database: Database, ada: User, command: str
) -> None:
    await followers(ada, "Mali", "Chad")
    alert = await alerted(bot, database, ada, Mali=("tag", "Mali"))
    await ada.say(command, reply_to=alert)
    if command == "/unfollow":
        await ada.wait_for_text("You no longer follow Mali.")
        assert await followed(database, ada) == ["Chad"]
        return
    answer = await ada.wait_for_text("🔕 Muted for")
    assert "🔔 Unmute" in labels(answer)
    days = timedelta(days=3 if "3" in command else 1)
    mali, chad = await how(database, ada)
    assert (mali.topic.name, chad.muted_until) == ("Mali", None)
    assert mali.muted_until is not None
    assert abs(mali.muted_until - NOW - days) < timedelta(minutes=2)


async def test_an_answer_to_an_alert_on_several_topics_asks_which(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    await followers(ada, "Mali", "Chad", "Togo")
    alert = await alerted(bot, database, ada, Mali=("tag", "Mali"), Chad=("tag", "Chad"))
    await ada.say("/unfollow", reply_to=alert)
    asked = await ada.wait_for_text("Tap what you want to stop following:")
    assert labels(asked) == ["✓ Mali", "✓ Chad"]
    await ada.say("/mute", reply_to=alert)
    asked = await ada.wait_for_text("Tap the topic that you mean:")
    assert "🔕 For a day" in labels(await tapped(ada, asked, "Chad"))


@one_database
async def test_other_readers_alerts_and_topics_are_not_for_who_counts_up_numbers(
    bot: TelegramApplication, database: Database, ada: User, ben: User
) -> None:
    await followers(ada, "A private matter")
    await alerted(bot, database, ada, an_article(tags=["Mali"]), A_private_matter=("headline", "private"))
    await followers(ben, "Mali")
    message = ben.received[-1]
    for data in ("more:1", "alert:1", "topic:1:more:1", "topic:1:topics:0", "mute:1:24:topics:0", "stop:1:alert:1",
                 "resume:1:topics:0", "scope:1:tags:topics:0"):  # fmt: skip
        tap = await ben.tap(message, data, forged=True)
        assert (await tap.answer())["text"] == STALE
    assert await followed(database, ada) == ["A private matter"]
    assert all("private" not in message["text"] for message in ben.received)


@one_database
@pytest.mark.parametrize(
    "data",
    ["mute:1:999:topics:0", "mute:1:-24:topics:0", "scope:1:nowhere:topics:0", "topic:1", "topic:1:stop:1:alert:1"],
)
async def test_what_no_button_says_changes_nothing(database: Database, ada: User, data: str) -> None:
    await followers(ada, "Mali")
    tap = await ada.tap(ada.received[-1], data, forged=True)
    assert (await tap.answer())["text"] == STALE
    (follow,) = await how(database, ada)
    assert (follow.muted_until, follow.scope) == (None, "headline")


@one_database
@pytest.mark.parametrize(
    "name", ["مالي " * 14, "Z̸̛͖a̴͖͑l̷̙̈́g̵̤̈o̶̠͘ " * 4, "👩‍👩‍👧‍👦 family " * 4, "<b>&amp;" * 7, "\u202eilaM", "x" * 100]
)
async def test_telegram_takes_whatever_stands_in_an_alert(
    bot: TelegramApplication, database: Database, ada: User, name: str
) -> None:
    await followers(ada, name)
    (topic,) = await followed(database, ada)
    hostile = replace(
        an_article(headline=name * 9, teaser=name * 30, tags=[f"{name[:90]} {number}" for number in range(30)]),
        premium=True,
        byline=name,
        image=PICTURE,
    )
    alert = await alerted(bot, database, ada, hostile, **{topic: ("headline", name * 2)})
    opened = await tapped(ada, alert, "⋯")
    assert "You got this because" in opened["text"]
    for label in ("🔕 For a day", "Tags only", "‹ Back"):
        opened = await tapped(ada, opened, label)
    await ada.say("/topics")
    listed = await ada.wait_for_text("You follow 1 topic.")
    await tapped(ada, listed, labels(listed)[0])


@one_database
async def test_the_picture_is_shown_as_the_reader_likes(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    await followers(ada, "Mali")
    pictured = replace(an_article(premium=True), image=PICTURE)
    shown = {}
    for number, chosen in enumerate(Preview):
        async with database.write() as connection:
            await connection.execute(chats.update().values(preview=chosen))
        article = replace(pictured, keys=(f"guid:{number}",), link=f"https://news.example/{number}/")
        alert = await alerted(bot, database, ada, article, Mali=("tag", "Mali"))
        shown[chosen] = alert["link_preview_options"]
    assert shown == {
        Preview.ABOVE: {"url": PICTURE, "prefer_large_media": True, "show_above_text": True},
        Preview.SMALL: {"url": PICTURE, "prefer_small_media": True},
        Preview.NONE: {"is_disabled": True},
    }


@one_database
@pytest.mark.parametrize("kind", ["supergroup", "channel"])
async def test_who_is_one_of_many_learns_why_and_others_see_nothing_of_it(
    telegram: BotApiServer, bot: TelegramApplication, database: Database, ada: User, ben: User, kind: str
) -> None:
    for reader in (ada, ben):
        await reader.say("/help")
    room = telegram.group("Many", [ada, ben], kind=kind)
    async with database.write() as connection:
        await store_chats.welcome(connection, Chat(room.id, ChatKind(kind), "en"), NOW)
        for topic in await topics.ensure(connection, ["Mali", "Chad"], as_tags=False):
            await follows.add(connection, room.id, topic.id, NOW)
    alert = await alerted(bot, database, room, Mali=("tag", "Mali"), Chad=("headline", "<Chad> & co"))
    answer = await (await ben.tap(alert, "⋯")).answer()
    why = "You got this because it is tagged Mali."
    why += " You got this because its headline says <Chad> & co, and you follow Chad."
    assert (answer["text"], answer["show_alert"]) == (why, True)
    if kind == "supergroup":
        await ada.tap(alert, "⋯")
        await room.wait_for(lambda message: "Less often …" in labels(message))
    else:
        assert (await (await ada.tap(alert, "⋯")).answer())["text"] == why
        assert labels(room.messages[-1]) == labels(alert)
