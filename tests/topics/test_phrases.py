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
    assert set(phrases.found(words)) == {phrase for phrase in added - removed if f" {phrase} " in text}
    assert len(phrases) == len(added - removed)


def test_a_phrase_that_comes_again_has_its_new_number() -> None:
    phrases = Phrases()
    phrases.add("north korea", 1)
    phrases.add("north korea", 2)
    assert phrases.number("north korea") == 2
    assert phrases.number("south korea") is None
