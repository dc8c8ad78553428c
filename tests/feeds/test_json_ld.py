import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.json_ld import MAX_NODES, LinkedData, read_json_ld

URL = "https://paper.example/2026/03/harvest/"
BODY = "Behind the paywall stand these words and these only."


def read(*things: Any) -> LinkedData:
    return read_json_ld([thing if isinstance(thing, str) else json.dumps(thing) for thing in things], URL)


def article(**said: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", **said}


def test_all_that_it_may_say() -> None:
    said = article(
        isAccessibleForFree=False,
        keywords=["North Korea", "Harvest"],
        about=[{"@type": "Thing", "name": "Agriculture"}],
        author=[{"@type": "Person", "name": "Mira Okafor"}, {"@type": "Person", "name": "Jan Brandt"}],
        description="The figures are the first in four years.",
        articleBody=BODY,
        text=BODY,
    )
    assert read(said) == LinkedData(
        free=False,
        keywords=("North Korea", "Harvest", "Agriculture"),
        authors=("Mira Okafor", "Jan Brandt"),
        description="The figures are the first in four years.",
    )


@pytest.mark.parametrize(
    ("said", "free"),
    [
        (True, True),
        (False, False),
        ("True", True),
        ("False", False),
        (" false ", False),
        ("http://schema.org/False", False),
        ("https://schema.org/True", True),
        ("no", None),
        (None, None),
        (0, None),
        ([], None),
        ({"@value": False}, None),
    ],
)
def test_free_or_not_in_all_spellings(said: object, free: bool | None) -> None:
    assert read(article(isAccessibleForFree=said)).free is free


@pytest.mark.parametrize(
    "part",
    [
        {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"},
        [{"@type": "WebPageElement", "isAccessibleForFree": True}, {"isAccessibleForFree": "False"}],
    ],
)
def test_one_part_that_is_not_free_is_enough(part: object) -> None:
    assert read(article(isAccessibleForFree=True, hasPart=part)).free is False


def test_parts_that_are_free_say_nothing_of_the_whole() -> None:
    assert read(article(hasPart=[{"isAccessibleForFree": True}, "x", 3])).free is None


@pytest.mark.parametrize(
    "around",
    [
        lambda it: it,
        lambda it: [it],
        lambda it: [[{"@type": "Organization", "name": "The Paper"}], [it]],
        lambda it: {"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, it]},
        lambda it: {"@type": "WebPage", "mainEntity": it},
        lambda it: {**it, "@type": ["Article", "LiveBlogPosting"]},
        lambda it: {**it, "@type": "http://schema.org/ReportageNewsArticle"},
        lambda it: {key: value for key, value in it.items() if key != "@type"},
    ],
)
def test_the_article_is_found_wherever_it_stands(around: Any) -> None:
    assert read(around(article(isAccessibleForFree=False, keywords="Harvest"))) == LinkedData(False, ("Harvest",))


@pytest.mark.parametrize("kind", ["Organization", "WebSite", "BreadcrumbList", "Product", "ImageObject", ["Person"]])
def test_what_is_no_article_says_nothing_of_it(kind: object) -> None:
    said = {"@type": kind, "isAccessibleForFree": False, "keywords": "x", "description": "y", "author": "z"}
    assert read(said) == LinkedData()


def test_a_page_may_say_that_it_is_not_free_and_what_it_is_about() -> None:
    page = {"@type": "WebPage", "isAccessibleForFree": False, "description": "The page's", "keywords": "Site, News"}
    assert read(page) == LinkedData(free=False, description="The page's")
    assert read(page, article(description="The article's")).description == "The article's"


def test_articles_of_other_pages_do_not_count_where_one_is_of_this_page() -> None:
    related = article(url="https://paper.example/plus/other/", isAccessibleForFree=False, keywords="Other")
    ours = article(mainEntityOfPage={"@id": "http://www.paper.example/2026/03/harvest#article"}, keywords="Harvest")
    assert read(related, ours) == LinkedData(keywords=("Harvest",))
    assert read(related).free is False


@pytest.mark.parametrize(
    ("keywords", "names"),
    [
        ("Harvest, North Korea ,,", ("Harvest", " North Korea ", "", "")),
        (["Putin, Vladimir V", 3, None, "", {"@type": "DefinedTerm", "name": "Ice"}], ("Putin, Vladimir V", "Ice")),
        ({"name": "Ice"}, ("Ice",)),
        (7, ()),
        ([["nested"]], ()),
    ],
)
def test_keywords_as_a_list_or_with_commas(keywords: object, names: tuple[str, ...]) -> None:
    assert read(article(keywords=keywords)).keywords == names


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Mira Okafor", ("Mira Okafor",)),
        ({"@type": "Person", "name": "Mira Okafor", "url": "https://paper.example/mira"}, ("Mira Okafor",)),
        (["Mira Okafor", {"name": "Jan Brandt"}, {"name": ["x"]}, {}], ("Mira Okafor", "Jan Brandt")),
        ({"@id": "https://paper.example/#/person/7"}, ("Jan Brandt",)),
        ({"@id": ["https://paper.example/#/person/7"]}, ()),
        ({"@id": "https://paper.example/#/person/8"}, ()),
    ],
)
def test_authors_by_name_or_by_reference(author: object, names: tuple[str, ...]) -> None:
    person = {"@type": "Person", "@id": "https://paper.example/#/person/7", "name": "Jan Brandt"}
    assert read({"@graph": [article(author=author), person]}).authors == names


@pytest.mark.parametrize(
    "script",
    [
        "{};",
        "\ufeff{}",
        "//<![CDATA[\n{}\n//]]>",
        "/*<![CDATA[*/ {} /*]]>*/",
        "<!--\n{}\n-->",
        "{}\n{}",
    ],
)
def test_scripts_as_old_systems_write_them(script: str) -> None:
    assert read(script.replace("{}", json.dumps(article(isAccessibleForFree=False)))).free is False


def test_line_breaks_within_a_text_and_numbers_of_any_length_do_no_harm() -> None:
    number = "9" * 100_000
    assert read(f'{{"@type": "Article", "n": {number}, "m": -1e{number}, "description": "a\nb"}}').description == "a\nb"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "null",
        "NaN",
        "{",
        '{"@type": "Article", ',
        "[" * 100_000,
        '{"a":' * 100_000,
        '"text"',
        "[[], {}, 1]",
        "\0",
        " " * 500_000,
    ],
)
def test_what_cannot_be_read_counts_as_not_said(script: str) -> None:
    assert read(script) == LinkedData()
    assert read(script, article(isAccessibleForFree=False)).free is False


def test_no_more_objects_are_looked_at_than_a_page_has() -> None:
    assert read([{}] * MAX_NODES * 2, article(isAccessibleForFree=False)) == LinkedData()
    assert read([{}] * (MAX_NODES // 2), article(isAccessibleForFree=False)).free is False


_KEYS = st.sampled_from(
    [
        *("@type", "@graph", "@id", "isAccessibleForFree", "hasPart", "keywords", "author", "about", "description"),
        *("name", "mainEntity", "mainEntityOfPage", "url", "articleBody"),
    ]
)
_VALUES = st.sampled_from(["NewsArticle", "WebPage", "false", URL, "\ud800", "", "x"]) | st.booleans() | st.none()
_ANYTHING = st.recursive(
    _VALUES | st.integers() | st.floats(), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner)
)


@given(st.lists(_ANYTHING.map(json.dumps) | st.text(max_size=50), max_size=3))
def test_whatever_stands_there_is_read_without_an_error(scripts: list[str]) -> None:
    said = read_json_ld(scripts, URL)
    assert said.free in {True, False, None}
    assert all(isinstance(name, str) for name in (*said.keywords, *said.authors))


@given(_ANYTHING)
def test_the_text_of_an_article_is_never_kept(thing: object) -> None:
    said = read({"@graph": [article(articleBody=BODY, hasPart={"articleBody": BODY, "text": BODY}), thing]})
    assert BODY not in repr(said)
