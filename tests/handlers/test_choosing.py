"""What a reader means: tags in any spelling, questions back, plain words, queries, and words that are no topic."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.telegram import BotApiServer, User, buttons
from bot.store import follows, topics
from bot.store.database import Database
from bot.store.follows import Follow
from bot.telegram.patience import Bucket
from handlers.turn import Desk
from tests.handlers.conftest import one_database
from tests.handlers.test_following import followed
from tests.make import NOW, an_article, news

WEEK = timedelta(weeks=1)


async def published(database: Database, tag: str, *headlines: str, weeks: float = 0) -> None:
    """Articles with this tag, each a day older than the one before, the first so many weeks old."""
    async with database.write() as connection:
        for number, headline in enumerate(headlines):
            article = an_article(f"{tag} {headline} {weeks} {number}", headline=headline, tags=[tag])
            when = NOW - weeks * WEEK - timedelta(days=number)
            await news(connection, replace(article, published_at=when), [])


def labels(message: dict[str, object]) -> list[str]:
    return [button["text"] for button in buttons(message)]


async def details(database: Database, reader: User) -> Sequence[Follow]:
    async with database.read() as connection:
        return await follows.details(connection, reader.id)


@pytest.mark.parametrize(
    "typed", ["vladimir putin", "Vladimir PUTTIN", "Putin", "#VladimirPutin", "Putin Vladimir", "Vladimir V. Putin"]
)
async def test_one_clear_tag_is_followed_at_once(database: Database, ada: User, typed: str) -> None:
    await published(database, "Vladimir Putin", "Putin speaks")
    await ada.say(f"/follow {typed}")
    answer = await ada.wait_for_text("You now follow Vladimir Putin.")
    assert labels(answer) == ["✓ Vladimir Putin"]
    assert "tag" not in answer["text"]
    assert await followed(database, ada) == ["Vladimir Putin"]


async def test_several_are_offered_the_most_used_first_and_a_tap_follows(database: Database, ada: User) -> None:
    await published(database, "South Korea", "One", "Two")
    await published(database, "North Korea", "Three")
    async with database.write() as connection:
        for name, times in (("South Korea", 2), ("North Korea", 3)):
            (topic,) = await topics.ensure(connection, [name], as_tags=True)
            for _ in range(times):
                await topics.count_articles(connection, [topic.id], NOW)
    await ada.say("/follow korea")
    question = await ada.wait_for_text("I am not sure what you mean by korea. Tap what you want to follow:")
    assert labels(question) == ["+ North Korea", "+ South Korea", "+ Just the words"]
    assert await followed(database, ada) == []
    await (await ada.tap(question, "+ North Korea")).answer()
    await ada.wait_for(lambda message: labels(message)[:1] == ["✓ North Korea"])
    assert await followed(database, ada) == ["North Korea"]


async def test_what_is_followed_already_shows_in_the_question(database: Database, ada: User) -> None:
    await published(database, "South Korea", "One")
    await published(database, "North Korea", "Two")
    await ada.say("/follow North Korea")
    await ada.wait_for_text("You now follow North Korea.")
    await ada.say("/follow korea")
    assert "✓ North Korea" in labels(await ada.wait_for_text("I am not sure"))


async def test_at_most_six_are_offered(database: Database, ada: User) -> None:
    for number in range(9):
        await published(database, f"Health {number}", "News")
    await ada.say("/follow health")
    assert len(labels(await ada.wait_for_text("I am not sure"))) == 6 + 1


async def test_the_words_themselves_can_be_meant(database: Database, ada: User) -> None:
    await published(database, "South Korea", "One")
    await published(database, "North Korea", "Two")
    await ada.say("/follow korea")
    await ada.tap(await ada.wait_for_text("I am not sure"), "+ Just the words")
    await ada.wait_for_text("There is no tag korea yet, so I look for the words in headline and teaser.")
    assert await followed(database, ada) == ["korea"]


async def test_what_is_clear_is_followed_and_what_is_not_is_asked(database: Database, ada: User) -> None:
    for tag in ("South Korea", "North Korea", "Mali", "Kim Jong-un", "Tony Kim"):
        await published(database, tag, f"News of {tag}")
    await ada.say("/follow mali, korea, Trade War, kim")
    question = await ada.wait_for_text("I am not sure what you mean by korea and kim.")
    assert set(labels(question)) == {
        "+ South Korea", "+ North Korea", "+ Kim Jong-un", "+ Tony Kim", "+ Just the words",
    }  # fmt: skip
    answer = await ada.wait_for_text("You now follow Mali and Trade War.")
    assert "There is no tag Trade War yet" in answer["text"]
    assert "a week" not in answer["text"]  # of several it stays short
    assert await followed(database, ada) == ["Mali", "Trade War"]


async def test_an_offer_that_is_not_clear_is_asked_in_its_place(database: Database, ada: User) -> None:
    await published(database, "South Korea", "One")
    await published(database, "North Korea", "Two")
    await ada.say("korea, Mali")
    await ada.tap(await ada.wait_for_text("Shall I tell you"), "+ Follow")
    await ada.wait_for_text("You now follow Mali.")
    await ada.tap(await ada.wait_for_text("I am not sure what you mean by korea"), "+ Just the words")
    await ada.wait_for_text("You now follow korea.")
    assert await followed(database, ada) == ["Mali", "korea"]


@one_database
async def test_words_that_may_mean_several_are_asked_about_at_once(database: Database, ada: User) -> None:
    for tag in ("South Korea", "North Korea", "Rugby"):
        await published(database, tag, f"News of {tag}")
    await ada.say("korea")
    question = await ada.wait_for_text("I am not sure what you mean by korea.")
    await ada.tap(question, "+ North Korea")
    await ada.wait_for(lambda message: "✓ North Korea" in labels(message))
    await ada.say("rugby")
    await ada.wait_for_text("Shall I tell you about new articles on Rugby?")
    await ada.say("the")
    await ada.wait_for_text("the would bring you nearly every article.")


async def test_a_tag_with_a_comma_is_one_topic(database: Database, ada: User) -> None:
    await published(database, "Demonstrations, Protests and Riots", "News")
    await ada.say("demonstrations, protests and riots")
    await ada.tap(await ada.wait_for_text("Shall I tell you"), "+ Follow")
    await ada.wait_for_text("You now follow Demonstrations, Protests and Riots.")


@pytest.mark.parametrize("aliases", [{"North Korea": ["DPRK"], "Kim Jong-Un": ["Kim"]}])
async def test_the_publishers_aliases_are_known(database: Database, ada: User) -> None:
    for tag in ("North Korea", "Kim Jong-un", "Tony Kim", "DPRK"):
        await published(database, tag, "News")
    await ada.say("/follow dprk, kim")
    await ada.wait_for_text("You now follow North Korea and Kim Jong-un.")
    await ada.say("/follow North Korea")
    await ada.wait_for_text("You already follow North Korea.")


@one_database
async def test_a_country_is_found_in_the_readers_language(
    database: Database, telegram: BotApiServer, ada: User
) -> None:
    await published(database, "North Korea", "News")
    zoe = telegram.user(1003, language_code="fr-CA")
    await zoe.say("/follow Corée du Nord")
    await zoe.wait_for_text("Vous suivez maintenant North Korea.")
    await ada.say("/follow Corée du Nord")
    question = await ada.wait_for_text("I am not sure what you mean by Corée du Nord.")
    assert labels(question) == ["+ North Korea", "+ Just the words"]
    await ada.say("/language")
    languages = await ada.wait_for_text("Which language")
    await ada.tap(languages, "Français")
    await ada.wait_for(lambda message: "✓ Français" in str(message.get("reply_markup")))
    await ada.say("/latest Corée du Nord")
    await ada.wait_for_text("North Korea · ")
    await ada.say("/follow Corée du Nord")
    await ada.wait_for_text("Vous suivez maintenant North Korea.")


@one_database
@pytest.mark.parametrize(
    ("weeks", "headlines", "expected"),
    [
        ([0], ["One"], "About 1 article a week. The latest: One"),
        ([0], ["One", "Two", "Three"], "About 3 articles a week. The latest: One"),
        ([0, 8], ["Old <b> & new"], "Less than one article a week. The latest: Old <b> & new"),
        ([8], ["Long ago"], "There was nothing on it lately. The latest: Long ago"),
    ],
)
async def test_the_answer_says_what_to_expect(
    database: Database, ada: User, weeks: list[float], headlines: list[str], expected: str
) -> None:
    for ago in weeks:
        await published(database, "Mali", *headlines, weeks=ago)
    await ada.say("/follow Mali")
    answer = await ada.wait_for_text("You now follow Mali.")
    assert answer["text"].endswith(f"\n\n{expected}")


@one_database
async def test_what_to_expect_of_a_query_is_what_it_would_have_brought(database: Database, ada: User) -> None:
    await published(database, "Mali", "The trade war goes on", "Trade-war begins in Chad", "Rain")
    await ada.say("/follow mali -chad")
    await ada.wait_for_text("About 2 articles a week. The latest: The trade war goes on")


@one_database
async def test_half_a_pair_of_brackets_is_pointed_at(ada: User) -> None:
    await ada.say("/follow (mali")
    await ada.wait_for_text("I cannot read this from the mark on: ▸(mali")


async def test_what_to_expect_of_words_is_what_headlines_and_teasers_had(database: Database, ada: User) -> None:
    await published(database, "Mali", "The trade war goes on", "Trade-war begins", "Rain")
    await ada.say("/follow trade war")
    answer = await ada.wait_for_text("About 2 articles a week. The latest: The trade war goes on")
    assert "There is no tag trade war yet" in answer["text"]
    await ada.say("/follow sunshine")
    answer = await ada.wait_for_text("You now follow sunshine.")
    assert answer["text"].endswith("There was nothing on it lately.")


async def test_a_query_is_followed_as_one_and_can_be_stopped(database: Database, ada: User) -> None:
    await published(database, "North Korea", "News")
    query = 'north korea AND (missile OR "trade war") -sports'
    await ada.say(f"/follow {query}, Mali")
    await ada.wait_for_text(f"You now follow {query} and Mali.")
    names = await followed(database, ada)
    assert set(names) == {query, "Mali"}
    await ada.say(f"/follow {query.replace('missile', 'Missile')}")
    await ada.wait_for_text(f"You already follow {query}.")
    await ada.say(f"/unfollow {query}")
    await ada.wait_for_text(f"You no longer follow {query}.")
    assert await followed(database, ada) == ["Mali"]


async def test_quotes_keep_words_to_the_letter(database: Database, ada: User) -> None:
    await published(database, "Trade War", "News")
    await ada.say('/follow "Trade War"')
    await ada.wait_for_text('You now follow "Trade War".')
    await ada.say("/follow trade war")
    await ada.wait_for_text("You now follow Trade War.")
    assert await followed(database, ada) == ['"Trade War"', "Trade War"]


@one_database
@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ('"trade war', '▸"trade war'),
        ("(mali OR chad", "▸(mali OR chad"),
        ("mali AND", "mali AND▸"),
        ("-mali", "▸-mali"),
        ("mali OR <b>)", "mali OR <b>▸)"),
        ("author:", "▸author:"),
    ],
)
async def test_a_query_that_cannot_be_read_is_marked_at_the_place(
    database: Database, ada: User, typed: str, marked: str
) -> None:
    await ada.say(f"/follow {typed}")
    answer = await ada.wait_for_text(f"I cannot read this from the mark on: {marked}")
    assert "Quotes and brackets come in pairs" in answer["text"]
    assert await followed(database, ada) == []


@one_database
async def test_who_makes_topics_of_ever_new_words_is_asked_to_wait(database: Database, ada: User, desk: Desk) -> None:
    desk.coining.buckets[ada.id] = Bucket(0, desk.clock() + timedelta(hours=1))
    await published(database, "Mali", "News")
    await ada.say("/follow Mali, one more word")
    answer = await ada.wait_for_text("You now follow Mali.")
    assert "give me half a minute" in answer["text"]
    assert await followed(database, ada) == ["Mali"]


@one_database
async def test_a_message_full_of_queries_that_cannot_be_read_is_answered(ada: User) -> None:
    await ada.say("/follow " + "\n".join(f"({number} {'mali ' * 35}" for number in range(20)))
    answer = await ada.wait_for_text("I cannot read this from the mark on: ▸(0 mali")
    assert answer["text"].count("▸") == 4


@one_database
@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("the", "the would bring you nearly every article."),
        ("The, of the, x", "The, of the and x would bring you nearly every article."),
        ('"the"', '"the" would bring you nearly every article.'),
        ("mali OR the", "mali OR the would bring you nearly every article."),
        ("?!…", "I can only follow words"),
        (" ".join(["word"] * 30), "too long for a topic"),
        ("mali AND " + " OR ".join(["x"] * 100), "too long for a topic"),
    ],
)
async def test_what_is_no_topic_is_said(database: Database, ada: User, typed: str, answer: str) -> None:
    await ada.say(f"/follow {typed}")
    await ada.wait_for_text(answer)
    assert await followed(database, ada) == []


@one_database
async def test_what_is_no_topic_takes_no_other_along(database: Database, ada: User) -> None:
    await ada.say('/follow Mali, the, x, ?, "trade')
    answer = await ada.wait_for_text("You now follow Mali.")
    for part in ("the and x would bring", "I can only follow words", "I cannot read this"):
        assert part in answer["text"]
    assert await followed(database, ada) == ["Mali"]


async def test_of_a_tag_that_is_a_common_word_only_the_tag_counts(database: Database, ada: User) -> None:
    await published(database, "It", "News of a film")
    await published(database, "X", "News of a network")
    await ada.say("/follow it")
    await ada.wait_for_text("It is a word of every day, so only the tag counts.")
    await ada.say("/follow")
    offered = await ada.wait_for_text("writes most about these")
    await (await ada.tap(offered, "+ X")).answer()
    assert [follow.scope for follow in await details(database, ada)] == ["tags", "tags"]


async def test_words_in_capitals_are_no_common_words(database: Database, ada: User) -> None:
    await ada.say("/follow WHO")
    await ada.wait_for_text("You now follow WHO.")
    assert [follow.scope for follow in await details(database, ada)] == ["headline"]


async def test_tags_with_html_are_shown_as_they_are(database: Database, ada: User) -> None:
    await published(database, "<b>Bold</b> & <script>", "News <i>of</i> & it")
    await ada.say("/follow b bold b script")
    answer = await ada.wait_for_text("You now follow <b>Bold</b> & <script>.")
    assert "The latest: News <i>of</i> & it" in answer["text"]


@pytest.mark.parametrize("follows_per_chat", [2])
async def test_beyond_the_limit_nothing_is_lost_and_it_is_said(database: Database, ada: User) -> None:
    await ada.say("/follow Mali, Chad, Togo, <Angola>")
    answer = await ada.wait_for_text("You now follow Mali and Chad.")
    assert (
        "You follow 2 topics, and more I cannot keep for one chat, so I left out Togo and <Angola>." in answer["text"]
    )
    await ada.say("/follow Mali, Benin")
    answer = await ada.wait_for_text("You already follow Mali.")
    assert "left out Benin" in answer["text"]
    assert await followed(database, ada) == ["Mali", "Chad"]
    await ada.say("/unfollow Mali")
    await ada.wait_for_text("You no longer follow Mali.")
    await ada.say("/follow Togo")
    await ada.wait_for_text("You now follow Togo.")


@pytest.mark.parametrize("follows_per_chat", [1])
async def test_a_chip_beyond_the_limit_stays_and_says_why(database: Database, ada: User) -> None:
    await published(database, "Mali", "News")
    await published(database, "Chad", "News")
    await ada.say("/start")
    message = await ada.wait_for_text("Welcome!")
    await (await ada.tap(message, "+ Mali")).answer()
    await ada.wait_for(lambda message: "✓ Mali" in labels(message))
    answer = await (await ada.tap(message, "+ Chad")).answer()
    assert answer["text"].startswith("You follow 1 topic, and more I cannot keep for one chat.")
    assert answer["show_alert"] is True
    assert (await (await ada.tap(message, "follow:1", forged=True)).answer())["text"] == "You now follow Mali."
    assert await followed(database, ada) == ["Mali"]


async def test_what_is_followed_can_be_stopped_as_loosely(database: Database, ada: User) -> None:
    await ada.say("/follow Vladimir Putin, North Korea, South Korea")
    await ada.wait_for_text("You now follow")
    await published(database, "Vladimir Putin", "Putin speaks")
    await published(database, "Mali", "News")
    await ada.say("/unfollow putin, korea, ?, mali")
    await ada.wait_for_text("You no longer follow Vladimir Putin.")
    await ada.wait_for_text("You do not follow korea, ? and mali.")
    assert await followed(database, ada) == ["North Korea", "South Korea"]


@one_database
async def test_a_made_up_button_for_words_follows_nothing(database: Database, ada: User) -> None:
    await ada.say("/follow Mali")
    message = await ada.wait_for_text("You now follow Mali.")
    tap = await ada.tap(message, "words", forged=True)
    assert "no longer works" in (await tap.answer())["text"]
    assert await followed(database, ada) == ["Mali"]
