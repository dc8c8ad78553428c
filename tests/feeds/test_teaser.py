import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.reading_on import split
from bot.feeds.teaser import MAX_TEASER, first_sentences, teaser

HEADLINE = "Rain at last"
SITE = "The Paper"
POST = '<p>The post <a href="https://x/">Rain at last</a> appeared first on <a href="https://x/">The Paper</a>.</p>'


def shown(summary: str, headline: str = HEADLINE, site: str = "") -> str:
    return teaser(split(summary, "https://x/")[0], headline, site)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("", ""),
        ("It rained.", "It rained."),
        ("<p>It rained. […]</p>", "It rained."),
        ("<p>It rained and then […]</p>", "It rained and then…"),
        ("It rained and [&hellip;]", "It rained and…"),
        ("It rained and [...]", "It rained and…"),
        ("It rained and then...", "It rained and then…"),
        ("He said “it rained” […]", "He said “it rained”"),
        ("[…]", ""),
        ("<p>It rained.</p>" + POST, "It rained."),
        ("<p>It rained. [&#8230;]</p>\n" + POST, "It rained."),
        ("It rained. The post Rain at last appeared first on The Paper.", "It rained."),
        ("<p>It rained.</p><p>Het bericht Rain at last verscheen eerst op The Paper.</p>", "It rained."),
        ("<p>Il a plu.</p><p>L’article Rain at last est apparu en premier sur The Paper.</p>", "Il a plu."),
        ("The post office is closed. It rained.", "The post office is closed. It rained."),
        ("<p>The Rain at last came, says the town.</p>", "The Rain at last came, says the town."),
        (
            "<p>It rained.</p><p>ALSO READ: Sun tomorrow</p><p>And then it stopped.</p>",
            "It rained. And then it stopped.",
        ),
        ("<p>It rained. ALSO READ: Sun tomorrow</p><p>It stopped.</p>", "It rained. It stopped."),
        ("<p>Also read: Sun</p><p>Lees ook: Son</p><p>LEA TAMBIÉN: Sol</p>It rained.", "It rained."),
        ("You can also read: it helps.", "You can also read: it helps."),
        ("It rained… <a href='/x'>Read More Here →</a>", "It rained…"),
        ("It rained. Continue reading Rain at last", "It rained."),
        ("It rained. Read more about it and you will see. So.", "It rained. Read more about it and you will see. So."),
        ("Cats &amp; dogs &lt;b&gt;", "Cats & dogs <b>"),
        ("<b>It</b> <script>alert(1)</script>rained <img src=x onerror=alert(1)>", "It rained"),
    ],
)
def test_a_summary_becomes_a_teaser(summary: str, expected: str) -> None:
    assert shown(summary, HEADLINE, SITE) == expected


def test_a_section_feed_names_the_site_by_half_of_its_title() -> None:
    assert (
        shown("<p>It rained.</p><p>Die pos Rain at last by The Paper.</p>", HEADLINE, "Weather – The Paper")
        == "It rained."
    )


def test_a_long_summary_is_cut_at_a_word() -> None:
    text = shown("<p>" + "word " * 100 + "</p>")
    assert len(text) <= MAX_TEASER
    assert text.endswith(" word…")


SENTENCE = "It rained on Mr. J. Smith in the U.S. for a day. "


def test_of_an_articles_content_whole_sentences_are_shown() -> None:
    opening = first_sentences([(SENTENCE * 3).strip(), SENTENCE * 3, SENTENCE * 1000], HEADLINE)
    assert opening == (SENTENCE * 6).strip()
    assert MAX_TEASER - len(SENTENCE) < len(opening) <= MAX_TEASER


@pytest.mark.parametrize(
    ("content", "start", "end"),
    [
        (["It rained.", "word " * 100], "It rained. word", " word…"),
        (["It rained. " + "x" * 1000], "It rained. xx", "x…"),
        (["雨が降った。" * 100], "雨が降った。", "雨が降った。"),
        (["It rained. Twice."], "It rained. Twice.", "It rained. Twice."),
        (["The post Rain at last appeared first on The Paper."], "", ""),
        ([], "", ""),
    ],
)
def test_where_the_first_sentences_are_too_short_or_too_long_a_word_is_the_end(
    content: list[str], start: str, end: str
) -> None:
    opening = first_sentences(content, HEADLINE, SITE)
    assert len(opening) <= MAX_TEASER
    assert opening.startswith(start)
    assert opening.endswith(end)


_WORDS = st.lists(
    st.sampled_from(["rain", "sun", "&amp;", "It", "fell.", "[…]", "ALSO READ:", "The post", "a<b>c</b>"])
)


@given(_WORDS, st.lists(st.sampled_from(["", POST, "<p>ALSO READ: x</p>", " […]"])))
def test_nothing_that_is_no_teaser_is_left(words: list[str], around: list[str]) -> None:
    text = shown(" ".join(words) + "".join(around), HEADLINE, SITE)
    assert len(text) <= MAX_TEASER
    assert "appeared first on" not in text
    assert not re.search(r"ALSO READ:|</?[bp]>|&amp;|\[…\]$", text)


@given(st.text(max_size=2000), st.text(max_size=50), st.text(max_size=50))
def test_any_text_becomes_a_teaser_within_bounds(summary: str, headline: str, site: str) -> None:
    text = shown(summary, headline, site)
    assert len(text) <= MAX_TEASER
    assert text == " ".join(text.split())
