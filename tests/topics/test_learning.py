import random
from collections.abc import Collection, Sequence

import pytest

from bot.text import tokens
from bot.topics import counting, learning
from bot.topics.counting import Counts
from bot.topics.evidence import Kind
from bot.topics.learning import Learner, Verdict, no_aliases

SHARED = ["today", "says", "after", "year", "again", "more"]


def feed(learner: Learner, headline: str, tags: Collection[str], teaser: str = "") -> None:
    reading = learner.read(tokens(headline), tokens(teaser))
    learner.learn(reading, learner.judge(reading), tags)


def verdicts(learner: Learner, headline: str, teaser: str = "") -> dict[str, Verdict]:
    return {each.tag: each for each in learner.judge(learner.read(tokens(headline), tokens(teaser)))}


def passing(learner: Learner, headline: str) -> set[str]:
    return {tag for tag, verdict in verdicts(learner, headline).items() if verdict.passes}


def a_newsroom(learner: Learner, articles: int = 400, *, judged: bool = True) -> None:
    """Four beats, each with words of its own, amid words that all share; Kim is in two of them."""
    chance = random.Random(1)  # noqa: S311  articles need no secrets
    beats: Sequence[tuple[str, str]] = (
        ("north korea", "Pyongyang fires missile Kim"),
        ("celebrities", "Kim shows gown carpet"),
        ("rugby", "Scrum decides match penalty"),
        ("budget", "Minister raises levy deficit"),
    )
    for _ in range(articles):
        tag, words = chance.choice(beats)
        picked = chance.sample(words.split(), 2) + chance.sample(SHARED, 3)
        if judged:
            feed(learner, " ".join(picked), [tag])
        else:
            learner.count(learner.read(tokens(" ".join(picked)), ()), [tag])


def test_words_come_to_stand_for_the_tag_that_they_come_with() -> None:
    learner = Learner()
    a_newsroom(learner)
    assert passing(learner, "Pyongyang again") == {"north korea"}
    assert passing(learner, "A scrum and a penalty") == {"rugby"}


def test_words_of_all_beats_and_of_two_stand_for_none() -> None:
    learner = Learner()
    a_newsroom(learner)
    assert passing(learner, "More today after year says again") == set()
    told = verdicts(learner, "Kim")
    assert told["north korea"].sureness < verdicts(learner, "Pyongyang")["north korea"].sureness


def test_one_article_teaches_nothing_about_strange_words() -> None:
    learner = Learner()
    feed(learner, "Zebras gallop", ["animals"])
    feed(learner, "Quiet day", ["weather"])
    assert passing(learner, "Zebras sleep") == set()


def test_a_last_name_and_an_alias_are_worth_something_from_the_first_day() -> None:
    learner = Learner(lambda tag: {"north korean"} if tag == "north korea" else ())
    for number in range(40):
        feed(learner, f"Jane Person{number:03} speaks", [f"jane person{number:03}"])
    feed(learner, "Nothing of note", ["vladimir putin", "north korea"])
    kinds = {
        each.kind
        for verdict in verdicts(learner, "Putin meets North Korean envoy").values()
        for each in verdict.evidence
    }
    assert kinds == {Kind.LAST_NAME, Kind.ALIAS}


def test_what_must_never_count_does_not() -> None:
    learner = Learner(no_aliases, never=[("pyongyang", "north korea")])
    a_newsroom(learner)
    assert "north korea" not in verdicts(learner, "Pyongyang")
    assert "north korea" in verdicts(learner, "Missile")


def test_what_stands_for_a_tag_can_be_seen_the_strongest_first() -> None:
    learner = Learner()
    a_newsroom(learner)
    known = learner.known(["north korea"])["north korea"]
    assert {"pyongyang", "missile", "fires"} <= {each.words for each in known}
    assert [each.weight for each in known] == sorted((each.weight for each in known), reverse=True)
    assert learner.known(["nothing"]) == {"nothing": []}


def test_where_a_name_seldom_means_the_tag_it_does_not_pass() -> None:
    learner = Learner()
    for number in range(30):
        feed(learner, f"Love number{number}", ["romance"] if number % 10 else ["love"])
    assert "love" not in passing(learner, "Love again")


def test_of_a_tag_never_used_the_name_is_believed_and_an_alias_until_it_came_without() -> None:
    learner = Learner()
    feed(learner, "Dutch masters on show", ["art"])
    assert learner.believes("netherlands", "netherlands", Kind.NAME)
    assert learner.believes("hollanders", "netherlands", Kind.ALIAS)
    assert not learner.believes("dutch", "netherlands", Kind.ALIAS)
    assert not learner.believes("art", "art", Kind.NAME)


def test_words_against_a_tag_make_it_less_sure() -> None:
    learner = Learner(lambda tag: {"french"} if tag == "france" else ())
    for number in range(40):
        feed(learner, f"French minister{number} speaks", ["france"])
        feed(learner, f"French recipe for supper{number}", ["cooking"])
        feed(learner, f"Other news{number}", ["news"])
        feed(learner, f"More weather{number}", ["weather"])
    sure = verdicts(learner, "French voters")["france"].sureness
    assert verdicts(learner, "French recipe for supper")["france"].sureness < sure / 2


def test_counting_alone_teaches_what_words_stand_for() -> None:
    learner = Learner()
    a_newsroom(learner, judged=False)
    assert passing(learner, "A scrum and a penalty") == {"rugby"}


def test_memory_is_bounded_and_keeps_what_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MAX_RUNS", 100)
    counts = Counts()
    for number in range(1000):
        counts.add([f"once{number}", "always"], ["tag"])
    assert len(counts.runs) <= 101
    assert counts.runs["always"] == 1000
    assert counts.of("once0") == {}


def test_what_was_learned_fades_by_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "HALF_LIFE", 100)
    counts = Counts()
    for _ in range(100):
        counts.add(["putin"], ["russia"])
    assert counts.runs["putin"] == counts.of("putin")["russia"] == counts.tags["russia"].seen == counts.weight == 50
    for _ in range(200):
        counts.add(["rain"], ["weather"])
    assert counts.runs["putin"] == 12
    assert counts.weight == 87


def test_ever_new_tags_and_words_are_forgotten_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "HALF_LIFE", 50)
    monkeypatch.setattr(learning, "MAX_RUNS", 20)
    learner = Learner()
    for number in range(500):
        feed(learner, f"Person{number // 2} speaks of rugby", [f"famous person{number // 2}", "rugby"])
    assert len(learner.known(["rugby"])["rugby"]) < 60
    assert not learner.read(["person7"], []).names
    assert learner.read(["famous", "person249"], []).names == {"famous person249", "person249"}
    assert passing(learner, "They speak of rugby") == {"rugby"}


def test_an_article_with_hundreds_of_tags_is_taken_and_one_with_none_left_out() -> None:
    learner = Learner()
    feed(learner, "All at once", [f"tag {number}" for number in range(500)])
    feed(learner, "None at all", [])
    assert learner.counts.articles == 1
    assert "none" not in learner.counts.runs
