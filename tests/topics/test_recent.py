from datetime import timedelta

import pytest

from bot.model import Topic
from bot.store.coverage import Coverage, Told
from bot.topics import recent
from bot.topics.recent import FEW_ARTICLES, Recent
from tests.make import NOW

PUTIN = Topic(1, "vladimir putin", "Vladimir Putin")
DAY = timedelta(days=1)


def a_recent(*told: tuple[str, str, frozenset[int]]) -> Recent:
    """What is known after articles with these headlines, teasers and tags, one a day until now."""
    made = Recent()
    made.take_in(Told(at, NOW - (len(told) - at) * DAY, *article) for at, article in enumerate(told, 1))
    return made


def test_a_phrase_is_counted_in_headline_and_teaser_but_not_across_them() -> None:
    made = a_recent(
        ("Trade war begins", "", frozenset()),
        ("No trade", "War goes on", frozenset()),
        ("Peace", "The TRADE-WAR is over", frozenset()),
    )
    assert made.coverage("trade war", NOW - 9 * DAY) == Coverage(2, "Peace")
    assert made.coverage("trade war", NOW - DAY) == Coverage(1, "Peace")
    assert made.coverage("sun", NOW - 9 * DAY) == Coverage(0, None)


def test_articles_are_known_once_and_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST", 3)
    made = Recent()
    told = [Told(number, NOW + number * DAY, f"Headline {number}", f"word{number} and more") for number in range(1, 6)]
    made.take_in(told[:2])
    assert made.began is None
    made.take_in(told[:4])
    made.take_in(told)
    assert made.last == 5
    assert made.began == NOW + 3 * DAY
    assert made.coverage("headline", NOW) == Coverage(3, "Headline 5")
    assert not made.uses("word2")
    assert not made.uses_in_small_letters("headline")
    assert made.uses("word3")
    assert made.uses_in_small_letters("more")


def test_a_name_in_capitals_is_not_used_in_small_letters() -> None:
    made = a_recent(("the house", "A house near Putin’s House", frozenset()))
    assert made.uses_in_small_letters("house")
    assert not made.uses_in_small_letters("putin")
    assert not made.uses_in_small_letters("the")  # headlines of some sites have only small letters
    assert made.uses("the")


@pytest.mark.parametrize(
    ("articles", "expected"),
    [
        ([], False),
        ([("Putin speaks", "", frozenset({1}))], False),
        ([("Putin speaks", "", frozenset({2}))], True),
        ([("Vladimir Putin speaks", "", frozenset({2}))], False),
        ([("Putin speaks", "", frozenset({1})), ("Putin", "", frozenset())], False),
        ([("Putin speaks", "", frozenset({1})), ("Putin", "", frozenset()), ("A", "Putin", frozenset())], True),
        ([("Vladimir Putin and Putin", "", frozenset({2}))], True),
    ],
)
def test_words_mean_something_else_where_most_articles_do_without_the_tag(
    articles: list[tuple[str, str, frozenset[int]]], expected: bool
) -> None:
    assert a_recent(*articles).belies("putin", PUTIN) is expected


def test_common_words_are_known_in_any_language_once_there_are_articles() -> None:
    few = a_recent(*[("Die Nachricht", "", frozenset[int]())] * (FEW_ARTICLES - 1))
    many = a_recent(*[("Die Nachricht", "", frozenset[int]())] * FEW_ARTICLES)
    assert few.is_common("the")
    assert not few.is_common("die")
    assert many.is_common("die")
    assert not many.is_common("trump")
