import pytest

from bot.model import Telling
from bot.topics.stories import find_same, headline_key

TEASER = "The council voted late at night to close the old bridge for repairs until spring."


@pytest.mark.parametrize(
    ("headline", "teaser", "is_same"),
    [
        ("Council closes old bridge", TEASER, True),
        ("COUNCIL closes old bridge", TEASER.replace("repairs", "works"), True),
        ("Council closes old bridge", "Other words altogether about what the council may do next year.", False),
        ("Ferry wins the day", TEASER, False),
        ("UPDATE: Council closes old bridge", TEASER, True),
        ("Council closes old bridge | Video", TEASER, True),
        ("Council shuts ancient bridge", TEASER, False),
        ("Council shuts old bridge", TEASER, True),
        ("Council closes old bridge", "The council voted late at night to close the old…", True),
        ("Council closes old bridge", "The council voted late at night…", False),
        ("Council closes old bridge", f"{TEASER} It is of 1890.", True),
        ("UPDATE 2: Council closes old bridge", TEASER, False),
        ("Council closes old bridge, 3 hurt", TEASER, False),
        ("Council closes old bridge", "", False),
    ],
)
def test_a_story_is_known_by_nearly_all_of_its_words(headline: str, teaser: str, is_same: bool) -> None:
    told = Telling("Council closes old bridge", TEASER, 7)
    assert (find_same(headline, teaser, [told]) is told) is is_same


def test_a_headline_alone_may_be_a_regulars() -> None:
    assert find_same("Morning briefing", "", [Telling("Morning briefing", "", 7)]) is None


def test_spellings_of_a_headline_have_one_key() -> None:
    assert headline_key("Kim Jong-Un’s plan") == headline_key("KIM JONG UN's Plan") != headline_key("Kim's plan")
