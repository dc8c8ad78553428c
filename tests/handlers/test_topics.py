"""/topics: pages, a topic's own page, and an end to all that can be undone."""

from datetime import timedelta

from bot.sandbox.telegram import User, buttons
from bot.store import follows, stopped
from bot.store.database import Database
from bot.store.schema import stopped_follows
from tests.handlers.alerting import tapped
from tests.handlers.conftest import one_database
from tests.handlers.test_alerts import followers, how, labels
from tests.handlers.test_choosing import published
from tests.handlers.test_following import followed
from tests.make import NOW

HOUR = timedelta(hours=1)


async def test_each_topic_is_listed_with_how_it_is_followed_and_leads_to_its_page(
    database: Database, ada: User
) -> None:
    await published(database, "Mali", *(f"Headline {number}" for number in range(8)))
    await followers(ada, "Mali", "Rain", '"the wind" OR storm')
    async with database.write() as connection:
        mali, rain, _ = await follows.of_chat(connection, ada.id)
        await follows.set_scope(connection, ada.id, mali.id, "tags")
        await follows.mute(connection, ada.id, rain.id, NOW + HOUR)
    await ada.say("/topics")
    listed = await ada.wait_for_text("You follow 3 topics. Tap one to change it:")
    assert listed["text"].splitlines()[2:] == [
        "Mali · about 8 articles a week · tags only",
        "Rain · nothing lately · 🔕",
        '"the wind" OR storm · nothing lately',
    ]
    assert labels(listed) == ["Mali", "Rain", '"the wind" OR storm', "Stop all …"]
    page = await tapped(ada, listed, "Mali")
    only_tags = "🔎 Only the site’s own tags count."
    assert page["text"] == f"Mali\n\nAbout 8 articles a week. The latest: Headline 0\n\n{only_tags}"
    assert "✓ Tags only" in labels(page)
    assert "A mention anywhere in an article counts." in (await tapped(ada, page, "Anywhere"))["text"]
    assert "Mali · about 8 articles a week · anywhere" in (await tapped(ada, page, "‹ Back"))["text"]
    page = await tapped(ada, page, "Mali")
    await tapped(ada, page, "Headlines")
    await tapped(ada, page, "🔕 For a day")
    follow, *_ = await how(database, ada)
    assert (follow.scope, follow.muted_until is not None) == ("headline", True)
    assert (await tapped(ada, page, "See the latest"))["text"].startswith("Latest on Mali · ")
    await ada.say("/topics")
    back = await ada.wait_for(lambda message: message["message_id"] > page["message_id"])
    assert "Mali · about 8 articles a week · 🔕" in back["text"]


async def test_many_topics_are_leafed_through(database: Database, ada: User) -> None:
    for start in range(0, 100, 20):
        await ada.say("/follow " + ", ".join(f"Topic {number:02}" for number in range(start, start + 20)))
        await ada.wait_for_text(f"Topic {start + 19}")
    await ada.say("/topics")
    page = await ada.wait_for_text("You follow 100 topics.")
    seen = []
    while True:
        seen += [label for label in labels(page) if label.startswith("Topic")]
        if "›" not in labels(page):
            break
        page = await tapped(ada, page, "›")
    assert seen == [f"Topic {number:02}" for number in range(100)]
    opened = await tapped(ada, page, "Topic 99")
    assert "Topic 96" in labels(await tapped(ada, opened, "‹ Back"))  # the page where it was


async def test_what_is_stopped_on_the_last_page_leaves_no_empty_page(database: Database, ada: User) -> None:
    await followers(ada, *(f"Topic {number}" for number in range(9)))
    await ada.say("/topics")
    page = await tapped(ada, await ada.wait_for_text("You follow 9 topics."), "›")
    page = await tapped(ada, await tapped(ada, page, "Topic 8"), "Stop Topic 8")
    assert page["text"] == "Topic 8\n\nYou no longer follow Topic 8."
    assert "Topic 0" in labels(await tapped(ada, page, "‹ Back"))


async def test_all_are_stopped_after_a_question_and_come_back_as_they_were(database: Database, ada: User) -> None:
    await followers(ada, "Mali", "Chad")
    async with database.write() as connection:
        (mali, _) = await follows.of_chat(connection, ada.id)
        await follows.set_scope(connection, ada.id, mali.id, "tags")
        await follows.mute(connection, ada.id, mali.id, NOW + HOUR)
    before = await how(database, ada)
    await ada.say("/topics")
    asked = await tapped(ada, await ada.wait_for_text("You follow 2 topics."), "Stop all …")
    assert asked["text"] == "Shall I stop telling you about all 2 topics?"
    assert await how(database, ada) == before
    back = await tapped(ada, asked, "‹ Back")
    stopped_all = await tapped(ada, await tapped(ada, back, "Stop all …"), "Yes, stop all")
    assert await followed(database, ada) == []
    tap = await ada.tap(stopped_all, "stopall:do", forged=True)  # a second tap must not take the way back
    await tap.answer()
    undone = await tapped(ada, stopped_all, "Undo")
    assert undone["text"] == "You follow Mali and Chad again."
    assert await how(database, ada) == before
    assert "Mali" in labels(await tapped(ada, undone, "See my topics"))


@one_database
async def test_after_an_hour_what_was_stopped_is_gone(database: Database, ada: User) -> None:
    await followers(ada, "Mali")
    async with database.write() as connection:
        await stopped.stop_all(connection, ada.id, NOW - HOUR - timedelta(seconds=1))
    tap = await ada.tap(ada.received[-1], "stopall:undo", forged=True)
    await tap.answer()
    await ada.wait_for_text("There is nothing to undo any more.")
    assert await followed(database, ada) == []


async def test_what_comes_back_keeps_to_the_limit_and_doubles_nothing(database: Database, ada: User) -> None:
    await followers(ada, "Mali", "Chad", "Togo")
    async with database.write() as connection:
        await stopped.stop_all(connection, ada.id, NOW)
    await ada.say("/follow Chad")
    await ada.wait_for_text("You now follow Chad.")
    async with database.write() as connection:
        again = await stopped.undo(connection, ada.id, NOW, most=2)
        assert [topic.name for topic in again] == ["Mali"]
        assert (await connection.execute(stopped_follows.select())).all() == []
    assert set(await followed(database, ada)) == {"Mali", "Chad"}


async def test_what_can_no_longer_be_undone_is_forgotten(database: Database, ada: User) -> None:
    await followers(ada, "Mali")
    async with database.write() as connection:
        await stopped.stop_all(connection, ada.id, NOW)
        await stopped.forget(connection, NOW + HOUR)
        assert len((await connection.execute(stopped_follows.select())).all()) == 1
        await stopped.forget(connection, NOW + 2 * HOUR)
        assert (await connection.execute(stopped_follows.select())).all() == []
    assert buttons(ada.received[-1]) != []
