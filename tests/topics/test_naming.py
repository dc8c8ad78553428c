import pytest

from bot.errors import SettingsError
from bot.topics import naming


def test_countries_are_called_as_in_the_sites_language_and_as_the_publisher_says() -> None:
    english = naming.called({"North Korea": ["DPRK"]})
    assert {"dprk", "north korean"} <= set(english("north korea"))
    french = naming.called({}, "fr")("north korea")
    assert "coree du nord" in french
    assert "north korean" not in french


def test_a_language_that_is_not_known_is_named_with_the_way_out() -> None:
    with pytest.raises(SettingsError, match="'xx' is not known; it may be one of af, ar"):
        naming.called({}, "xx")


def test_pairs_are_of_folded_words_and_topic() -> None:
    assert naming.pairs({"Kim Jong-Un": ["Kim", "the Leader"]}) == {
        ("kim", "kim jong un"), ("the leader", "kim jong un"),
    }  # fmt: skip
