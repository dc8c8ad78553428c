from hypothesis import given
from hypothesis import strategies as st

from bot.model import Topic
from bot.sandbox.telegram.keyboards import inline_keyboard
from handlers.keyboards import MAX_BUTTONS, fitting, of_topics

names = st.text(alphabet="Aé北🏴\u200d", min_size=1, max_size=100)


@given(st.lists(names, min_size=1, max_size=150), st.sets(st.integers(0, 150)))
def test_telegram_takes_every_keyboard_of_topics(listed: list[str], followed: set[int]) -> None:
    topics = [Topic(10**17 + number, name, name) for number, name in enumerate(listed)]
    keyboard = of_topics(topics, {10**17 + number for number in followed})
    assert keyboard is not None
    rows = [[button.to_dict() for button in row] for row in keyboard.inline_keyboard]
    assert inline_keyboard(rows) == rows
    assert sum(map(len, rows)) == len(fitting(topics)) >= min(len(topics), 15)


def test_short_names_fill_a_keyboard() -> None:
    topics = [Topic(number, "x", f"Topic {number}") for number in range(1, 200)]
    assert list(fitting(topics)) == topics[:MAX_BUTTONS]


def test_no_topics_have_no_keyboard() -> None:
    assert of_topics([], ()) is None
