import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.plain import MAX_MARKUP, cut, has_tags, lines, one_line


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("<p>one</p>two<br>three<ul><li>four<li>five</ul>", ["one", "two", "three", "four", "five"]),
        ("w<b>or</b>d", ["word"]),
        ("Cats &amp; dogs", ["Cats & dogs"]),
        ("Cats &amp;amp; dogs", ["Cats &amp; dogs"]),
        ("5 < 6 and 7 > 3", ["5 < 6 and 7 > 3"]),
        ("a&nbsp;&nbsp;b \t c\nd", ["a b c", "d"]),
        ("<script>bad()</script><style>p{}</style>x<figure>y<figcaption>z</figcaption></figure>", ["x"]),
        ("<!-- hidden -->x<!-- never closed", ["x"]),
        ("<p>unclosed <b>bold <a href='", ["unclosed bold"]),
        ("x\x00y\x1b[31m\u2028z", ["xy [31m z"]),
        ("<frameset><frame>", []),
        ('x <a class="more-link" href="/a">Continue <span class="screen-reader-text">Title</span></a>', ["x"]),
    ],
)
def test_html_becomes_lines(markup: str, expected: list[str]) -> None:
    assert lines(markup) == expected


def test_nesting_as_deep_as_it_may_be_is_read_all_the_same() -> None:
    assert lines("<div>" * (MAX_MARKUP // 5 - 1) + "x") == ["x"]
    assert lines("x" + "<p>y" * MAX_MARKUP)[0] == "x"


def test_every_control_character_there_is_becomes_a_gap() -> None:
    control = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in {"Cc", "Cs", "Zl", "Zp"}]
    assert one_line("a" + "b".join(control) + "a") == "a" + " b" * (len(control) - 1) + " a"


@given(st.text())
def test_lines_have_no_control_characters_and_no_hidden_space(markup: str) -> None:
    for line in lines(markup):
        assert line == one_line(line) != ""
        assert not {unicodedata.category(character) for character in line} & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <br /> b", True),
        ("<p>x", True),
        ("</strong>", True),
        ("5 < 6", False),
        ("<3 you", False),
        ("List<int>", False),
    ],
)
def test_tags_are_told_from_signs(text: str, expected: bool) -> None:
    assert has_tags(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short", "short"),
        ("exactly ten", "exactly…"),
        ("ten chars!", "ten chars!"),
        ("one, two three", "one, two…"),
        ("a word - and more", "a word…"),
        ("unbreakable", "unbreakab…"),
        ("汉字汉字汉字汉字汉字汉字", "汉字汉字汉字汉字汉…"),
        ("नमस्ते नमस्ते", "नमस्ते…"),
        ("abcdefgh" + "e\u0301" * 9, "abcdefgh…"),
    ],
)
def test_text_is_cut_at_a_word(text: str, expected: str) -> None:
    assert cut(text, 10) == expected


@given(st.text(), st.integers(10, 300))
def test_what_is_cut_is_a_beginning_and_fits(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert len(shown) <= limit
    assert shown == text if len(text) <= limit else shown.endswith("…")
    assert text.startswith(shown.removesuffix("…")) or shown == text
