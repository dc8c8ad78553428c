import pytest

from bot.model import Topic
from bot.store import topics
from bot.store.database import Database
from bot.text import key
from bot.topics.matching import Matcher
from bot.topics.refreshing import refresh
from tests.make import an_article

NAMES = ["North Korea", "Kim Jong-Un", "Iran", "Mali", "Trade war", "北京", "C’est la vie", "Côte d'Ivoire"]
MATCHER = Matcher(Topic(number, key(name), name) for number, name in enumerate(NAMES))


def matched(**article: object) -> set[str]:
    return {NAMES[number] for number in MATCHER.match(an_article(**article))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("NORTH KOREA fires a missile", {"North Korea"}),
        ("South Korea and north of it", set()),
        ("Kim Jong Un's sister, in Iran", {"Kim Jong-Un", "Iran"}),
        ("Tirana and Somalia", set()),
        ("Trade: war of words", {"Trade war"}),
        ("我在北京工作", {"北京"}),
        ("Cote d’Ivoire votes", {"Côte d'Ivoire"}),
        ("", set()),
    ],
)
def test_words_in_the_headline(headline: str, expected: set[str]) -> None:
    assert matched(headline=headline or "Nothing") == expected


def test_words_in_the_teaser_count_and_do_not_run_over_from_the_headline() -> None:
    assert matched(headline="Up north", teaser="korea is far; Mali is farther.") == {"Mali"}


def test_tags_count_in_any_spelling() -> None:
    assert matched(tags=["KIM JONG UN", "Sport"]) == {"Kim Jong-Un"}


def test_a_part_of_a_tag_does_not_count() -> None:
    assert matched(tags=["Iran deal"]) == set()


async def test_a_topic_of_another_process_counts_for_the_next_article(database: Database) -> None:
    matcher = Matcher()
    async with database.write() as connection:
        (chad,) = await topics.ensure(connection, ["Chad"], as_tags=False)
    async with database.read() as connection:
        await refresh(matcher, connection)
    assert matcher.match(an_article(headline="Rain in Chad")) == {chad.id}
    async with database.write() as connection:
        (togo,) = await topics.ensure(connection, ["Togo"], as_tags=False)
    async with database.read() as connection:
        await refresh(matcher, connection)
    assert matcher.match(an_article(headline="From Chad to Togo")) == {chad.id, togo.id}
