"""What a deep link's payload says, and that a site can write it without us."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import text
from bot.model import Topic
from bot.topics.catalogue import Catalogue
from bot.topics.deep_links import Hashed, Named, digest, payload, read

LONG = "Demonstrations, protests and riots in the eastern provinces"


@given(st.text(max_size=120))
@example("North Korea")
@example("é" * 23 + "x")
@example("é" * 24)
def test_every_name_has_a_payload_that_telegram_takes_and_that_says_it(name: str) -> None:
    given = payload(name)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", given)
    found = read(given)
    assert found == Named(name) or (isinstance(found, Hashed) and found.digest == digest(name))
    assert isinstance(found, Named) == (len(name.encode()) <= 47)


@given(st.text(max_size=80))
def test_whatever_is_sent_is_read_or_is_none(given: str) -> None:
    found = read(given)
    assert found is None or re.fullmatch(r"[A-Za-z0-9_-]{1,64}", given)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("_Tm9ydGggS29yZWE", Named("North Korea")),  # as PHP in the module's docstring writes it
        ("north-korea", Named("north korea")),
        ("Kim_Jong-un", Named("Kim Jong un")),
        ("_", Named("")),
        ("_Tm9ydGggS29yZWE=", None),
        ("_A", None),
        ("__w", None),  # a byte that is no UTF-8
        ("", None),
        ("x" * 65, None),
        ("a b", None),
    ],
)
def test_what_a_payload_says(given: str, found: Named | None) -> None:
    assert read(given) == found


def test_a_long_name_is_found_by_every_spelling_and_alias() -> None:
    renamed = "Unrest in the eastern provinces and what became of it"
    catalogue = Catalogue({LONG: [renamed]})
    topic = Topic(7, text.key(LONG), LONG)
    catalogue.take_in([(topic, [LONG, LONG.upper()])])
    for name in (LONG, LONG.upper(), renamed):
        found = read(payload(name))
        assert isinstance(found, Hashed)
        assert catalogue.linked(found.digest) == topic
    assert catalogue.linked(b"") is None
    assert catalogue.linked(digest("x" * 60) or b"") is None
