import pytest

from bot.model import Topic
from bot.topics import query
from bot.topics.learning import Learner
from bot.topics.matching import Matcher
from bot.topics.reasons import Because, Scope, Where, Why
from bot.topics.subject import Subject

NAMES = [
    "North Korea",
    "US",
    "Trade war",
    '"trade war"',
    "north korea AND missile",
    "springboks -sevens",
    "(pyongyang OR seoul) AND talks",
    'author:"Jane Doe"',
    "section:Sport AND rugby",
    '"North Korea"',
    "US AND tariffs",
    "Georgia",
    "Deutschland",
    "الصين",
    "東京",
    "กรุงเทพ",
]
TOPICS = [Topic(number, query.key(name), name) for number, name in enumerate(NAMES, 1)]
MATCHER = Matcher(TOPICS)


def whys(subject: Subject, scope: Scope = Scope.HEADLINE, matcher: Matcher = MATCHER) -> dict[str, Why]:
    return {NAMES[why.topic - 1]: why for why in matcher.explain(subject, scope)}


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("North Korea fires a missile", {"North Korea", "north korea AND missile", '"North Korea"'}),
        ("North Korean missile", {"North Korea", "north korea AND missile"}),
        ("Missile of nobody", set()),
        ("A trade war", {"Trade war", '"trade war"'}),
        ("US raises tariffs", {"US", "US AND tariffs"}),
        ("Give us tariffs", set()),
        ("GIVE US TARIFFS", {"US", "US AND tariffs"}),
        ("USA", set()),
        ("Springboks win", {"springboks -sevens"}),
        ("Springboks win sevens", set()),
        ("Talks in Seoul", {"(pyongyang OR seoul) AND talks"}),
        ("Talks in Rome; Seoulmates", set()),
        ("Rugby at last", set()),
        ("Georgian wine", {"Georgia"}),
        ("Germany votes", {"Deutschland"}),
        ("زيارة إلى الصين غدا", {"الصين"}),
        ("東京で地震", {"東京"}),
        ("ฝนตกกรุงเทพวันนี้", {"กรุงเทพ"}),
    ],
)
def test_words_in_the_headline(headline: str, expected: set[str]) -> None:
    assert set(whys(Subject(headline))) == expected


def test_the_most_telling_place_is_the_reason() -> None:
    assert whys(Subject("x", "Of North Korea", tags=("NORTH-KOREA",)))["North Korea"] == Why(
        1, Where.TAG, ("NORTH-KOREA",), Because.NAME
    )
    assert whys(Subject("North Koreans", "North Korea"))["North Korea"] == Why(
        1, Where.HEADLINE, ("north koreans",), Because.ALIAS
    )


def test_a_query_stands_where_the_least_telling_of_its_words_does() -> None:
    found = whys(Subject("A missile", "in the North Korean sea"))["north korea AND missile"]
    assert found == Why(5, Where.TEASER, ("north korean", "missile"), Because.QUERY)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [(Scope.TAGS, set()), (Scope.HEADLINE, set()), (Scope.ANYWHERE, {"Trade war", '"trade war"'})],
)
def test_the_body_counts_only_where_it_is_asked_for(scope: Scope, expected: set[str]) -> None:
    assert set(whys(Subject("x", body="A trade war looms"), scope)) == expected


def test_only_tags() -> None:
    subject = Subject("A trade war", tags=("North Korea", "Missile"))
    assert set(whys(subject, Scope.TAGS)) == {"North Korea", '"North Korea"', "north korea AND missile"}


def test_author_and_section() -> None:
    assert set(whys(Subject("x", byline="By JANE DOE and John Roe"))) == {'author:"Jane Doe"'}
    assert set(whys(Subject("x", byline="Jane Doering"))) == set()
    assert set(whys(Subject("Rugby", section="World Sport"))) == {"section:Sport AND rugby"}


def test_what_is_forgotten_is_not_found_and_the_rest_is() -> None:
    matcher = Matcher(TOPICS)
    for topic in TOPICS[1:]:
        matcher.forget(topic)
    subject = Subject("US, German and Georgian trade war: North Korean talks in Seoul", tags=("Springboks",))
    assert set(whys(subject, matcher=matcher)) == {"North Korea"}
    matcher.take_in(TOPICS)
    assert len(whys(subject, matcher=matcher)) > 3
    for topic in TOPICS:
        matcher.forget(topic)
    assert whys(subject, matcher=matcher) == {}


def test_a_name_that_is_a_topic_and_an_alias_outlives_either() -> None:
    people, country = Topic(1, "north korean", "North Korean"), Topic(2, "north korea", "North Korea")
    matcher = Matcher([people, country])
    matcher.forget(people)
    assert [why.topic for why in matcher.explain(Subject("North Korean art"))] == [2]


def test_aliases_that_are_given_and_pairs_that_must_not_count() -> None:
    matcher = Matcher(
        [TOPICS[0]],
        aliases=lambda key: {"dprk", "the north"} if key == "north korea" else (),
        never=[("the north", "north korea")],
    )
    assert set(whys(Subject("DPRK"), matcher=matcher)) == {"North Korea"}
    assert whys(Subject("The North"), matcher=matcher) == {}
    assert whys(Subject("x", tags=("The North",)), matcher=matcher) == {}


def test_what_was_learned_is_a_reason_of_its_own_and_counts_in_queries() -> None:
    learner = Learner()
    beats = (("Pyongyang parade", "north korea"), ("Rain falls", "weather"), ("Scrum", "rugby"), ("Levy", "budget"))
    for number in range(80):
        beat, tag = beats[number % 4]
        reading = learner.read((*beat.lower().split(), f"n{number}"), ())
        learner.learn(reading, learner.judge(reading), [tag])
    found = whys(Subject("Missile over Pyongyang"), matcher=Matcher(TOPICS, learner=learner))
    assert set(found) == {"North Korea", "north korea AND missile"}
    why = found["North Korea"]
    assert (why.where, why.words, why.because) == (Where.HEADLINE, ("pyongyang",), Because.LEARNED)
    assert 0.5 < why.sureness < 1


@pytest.mark.parametrize("name", ["the", "x", "…", "a AND", "🔥", "", "'", "word " * 30, "-", "()"])
def test_a_strange_topic_keeps_no_other_from_being_found(name: str) -> None:
    matcher = Matcher([Topic(99, query.key(name), name), TOPICS[0]])
    assert 1 in {why.topic for why in matcher.explain(Subject("In North Korea"))}
