"""/start: a greeting with topics to tap, and links by which sites send their readers."""

from collections.abc import Collection, Mapping

import pytest

from bot.sandbox.telegram import User
from bot.store.database import Database
from bot.topics.deep_links import payload
from tests.handlers.alerting import tapped
from tests.handlers.conftest import one_database
from tests.handlers.test_alerts import labels
from tests.handlers.test_choosing import published
from tests.handlers.test_following import followed

LONG = "Demonstrations, protests and riots in the eastern provinces"


async def test_two_taps_and_one_follows(database: Database, ada: User) -> None:
    await published(database, "Mali", "One")
    for number in range(2):
        await published(database, "Chad", f"Two {number}")
    await ada.say("/start")
    greeting = await ada.wait_for_text("Welcome! I tell you when The Daily Sample publishes")
    assert labels(greeting) == ["+ Chad", "+ Mali"]
    assert labels(await tapped(ada, greeting, "+ Mali")) == ["+ Chad", "✓ Mali"]
    assert labels(await tapped(ada, greeting, "✓ Mali")) == ["+ Chad", "+ Mali"]
    assert await followed(database, ada) == []


@one_database
@pytest.mark.parametrize(
    "aliases", [{LONG: ["Unrest in the eastern provinces and what became of it"], "Mali": ["Sudan"]}]
)
@pytest.mark.parametrize(
    ("given", "name"),
    [
        (payload("Mali"), "Mali"),
        ("mali", "Mali"),
        (payload("Sudan"), "Mali"),
        (payload(LONG), LONG),
        (payload("Unrest in the eastern provinces and what became of it"), LONG),
        ("cote-divoire", "Côte d'Ivoire"),
        (payload("CÔTE D’IVOIRE"), "Côte d'Ivoire"),
    ],
)
async def test_a_link_follows_the_sites_tag_also_when_it_was_renamed_or_merged(
    database: Database, ada: User, given: str, name: str, aliases: Mapping[str, Collection[str]]
) -> None:
    for tag in ("Mali", LONG, "Côte d'Ivoire"):
        await published(database, tag, "News")
    await ada.say(f"/start {given}")
    await ada.wait_for_text(f"You now follow {name}.")
    assert await followed(database, ada) == [name]
    await ada.say(f"/start {given}")
    await ada.wait_for_text(f"You already follow {name}.")


@one_database
@pytest.mark.parametrize("given", [payload("Mali"), "mali", payload("<b>Mali</b> & https://evil.example")])
async def test_what_is_no_tag_is_only_offered(database: Database, ada: User, given: str) -> None:
    await ada.say(f"/start {given}")
    offer = await ada.wait_for_text("Shall I tell you about new articles on")
    assert await followed(database, ada) == []
    await tapped(ada, offer, "+ Follow")
    assert len(await followed(database, ada)) == 1


@one_database
@pytest.mark.parametrize(
    "given", [payload(LONG), payload("🚀"), payload(""), "_A", "-", "x" * 65, "a b", "é", "_" * 64]
)
async def test_links_that_say_nothing_are_answered_kindly(database: Database, ada: User, given: str) -> None:
    await published(database, "Mali", "One")
    await ada.say(f"/start {given}")
    answer = await ada.wait_for_text("I do not know the topic of this link.")
    assert labels(answer) == ["+ Mali"]
