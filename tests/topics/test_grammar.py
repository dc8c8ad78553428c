import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryUnclear, TopicEmpty, TopicTooLong
from bot.topics import query
from bot.topics.grammar import MAX_DEPTH, MAX_TERMS, All, Any, Field, Not, Words, is_query, required

A, B, C = Words("a"), Words("b"), Words("c")


@pytest.mark.parametrize(
    ("words", "node"),
    [
        ("North Korea", Words("north korea")),
        ('"trade war"', Words("trade war", exact=True)),
        ("“Trade War”", Words("trade war", exact=True)),
        ("north korea AND missile", All((Words("north korea"), Words("missile")))),
        ("a OR b", Any((A, B))),
        ("a OR b AND c", Any((A, All((B, C))))),
        ("(a OR b) AND c", All((Any((A, B)), C))),
        ("a -b", All((A, Not(B)))),
        ("a NOT b", All((A, Not(B)))),
        ("a AND NOT b", All((A, Not(B)))),
        ("a NOT NOT b", All((A, B))),
        ("a -(b OR c)", All((A, Not(Any((B, C)))))),
        ('author:"Jane Doe"', Field("author", "jane doe")),
        ("Section: World -b", All((Field("section", "world"), Not(B)))),
        ('"a" b', All((Words("a", exact=True), B))),
        ("US AND china", All((Words("us", capitals=("US",)), Words("china")))),
        ("rock and roll", Words("rock and roll")),
        ("this or that", Words("this or that")),
        ("Jay-Z", Words("jay z")),
        ("Bashar al- Assad", Words("bashar al assad")),
        ("Trump (film)", Words("trump film")),
        ("Mali :)", Words("mali")),
        ("ORDER", Words("order", capitals=("ORDER",))),
    ],
)
def test_what_is_asked_for(words: str, node: object) -> None:
    assert query.parse(words) == node


@pytest.mark.parametrize(
    ("words", "position", "sentence"),
    [
        ('say "trade', 4, "no other that closes it"),
        ("a AND (b OR c", 6, "not closed"),
        ("a OR b)", 6, "closes nothing"),
        ("(mali", 0, "not closed"),
        ("mali) and more", 4, "closes nothing"),
        ("a AND", 5, "words are missing"),
        ("OR b", 0, "words are missing"),
        ("a OR OR b", 5, "words are missing"),
        ("a AND ()", 7, "words are missing"),
        ("-a", 0, "must be there"),
        ("-a -b", 0, "must be there"),
        ("a OR -b", 0, "must be there"),
        ("a AND 🔥", 6, "no letter and no digit"),
        ('a AND ""', 6, "no letter and no digit"),
        ("author:", 0, "name is missing"),
        ("a author: -b", 2, "name is missing"),
        ("(" * 30 + "a OR b" + ")" * 30, MAX_DEPTH + 1, "deep"),
        (" OR ".join("a" * (MAX_TERMS + 1)), 100, "20 terms"),
    ],
)
def test_an_error_points_at_the_place(words: str, position: int, sentence: str) -> None:
    with pytest.raises(QueryUnclear, match=sentence) as raised:
        query.parse(words)
    assert raised.value.position == position


def test_the_length_of_a_query_and_of_a_phrase_is_bounded() -> None:
    with pytest.raises(TopicTooLong, match="300 characters"):
        query.parse("a OR " + "b" * 300)
    with pytest.raises(TopicTooLong, match="100 characters"):
        query.parse("b" * 101)
    with pytest.raises(TopicEmpty):
        query.parse("🔥")


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        ("a AND long phrase", frozenset({Words("long phrase")})),
        ("a OR b", frozenset({A, B})),
        ("(a OR b) AND c", frozenset({C})),
        ("a -b", frozenset({A})),
        ('"a"', frozenset({Words("a", exact=True)})),
    ],
)
def test_a_query_is_found_by_the_fewest_and_rarest_of_its_terms(words: str, terms: frozenset[Words | Field]) -> None:
    assert required(query.parse(words)) == terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a  AND b", "a AND (b)"),
        ("a NOT b", "a -b"),
        ("“Trade War”", '"trade war"'),
        ('author:"Jane Doe" AND x', "author:“jane doe” x"),
        ("North Korea", "north-korea"),
        ("(a AND b) OR (((c)))", "a AND b OR c"),
        ("(a OR b) -(c d)", "(a OR b) AND -c d"),
    ],
)
def test_two_spellings_of_a_query_have_one_key(one: str, other: str) -> None:
    assert query.key(one) == query.key(other)


def test_a_querys_key_is_no_phrases_key() -> None:
    assert query.key("a AND b") != query.key("a and b") == "a and b"
    assert query.key('"trade war"') != query.key("trade war")


@given(st.lists(st.sampled_from(["a", "bc d", "AND", "OR", "NOT", "-", "(", ")", '"', "author:", "US", " ", ","])))
def test_whatever_is_typed_is_understood_or_refused_and_its_key_means_the_same(parts: list[str]) -> None:
    words = " ".join(parts).replace("- ", "-")
    try:
        node = query.parse(words)
    except (QueryUnclear, TopicEmpty, TopicTooLong):
        return
    key = query.key(words)
    assert query.key(key) == key
    if is_query(key):
        assert str(query.parse(key)) == str(node)
