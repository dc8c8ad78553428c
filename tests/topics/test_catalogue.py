import asyncio
import json
from collections.abc import Collection, Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.model import Topic
from bot.store import articles, topics
from bot.store.coverage import Told
from bot.store.database import Database
from bot.topics.catalogue import MAX_OFFERED, NO_ALIASES, Catalogue, Found, offered
from tests.conftest import SHARED_DATA
from tests.make import NOW, an_article, news

TAGS = (
    "North Korea", "South Korea", "Vladimir Putin", "Donald Trump", "Ivanka Trump", "Trump Tower", "Kim Jong-un",
    "Tony Kim", "Hillary Rodham Clinton", "Marine Le Pen", "United States", "Iceland", "Iran", "Gambia", "White House",
    "Federal Bureau of Investigation", "Law and Legislation", "Illegal Immigration", "Sudan", "Paris 2024", "習近平",
    "Москва", "Geoffrey Canada", "The Who", "Springboks", "Demonstrations, Protests and Riots", "Michael Flynn",
)  # fmt: skip
PUTIN, LE_PEN, WHITE_HOUSE = 3, 10, 15
TOLD = (
    Told(1, NOW, "Putin speaks", "A man is heard", frozenset({PUTIN})),
    Told(2, NOW, "Marine Le Pen does, too", "", frozenset({LE_PEN})),
)


def a_catalogue(
    tags: Iterable[str] = TAGS, told: Iterable[Told] = (), aliases: Mapping[str, Collection[str]] = NO_ALIASES
) -> Catalogue:
    made = Catalogue(aliases)
    made.take_in((Topic(number, text.key(name), name), ()) for number, name in enumerate(tags, 1))
    made.recent.take_in(told)
    return made


def clear(found: Found) -> str | None:
    return found.clear.name if found.clear else None


def near(found: Found) -> list[str]:
    return [topic.name for topic in offered(found, {})]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("north korea", "North Korea"),
        ("NORTH-KOREA", "North Korea"),
        ("#NorthKorea", "North Korea"),
        ("korea, north", "North Korea"),
        ("north korean", "North Korea"),
        ("kim jong un", "Kim Jong-un"),
        ("KIMJONGUN", "Kim Jong-un"),
        ("putin", "Vladimir Putin"),
        ("Putin Vladimir", "Vladimir Putin"),
        ("Vladimir Puttin", "Vladimir Putin"),
        ("Vladimir V. Putin", "Vladimir Putin"),
        ("le pen", "Marine Le Pen"),
        ("Hillary Clinton", "Hillary Rodham Clinton"),
        ("US", "United States"),
        ("U.S.", "United States"),
        ("USA", "United States"),
        ("springbocks", "Springboks"),
        ("москва", "Москва"),
        ("習近平", "習近平"),
        ("the who", "The Who"),
    ],
)
def test_one_tag_is_clearly_meant(typed: str, meant: str) -> None:
    assert clear(a_catalogue(told=TOLD).find(typed)) == meant


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("korea", {"North Korea", "South Korea"}),
        ("kim", {"Kim Jong-un", "Tony Kim"}),
        ("trump", {"Donald Trump", "Ivanka Trump", "Trump Tower"}),
        ("Putn", {"Vladimir Putin"}),
        ("Vladmir Putn", {"Vladimir Putin"}),
        ("Hilary Clinton", {"Hillary Rodham Clinton"}),
        ("fbi", {"Federal Bureau of Investigation"}),
        ("immigration", {"Illegal Immigration"}),
        ("legislation", {"Law and Legislation"}),
        ("Zambia", {"Gambia"}),
        ("South Sudan", set()),
        ("canada", {"Geoffrey Canada"}),
        ("paris 2028", {"Paris 2024"}),
        ("us", set()),
        ("Iraq", {"Iran"}),
        ("習近評", set()),
        ("trade war", set()),
        ("x", set()),
    ],
)
def test_what_is_not_clear_is_offered(typed: str, expected: set[str]) -> None:
    found = a_catalogue(told=TOLD).find(typed)
    assert found.clear is None
    assert set(near(found)) == expected


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("Noord-Korea", "af", "North Korea"),
        ("Corée du Nord", "fr", "North Korea"),
        ("corea do norte", "pt-br", None),  # the Portuguese of the CLDR is Brazil's: Coreia
        ("Coreia do Norte", "pt-br", "North Korea"),
        ("Северная Корея", "ru-RU", None),  # the CLDR says КНДР
        ("КНДР", "ru-RU", "North Korea"),
        ("north korea", "xx-made-up", "North Korea"),
        ("Island", "de", "Iceland"),
        ("Island", "en", None),
        ("Island", None, None),
    ],
)
def test_countries_are_found_in_the_readers_language(typed: str, language: str | None, meant: str | None) -> None:
    assert clear(a_catalogue().find(typed, language)) == meant


def test_a_country_in_another_language_is_offered() -> None:
    assert near(a_catalogue().find("Island", "en")) == ["Iceland"]


def test_a_country_under_two_tags_is_a_question() -> None:
    assert set(near(a_catalogue(["USA", "United States"]).find("America", "en"))) <= {"USA", "United States"}
    assert set(near(a_catalogue(["USA", "United States"]).find("U.S."))) == {"USA", "United States"}


def test_the_publishers_aliases_go_before_everything() -> None:
    aliases = {"North Korea": ["DPRK", "the North"], "Kim Jong-Un": ["Kim"], "Unused": ["Mali"]}
    made = a_catalogue([*TAGS, "DPRK"], aliases=aliases)
    assert clear(made.find("dprk")) == "North Korea"  # the publisher has made them one
    assert clear(made.find("The North")) == "North Korea"
    assert clear(made.find("kim")) == "Kim Jong-un"
    assert made.find("mali") == Found()


def test_an_alias_of_two_tags_is_a_question() -> None:
    made = a_catalogue(["North Korea", "South Korea"], aliases={"North Korea": ["Seoul"], "South Korea": ["seoul"]})
    assert set(near(made.find("Seoul"))) == {"North Korea", "South Korea"}


SPEAKS = Told(1, NOW, "White House speaks", "", frozenset({WHITE_HOUSE}))


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ([], None),
        ([SPEAKS], "White House"),
        ([SPEAKS, Told(2, NOW, "A", "My house is white.", frozenset())], None),
        ([SPEAKS, Told(2, NOW, "House prices fall", "", frozenset())], None),
        ([Told(1, NOW, "White House speaks", "", frozenset())], None),
    ],
)
def test_the_end_of_a_name_means_it_only_as_the_newsroom_uses_it(told: list[Told], meant: str | None) -> None:
    assert clear(a_catalogue(told=told).find("house")) == meant


def test_a_last_name_is_clear_only_where_the_newsroom_shows_it() -> None:
    assert near(a_catalogue().find("putin")) == ["Vladimir Putin"]


def test_words_that_the_newsroom_uses_are_no_slips() -> None:
    told = [Told(1, NOW, "Ivana Trump remembers", "", frozenset())]
    assert clear(a_catalogue().find("Ivana Trump")) == "Ivanka Trump"
    assert near(a_catalogue(told=told).find("Ivana Trump"))[0] == "Ivanka Trump"
    assert a_catalogue([*TAGS, "Ivana Humpalot"]).find("Ivana Trump").clear is None


def test_two_tags_as_near_are_a_question() -> None:
    assert set(near(a_catalogue(["Robert Silver", "Robert Silvers"]).find("Robert Silverz"))) == {
        "Robert Silver",
        "Robert Silvers",
    }


def test_of_many_the_most_used_are_offered() -> None:
    made = a_catalogue([f"Health {number}" for number in range(1, 30)])
    used = {number: number for number in range(1, 30)}
    names = [topic.name for topic in offered(made.find("health"), used)]
    assert names == [f"Health {number}" for number in range(29, 29 - MAX_OFFERED, -1)]


@pytest.mark.parametrize(
    ("key", "expected"),
    [("the", True), ("of the", True), ("x", True), ("5", True), ("я", True), ("北", False), ("mali", False)],
)
def test_words_that_say_nothing(key: str, expected: bool) -> None:
    assert a_catalogue().says_nothing(key) is expected


@given(st.text(max_size=60), st.sampled_from([None, "de", "zh-hans", "x" * 99]))
def test_whatever_is_typed_is_found_or_not(typed: str, language: str | None) -> None:
    if text.key(typed):
        found = CATALOGUE.find(typed, language)
        assert found.clear is None or found.near == ()
        assert len(offered(found, {})) <= MAX_OFFERED


CATALOGUE = a_catalogue()


@given(st.sampled_from(TAGS), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_every_tag_is_found_in_every_case(name: str, how: object) -> None:
    assert callable(how)
    assert clear(CATALOGUE.find(how(name))) == name


async def test_it_knows_what_the_newsroom_writes_and_nothing_else(database: Database) -> None:
    made = Catalogue()
    async with database.write() as connection:
        await topics.ensure(connection, ["a private matter"], as_tags=False)
        await news(connection, an_article(tags=["Kim Jong-Un", "<b>Mali</b>"]), [])
    await made.catch_up(database)
    assert clear(made.find("KIM JONG UN")) == "Kim Jong-Un"
    assert made.find("a private matter") == Found()
    assert made.recent.last == 1
    async with database.write() as connection:
        await news(connection, an_article("two", tags=["A private matter"], headline="Rain"), [])
    await asyncio.gather(*(made.catch_up(database) for _ in range(3)))
    assert clear(made.find("a private matter")) == "A private matter"
    assert made.recent.coverage("rain", NOW).articles == 1
    async with database.write() as connection:
        gone = await news(connection, an_article("three", headline="Snow"), [])
        await articles.withdraw(connection, gone, NOW)
    await made.catch_up(database)
    assert made.recent.coverage("snow", NOW).articles == 0


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="no shared data")
def test_of_a_newsrooms_names_hardly_any_is_taken_for_another() -> None:
    """Each fifth name is typed while the site does not have it: what is clear then is wrong."""
    lines = (SHARED_DATA / "news" / "tagged-2017.jsonl").read_text().splitlines()
    articles_told = [json.loads(line) for line in lines]
    names = {text.key(tag): tag for article in articles_told for tag in article["tags"] if text.key(tag)}
    held_out = list(names)[::5]
    ids = {key: number for number, key in enumerate(names, 1)}
    made = Catalogue()
    made.take_in((Topic(ids[key], key, name), ()) for key, name in names.items() if key not in held_out)
    made.recent.take_in(
        Told(number, NOW, each["title"], each["teaser"], frozenset(ids.get(text.key(tag), 0) for tag in each["tags"]))
        for number, each in enumerate(articles_told, 1)
    )
    wrong = [(names[key], clear(found)) for key in held_out if (found := made.find(names[key])).clear]
    assert len(wrong) <= len(held_out) / 100, wrong
