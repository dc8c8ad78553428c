import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.topics.phrases import Phrases

WORDS = st.lists(st.sampled_from("abcd"), max_size=12)
PHRASES = st.sets(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(" ".join), max_size=20)


@given(PHRASES, PHRASES, WORDS)
def test_it_finds_the_phrases_that_stand_there_and_no_others(
    added: set[str], removed: set[str], words: list[str]
) -> None:
    phrases = Phrases()
    for number, phrase in enumerate(sorted(added | removed)):
        phrases.add(phrase, number)
    for phrase in removed:
        phrases.discard(phrase)
    text = f" {' '.join(words)} "
    found = phrases.found(words)
    assert set(found) == {phrase for phrase in added - removed if f" {phrase} " in text}
    assert all(phrases.number(phrase) == number for phrase, number in found.items())
    assert all(phrase not in phrases for phrase in removed)


@pytest.mark.parametrize("number", [-1, 0, 1, 10**12])
def test_a_phrase_and_the_longer_ones_that_begin_with_it_keep_their_numbers(number: int) -> None:
    phrases = Phrases()
    long = " ".join(["north", "korea", *"abcdefghijklm"])
    phrases.add(long, 7)
    phrases.add("north korea", number)
    assert phrases.found(long.split()) == {"north korea": number, long: 7}
    phrases.discard("north korea")
    assert phrases.found(long.split()) == {long: 7}


def test_a_phrase_that_comes_again_has_its_new_number() -> None:
    phrases = Phrases()
    phrases.add("north korea", 1)
    phrases.add("north korea", 2)
    assert phrases.number("north korea") == 2
    assert phrases.number("south korea") is None
