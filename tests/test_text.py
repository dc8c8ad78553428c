import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text import as_written, fold, isolated, key, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kim Jong-Un", "KIM JONG UN"),
        ("Kim Jong-Un", "kim  jong–un"),
        ("Kim Jong-Un's", "Kim Jong-un"),
        ("Putin’s", "putin"),
        ("São Paulo", "sao paulo"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("Þórshöfn", "thorshofn"),
        ("Αθήνα", "ΑΘΗΝΑ"),
        ("Čapek", "C\u030capek"),
        ("Королёв", "королев"),
        ("ﬁscal", "fiscal"),
        ("Ｔｏｋｙｏ", "tokyo"),
        ("كِتَاب", "كتاب"),
        ("soft\u00adware", "software"),
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("#Springboks!", "springboks"),
    ],
)
def test_two_spellings_are_one(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Iran", "Tirana"), ("Mali", "Somalia"), ("हिन्दी", "हनद"), ("भारत", "भरत"), ("Korea", "Koreas")],
)
def test_two_words_stay_two(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("North Korea fires missile; Seoul says: 'no!'", ("north", "korea", "fires", "missile", "seoul", "says", "no")),
        ("भारत की राजधानी", ("भारत", "की", "राजधानी")),
        ("北京 2022", ("北", "京", "2022")),
        ("snake_case", ("snake", "case")),
        ("🚀🔥", ()),
        ("  …  ", ()),
        ("", ()),
    ],
)
def test_tokens(text: str, words: tuple[str, ...]) -> None:
    assert tokens(text) == words


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_does_not_matter(text: str) -> None:
    assert fold(text.casefold()) == fold(text)


@given(st.text())
@example("─𑄧")  # a vowel's mark on a sign is no word
def test_a_key_is_its_own_key(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.text(), st.text())
def test_tokens_of_two_texts_are_the_tokens_of_each(one: str, other: str) -> None:
    assert tokens(f"{one} . {other}") == tokens(one) + tokens(other)


LATIN = st.text(st.sampled_from("abzABZ019 .-_'’‘´`sS—…“”™½éÉßøØłŁıİœŒŉǆẞ\u00ad\u0301ſ\u200b\u2028"))


@given(LATIN)
def test_the_short_way_of_latin_text_ends_where_the_long_one_does(text: str) -> None:
    assert tokens(text + " \u0434")[:-1] == tokens(text)  # a letter without a plain form sends all of it the long way


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("north korea", "Off NORTH-Korea’s coast", "NORTH-Korea"),
        ("cote d ivoire", "En Côte d’Ivoire", "Côte d’Ivoire"),
        ("kim", "Akim and Kim's", "Kim"),
        ("北 京", "我在北京工作", "北京"),
        ("korea", "The Ko\u00adrea deal", "Ko\u00adrea"),
        ("mali", "Somalia", None),
        ("putin", "", None),
    ],
)
def test_folded_words_are_found_as_a_text_has_them(words: str, text: str, expected: str | None) -> None:
    assert as_written(words, text) == expected


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_is_found_as_written_folds_to_the_words(words: str, text: str) -> None:
    found = as_written(key(words), text)
    assert found is None or (found in text and key(found) == key(words))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("North Korea", "North Korea"),
        ("<b>بحر</b>", "\u2068<b>بحر</b>\u2069"),
        ("שלום & <i>x</i>", "\u2068שלום & <i>x</i>\u2069"),
        ("\u202egnp.exe", "gnp.exe"),
        ("بحر\u2069\u2069 \u202e", "\u2068بحر \u2069"),
        ("", ""),
    ],
)
def test_what_is_written_from_right_to_left_is_set_apart(shown: str, expected: str) -> None:
    assert isolated(shown) == expected
