from datetime import timedelta

import pytest

from bot.store.coverage import Coverage
from bot.topics.expecting import Expectation, expect
from tests.make import NOW

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("articles", "age", "whole", "a_week"),
    [
        (8, 100 * DAY, True, 2),
        (8, 28 * DAY, True, 2),
        (8, 14 * DAY, True, 4),
        (8, DAY, True, 8),
        (8, -DAY, True, 8),
        (8, 2 * DAY, False, 28),
        (8, timedelta(), False, 56),
        (1, 100 * DAY, True, 0.25),
        (0, 100 * DAY, True, 0),
    ],
)
def test_what_to_expect_of_a_topic(articles: int, age: timedelta, whole: bool, a_week: float) -> None:
    expected = expect(Coverage(articles, "Latest"), NOW - age, NOW, whole=whole)
    assert expected == Expectation(a_week, "Latest")
