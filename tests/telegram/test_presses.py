"""The data of buttons: what is written is read again, and nothing else is read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.buttons import Follow, Unfollow
from bot.telegram.presses import MAX_BYTES, Press, button, read

LARGEST = 10**18 - 1


class Taste(StrEnum):
    SWEET = "sweet"
    SOUR = "sour"


@dataclass(frozen=True, slots=True)
class Table(Press):
    """Where one sits."""

    WORD: ClassVar[str] = "test-table"
    number: int


@dataclass(frozen=True, slots=True)
class Order(Press):
    """What one orders."""

    WORD: ClassVar[str] = "test-order"
    apples: int
    taste: Taste
    back: Table | Follow | None = None


numbers = st.integers(-LARGEST, LARGEST)
backs = st.none() | st.builds(Table, numbers) | st.builds(Follow, numbers)


@given(st.builds(Follow, numbers) | st.builds(Order, numbers, st.sampled_from(Taste), backs))
def test_what_is_written_is_read_again(press: Press) -> None:
    try:
        data = press.data
    except ValueError:
        return  # two numbers as large as these do not fit
    assert len(data.encode()) <= MAX_BYTES
    assert read(data) == press
    assert button("A label", press).callback_data == data


@given(st.text() | st.from_regex(r"(un)?follow(:.{0,20})*") | st.from_regex(r"test-order(:.{0,20})*"))
def test_whatever_is_read_is_written_so(data: str) -> None:
    press = read(data)
    assert press is None or press.data == data


@pytest.mark.parametrize(
    ("data", "press"),
    [
        ("follow:1", Follow(1)),
        ("unfollow:42", Unfollow(42)),
        ("follow:999999999999999999", Follow(LARGEST)),
        ("test-order:3:sour", Order(3, Taste.SOUR)),
        ("test-order:-3:sweet:test-table:7", Order(-3, Taste.SWEET, Table(7))),
        ("follow:9999999999999999999", None),
        ("follow:01", None),
        ("follow:-0", None),
        ("follow: 1", None),
        ("follow:1\n", None),
        ("follow:١", None),
        ("FOLLOW:1", None),
        ("follow:", None),
        ("follow", None),
        ("follow:1:2", None),
        ("follow:1:test-table:2", None),
        ("test-order:3:bitter", None),
        ("test-order:3:sour:", None),
        ("test-order:3:sour:unfollow:1", None),
        ("test-order:3:sour:test-order:3:sour", None),
        (":", None),
        ("", None),
        (None, None),
        (1, None),
    ],
)
def test_what_a_buttons_data_asks_for(data: object, press: Press | None) -> None:
    assert read(data) == press


def test_more_than_telegram_takes_is_not_written() -> None:
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        _ = Order(-LARGEST, Taste.SWEET, Table(-LARGEST)).data


def test_no_two_kinds_have_one_word() -> None:
    with pytest.raises(TypeError, match="both written 'follow'"):

        class Other(Press):
            WORD: ClassVar[str] = "follow"
