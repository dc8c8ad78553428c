"""/latest, and plain words: articles leafed through in one message."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.sandbox.telegram import User
from bot.store import articles
from bot.store.database import Database
from bot.store.schema import articles as article_table
from tests.handlers.alerting import tapped
from tests.handlers.conftest import one_database
from tests.handlers.test_alerts import followers, labels
from tests.handlers.test_choosing import published
from tests.handlers.test_following import comes_after, followed
from tests.handlers.test_taps import STALE
from tests.make import NOW, an_article, news


async def test_the_latest_articles_are_leafed_through_in_place(database: Database, ada: User) -> None:
    for number in (1, 2, 3):
        await published(database, "Mali", f"Headline {number}")
    await ada.say("/latest")
    page = await ada.wait_for_text("Latest articles · ")
    assert "Headline 3" in page["text"]
    assert labels(page) == ["Read", "+ Mali", "Older ›"]
    page = await tapped(ada, page, "Older ›")
    assert "Headline 2" in page["text"]
    assert labels(page)[-2:] == ["‹ Newer", "Older ›"]
    await published(database, "Mali", "Headline 4")
    page = await tapped(ada, await tapped(ada, page, "‹ Newer"), "‹ Newer")
    assert "Headline 4" in page["text"]
    page = await tapped(ada, page, "+ Mali")
    assert "✓ Mali" in labels(page)
    assert await followed(database, ada) == ["Mali"]


@pytest.mark.parametrize("words", ["mali", "#Mali"])
async def test_the_latest_on_a_tag(database: Database, ada: User, words: str) -> None:
    await published(database, "Mali", "One")
    await published(database, "Chad", "Two")
    await published(database, "Mali", "Three", weeks=1)
    await ada.say(f"/latest {words}")
    page = await ada.wait_for_text("Latest on Mali · 7 days ago")
    assert "Three" in page["text"]
    assert labels(page) == ["Read", "+ Mali", "Older ›"]
    page = await tapped(ada, page, "Older ›")
    assert "One" in page["text"]
    assert labels(page) == ["Read", "+ Mali", "‹ Newer"]


async def test_plain_words_are_searched_and_followed_with_few_taps(database: Database, ada: User) -> None:
    await published(database, "Weather", "Heavy rain <tonight>", "A dry day")
    await published(database, "Sport", "Rain stops play")
    await ada.say("rain")
    offer = await ada.wait_for_text("Shall I tell you about new articles on rain?")
    assert labels(offer) == ["+ Follow", "See the latest"]
    page = await tapped(ada, offer, "See the latest")
    assert page["text"].startswith("Latest on rain · ")
    assert "Rain stops play" in page["text"]
    assert "+ Follow rain" in labels(page)
    page = await tapped(ada, page, "Older ›")
    assert "Heavy rain <tonight>" in page["text"]
    assert "Older ›" not in labels(page)
    page = await tapped(ada, page, "+ Follow rain")
    assert page["text"].startswith("You now follow rain.")
    assert await followed(database, ada) == ["rain"]


@one_database
async def test_what_is_followed_already_shows_so(database: Database, ada: User) -> None:
    await published(database, "Weather", "Heavy rain")
    await followers(ada, "rain")
    await ada.say("/latest rain")
    assert "✓ rain" in labels(await ada.wait_for_text("Latest on rain"))
    await ada.say("Rain")
    answer = await ada.wait_for_text("You already follow rain.")
    assert labels(answer) == ["✓ rain", "See the latest"]
    assert "Heavy rain" in (await tapped(ada, answer, "See the latest"))["text"]


@one_database
async def test_nothing_found_offers_to_follow(database: Database, ada: User) -> None:
    await ada.say("/latest")
    await ada.wait_for_text("There are no articles yet.")
    await ada.say("/latest <Atlantis>")
    page = await ada.wait_for_text("I have found nothing on <Atlantis> lately.")
    assert labels(page) == ["+ Follow <Atlantis>"]
    await tapped(ada, page, "+ Follow <Atlantis>")
    assert await followed(database, ada) == ["<Atlantis>"]


@one_database
@pytest.mark.parametrize(
    ("words", "answer"),
    [("x" * 500, "too long for a topic"), ("🚀", "I can only follow words"), ("(mali AND", "cannot read")],
)
async def test_words_that_are_no_topic_are_said_to_be_none(ada: User, words: str, answer: str) -> None:
    await ada.say(f"/latest {words}")
    await ada.wait_for_text(answer)


async def test_what_is_withdrawn_or_held_back_is_not_shown(database: Database, ada: User) -> None:
    for number in (1, 2, 3):
        await published(database, "Mali", f"Headline {number}")
    async with database.write() as connection:
        await articles.withdraw(connection, 3, NOW)
        held = article_table.update().where(article_table.c.id == 2)
        await connection.execute(held.values(held_back_at=NOW))
    for words in ("/latest", "/latest Mali", "/latest headline"):
        page = await ada.wait_for(partial(comes_after, await ada.say(words)))
        assert "Headline 1" in page["text"]
        assert not {"‹ Newer", "Older ›"} & set(labels(page))


async def test_of_a_premium_article_no_more_is_shown_than_its_teaser(database: Database, ada: User) -> None:
    picture = "https://news.example/a.jpg"
    async with database.write() as connection:
        article = replace(
            an_article(premium=True, teaser="A teaser."), image=picture, published_at=NOW - timedelta(hours=3)
        )
        await news(connection, article, [])
    await ada.say("/latest")
    page = await ada.wait_for_text("Latest articles · 3 hours ago")
    assert "This article is for subscribers." in page["text"]
    assert labels(page) == ["Subscribe", "Already a member? Sign in"]
    assert page["link_preview_options"]["url"] == picture


@one_database
async def test_words_that_a_client_makes_up_lead_nowhere(database: Database, ada: User) -> None:
    await published(database, "Mali", "One")
    await ada.say("/help")
    message = await ada.wait_for_text("/latest")
    for data in ("older:words:0", "older:all:x", "newer:words", "newer:nothing:1"):
        tap = await ada.tap(message, data, forged=True)
        assert (await tap.answer())["text"] == STALE
