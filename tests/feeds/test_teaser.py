import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.teaser import MAX_TEASER, teaser

HEADLINE = "Rain at last"
SITE = "The Paper"
POST = '<p>The post <a href="https://x/">Rain at last</a> appeared first on <a href="https://x/">The Paper</a>.</p>'


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
    assert teaser(summary, HEADLINE, SITE) == expected


def test_a_section_feed_names_the_site_by_half_of_its_title() -> None:
    assert (
        teaser("<p>It rained.</p><p>Die pos Rain at last by The Paper.</p>", HEADLINE, "Weather – The Paper")
        == "It rained."
    )


def test_a_long_summary_is_cut_at_a_word() -> None:
    shown = teaser("<p>" + "word " * 100 + "</p>", HEADLINE)
    assert len(shown) <= MAX_TEASER
    assert shown.endswith(" word…")


_WORDS = st.lists(
    st.sampled_from(["rain", "sun", "&amp;", "It", "fell.", "[…]", "ALSO READ:", "The post", "a<b>c</b>"])
)


@given(_WORDS, st.lists(st.sampled_from(["", POST, "<p>ALSO READ: x</p>", " […]"])))
def test_nothing_that_is_no_teaser_is_left(words: list[str], around: list[str]) -> None:
    shown = teaser(" ".join(words) + "".join(around), HEADLINE, SITE)
    assert len(shown) <= MAX_TEASER
    assert "appeared first on" not in shown
    assert not re.search(r"ALSO READ:|</?[bp]>|&amp;|\[…\]$", shown)


@given(st.text(max_size=2000), st.text(max_size=50), st.text(max_size=50))
def test_any_text_becomes_a_teaser_within_bounds(summary: str, headline: str, site: str) -> None:
    shown = teaser(summary, headline, site)
    assert len(shown) <= MAX_TEASER
    assert shown == " ".join(shown.split())
