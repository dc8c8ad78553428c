"""Inline mode: articles to share, from any chat."""

import pytest

from bot.sandbox.telegram import BotApiServer, User
from bot.store.database import Database
from bot.telegram.patience import Bucket
from bot.topics.deep_links import payload
from handlers.inline import PAGE
from handlers.turn import Desk
from tests.handlers.conftest import one_database
from tests.hostile import HOSTILE
from tests.logged import Logged
from tests.make import NOW, an_article, news


async def publish(
    database: Database, *headlines: str, premium: bool = False, tags: tuple[str, ...] = ("Mali",)
) -> None:
    async with database.write() as connection:
        for headline in headlines:
            await news(connection, an_article(headline, headline=headline, premium=premium, tags=tags), [])


async def test_words_give_the_newest_articles_on_them(database: Database, ada: User) -> None:
    await publish(database, "Old news", "New news")
    await publish(database, "Elsewhere", tags=("Chad",))
    for words in ("mali", "MALI ", "Maly"):
        query = await ada.ask(words)
        assert [result["title"] for result in query.results] == ["New news", "Old news"]
        assert query.button == {"text": "Follow Mali", "start_parameter": payload("Mali")}


@one_database
async def test_without_words_the_newest_of_all_come_in_pages(database: Database, ada: User) -> None:
    await publish(database, *(f"Number {number}" for number in range(PAGE + 3)))
    first = await ada.ask("")
    rest = await ada.ask("", first.next_offset)
    assert [result["title"] for result in first.results][:2] == [f"Number {PAGE + 2}", f"Number {PAGE + 1}"]
    assert [result["title"] for result in rest.results] == ["Number 2", "Number 1", "Number 0"]
    assert rest.next_offset == ""
    assert first.is_personal
    for made_up in ("nonsense", "9" * 60, "-1", "٣"):
        assert (await ada.ask("", made_up)).results == first.results


@one_database
async def test_what_is_shared_is_what_an_alert_says(desk: Desk, database: Database, ada: User) -> None:
    await publish(database, "Kim speaks", premium=True, tags=("North Korea", "Mali"))
    (result,) = (await ada.ask("north korea")).results
    message = result["message"]
    assert message["text"].startswith("Kim speaks\n\nA short teaser.")
    assert "🔒" in message["text"]
    leads, *topics = message["reply_markup"]["inline_keyboard"]
    assert [button["text"] for button in leads] == ["Subscribe", "Already a member? Sign in"]
    links = {button["text"]: button["url"] for row in topics for button in row}
    assert links == {f"+ {name}": f"https://t.me/sandbox_bot?start={payload(name)}" for name in ("North Korea", "Mali")}


@one_database
async def test_words_that_nobody_wrote_on_give_nothing(database: Database, ada: User) -> None:
    await publish(database, "Old news")
    query = await ada.ask("zzyzx quux")
    assert (query.results, query.button) == ([], None)


@one_database
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_is_typed_and_published_telegram_takes_it(
    database: Database, ada: User, logged: Logged, hostile: str
) -> None:
    await publish(database, hostile, tags=(hostile[:200], "Mali"))
    assert len((await ada.ask("mali")).results) == 1
    await ada.ask(hostile[:256])
    assert logged.of("update failed") == []


@one_database
async def test_who_types_too_much_is_not_answered_for_a_while_but_may_still_write(
    desk: Desk, database: Database, telegram: BotApiServer, ada: User
) -> None:
    desk.typing.buckets[ada.id] = Bucket(0, NOW.replace(year=2027))
    with pytest.raises(TimeoutError):
        await ada.ask("mali", within=0.3)
    await ada.say("/topics")
    await ada.wait_for_text("You follow no topics yet")


@one_database
async def test_articles_to_share_are_in_the_language_of_who_shares_them(
    telegram: BotApiServer, database: Database, talking: None
) -> None:
    await publish(database, "Kim speaks", tags=("North Korea",))
    zoe = telegram.user(1003, language_code="fr")
    query = await zoe.ask("corée du nord")
    (result,) = query.results
    assert query.button is not None
    assert query.button["text"] == "Suivre North Korea"
    assert result["message"]["reply_markup"]["inline_keyboard"][0][0]["text"] == "Lire"
    assert "Par Jane Doe" in result["message"]["text"]
