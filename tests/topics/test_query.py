import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import TopicEmpty, TopicTooLong
from bot.topics.query import check, split


@pytest.mark.parametrize(
    ("words", "topics"),
    [
        ("North Korea", ["North Korea"]),
        ("  North \t Korea ", ["North Korea"]),
        ("North Korea, Vladimir Putin,, ,Mali", ["North Korea", "Vladimir Putin", "Mali"]),
        ("North Korea\nMali", ["North Korea", "Mali"]),
        ("Mali, MALI", ["MALI"]),
        ("🔥, 🚀", ["🔥", "🚀"]),
        ('"no, never", Mali', ['"no, never"', "Mali"]),
        ("(a, b) OR c, Mali", ["(a, b) OR c", "Mali"]),
        ("(a, b", ["(a", "b"]),
        ('"a, b', ['"a', "b"]),
        ("a AND b, a and b", ["a AND b", "a and b"]),
        ("", []),
        (" , ", []),
    ],
)
def test_split(words: str, topics: list[str]) -> None:
    assert split(words) == topics


@pytest.mark.parametrize("name", ["x" * 101, "x" * 500, "a " * 16])
def test_too_long(name: str) -> None:
    with pytest.raises(TopicTooLong, match="100 characters"):
        check(name)


@pytest.mark.parametrize("name", ["🔥🚀", "…", "<>", "---"])
def test_no_words(name: str) -> None:
    with pytest.raises(TopicEmpty, match="no letter"):
        check(name)


@pytest.mark.parametrize("name", ["x", "北京", "<b>bold</b>", "R&B", "2026"])
def test_a_topic(name: str) -> None:
    assert check(name) == name


@given(st.text())
@example('"\n«')  # marks that stand in two lines shelter no comma; with one between them in one line they would
def test_splitting_what_was_split_changes_nothing(words: str) -> None:
    assert split("\n".join(split(words))) == split(words)
