import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.byline import MAX_BYLINE, names, take_out


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mira Okafor", "Mira Okafor"),
        ("By Mira Okafor", "Mira Okafor"),
        ("by: Mira Okafor", "Mira Okafor"),
        ("By Editorial staff / Journalist", "Editorial staff"),
        ("Editorial staff", "Editorial staff"),
        ("Mira Okafor | Senior Reporter", "Mira Okafor"),
        ("Mira Okafor, Staff writer", "Mira Okafor"),
        ("Mira Okafor, Cape Town correspondent", "Mira Okafor"),
        ("Mira Okafor (Editor)", "Mira Okafor"),
        ("Mira Okafor – Journalist", "Mira Okafor"),
        ("Mira Okafor, Journalist, Jan de Wit, Editor", "Mira Okafor, Jan de Wit"),
        ("Mira Okafor and Jan de Wit", "Mira Okafor and Jan de Wit"),
        ("Mira Okafor, Jan de Wit", "Mira Okafor, Jan de Wit"),
        ("Mira Editors", "Mira Editors"),
        ("Jean-Luc Journalist", "Jean-Luc Journalist"),
        ("Byron Bay", "Byron Bay"),
        ("Deur Jan de Wit / Joernalis", "Jan de Wit"),
        ("Par Mira Okafor", "Mira Okafor"),
        ("By", "By"),
        ("", ""),
        (" / Journalist", ""),
        ("x" * 200, "x" * (MAX_BYLINE - 1) + "…"),
    ],
)
def test_a_byline_is_its_names(written: str, expected: str) -> None:
    assert names(written) == expected


@pytest.mark.parametrize(
    ("lines", "name", "rest"),
    [
        (["By Mira Okafor", "It rained."], "Mira Okafor", ["It rained."]),
        (["By Editorial staff / Journalist", "It rained."], "Editorial staff", ["It rained."]),
        (["Editorial staff / Journalist", "It rained."], "Editorial staff", ["It rained."]),
        (["Mira Okafor, Reporter"], "Mira Okafor", []),
        (["By Mira Okafor and Jan de Wit", "It rained."], "Mira Okafor and Jan de Wit", ["It rained."]),
        (["By Editorial staff / Journalist It rained."], "Editorial staff", ["It rained."]),
        (["Editorial staff / Journalist “It rained,” he said."], "Editorial staff", ["“It rained,” he said."]),
        (["By Jane Doe It rained.", "So."], "Jane Doe", ["It rained.", "So."]),
        (["Jane Doe It rained."], "", ["Jane Doe It rained."]),
        (["By the sea it rained."], "", ["By the sea it rained."]),
        (["By noon, it rained"], "", ["By noon, it rained"]),
        (["By Friday it rained."], "", ["By Friday it rained."]),
        (["By Jane Doe is this poem."], "", ["By Jane Doe is this poem."]),
        (["By Mira Okafor / Editor picks the best."], "", ["By Mira Okafor / Editor picks the best."]),
        (["Rain / Editor of The Paper resigns"], "", ["Rain / Editor of The Paper resigns"]),
        (["It rained.", "By Mira Okafor"], "", ["It rained.", "By Mira Okafor"]),
        ([], "", []),
    ],
)
def test_a_byline_that_opens_a_text_is_taken_out(lines: list[str], name: str, rest: list[str]) -> None:
    assert take_out(lines, "Jane Doe") == (name, rest)


@given(st.lists(st.text(min_size=1).filter(str.strip).map(str.strip)), st.text(max_size=20))
def test_of_any_text_only_the_beginning_can_be_a_byline(lines: list[str], author: str) -> None:
    name, rest = take_out(lines, author)
    assert len(name) <= MAX_BYLINE
    assert rest == lines if not name else lines[1:] == rest[len(rest) - len(lines) + 1 :]
