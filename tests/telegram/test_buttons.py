import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.model import Topic
from bot.sandbox.telegram.keyboards import inline_keyboard
from bot.telegram.buttons import MAX_LABEL, Follow, Unfollow, chips, in_rows, shortened, showing, topics_on
from bot.telegram.presses import read


@pytest.mark.parametrize(
    ("name", "characters", "expected"),
    [
        ("x" * 40, 40, "x" * 40),
        ("x" * 41, 40, "x" * 39 + "…"),
        ("a word", 3, "a…"),
        ("", 40, ""),
    ],
)
def test_long_texts_are_cut(name: str, characters: int, expected: str) -> None:
    assert shortened(name, characters) == expected


def labels(rows: list[list[InlineKeyboardButton]]) -> list[list[str]]:
    return [[button.text for button in row] for row in rows]


def test_two_short_chips_share_a_row() -> None:
    names = ["Mali", "Chad", "Togo", "A topic with quite a long name indeed", "Iran"]
    rows = in_rows(chips([Topic(number, name.lower(), name) for number, name in enumerate(names, 1)], {2}))
    assert labels(rows) == [
        ["+ Mali", "✓ Chad"], ["+ Togo"], ["+ A topic with quite a long name indeed"], ["+ Iran"],
    ]  # fmt: skip
    assert [button.callback_data for row in rows for button in row] == [
        "follow:1", "unfollow:2", "follow:3", "follow:4", "follow:5",
    ]  # fmt: skip


topics = st.lists(
    st.builds(Topic, st.integers(1, 10**18 - 1), st.just(""), st.text(min_size=1, max_size=120)),
    max_size=20,
    unique_by=lambda topic: topic.id,
)


@given(topics, st.sets(st.integers(0, 19)))
def test_every_chip_says_what_it_does_and_telegram_takes_it(listed: list[Topic], at: set[int]) -> None:
    followed = {topic.id for number, topic in enumerate(listed) if number in at}
    rows = in_rows(chips(listed, followed))
    presses = [read(button.callback_data) for row in rows for button in row]
    assert presses == [Unfollow(topic.id) if topic.id in followed else Follow(topic.id) for topic in listed]
    assert all(len(row) <= 2 and sum(len(button.text) for button in row) <= MAX_LABEL + 2 for row in rows)
    sent = [[button.to_dict() for button in row] for row in rows]
    assert inline_keyboard(sent) == sent
    assert topics_on(InlineKeyboardMarkup(rows)) == {topic.id for topic in listed}


@given(topics, st.sets(st.integers(0, 19)), st.sets(st.integers(0, 19)))
def test_a_keyboard_shows_what_is_followed_whatever_it_showed_before(
    listed: list[Topic], before: set[int], after: set[int]
) -> None:
    link = [InlineKeyboardButton("Read", url="https://news.example/")]
    then, now = ({topic.id for number, topic in enumerate(listed) if number in at} for at in (before, after))
    shown = showing(InlineKeyboardMarkup([link, *in_rows(chips(listed, then))]), now)
    assert [len(row) for row in shown.inline_keyboard] == [1, *map(len, in_rows(chips(listed, then)))]
    assert shown.inline_keyboard[0][0] == link[0]
    flat = [button for row in shown.inline_keyboard[1:] for button in row]
    assert flat == chips(listed, now)
    assert showing(shown, now) == shown


def test_no_keyboard_has_no_topics() -> None:
    assert topics_on(None) == set()
