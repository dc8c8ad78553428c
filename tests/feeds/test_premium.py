import pickle
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.page_facts import PageFacts
from bot.feeds.premium import LOCKED, PremiumRules, Verdict, decide
from bot.site_file import Premium

LINK = "https://paper.example/2026/03/harvest/"


def page(*metas: tuple[str, str], free: bool | None = None) -> PageFacts:
    return PageFacts(LINK, metas=metas, free=free)


@pytest.mark.parametrize(
    ("rules", "categories", "facts", "verdict"),
    [
        (PremiumRules(), ("World", "Premium"), None, Verdict(True, "category Premium")),
        (PremiumRules(), ("PREMIUM",), page(free=True), Verdict(True, "category PREMIUM")),
        (PremiumRules(("Members’ only",)), ("members' Only",), None, Verdict(True, "category members' Only")),
        (
            PremiumRules(),
            ("Premium cars",),
            None,
            Verdict(False, "nothing in the feed says premium; the page was not read"),
        ),
        (PremiumRules(), (), page(), Verdict(False, "neither the feed nor the page says premium")),
        (PremiumRules(), (), page(free=False), Verdict(True, "the page says isAccessibleForFree: false")),
        (PremiumRules(), (), page(free=True), Verdict(False, "the page says isAccessibleForFree: true")),
        (
            PremiumRules(json_ld=False),
            (),
            page(free=False),
            Verdict(False, "neither the feed nor the page says premium"),
        ),
        (
            PremiumRules(),
            (),
            page(("article:content_tier", "Locked"), free=True),
            Verdict(True, "the page says article:content_tier: Locked"),
        ),
        (
            PremiumRules(),
            (),
            page(("article:content_tier", "metered")),
            Verdict(False, "the page says article:content_tier: metered"),
        ),
        (
            PremiumRules(),
            (),
            page(("article:content_tier", "metered"), free=False),
            Verdict(True, "the page says isAccessibleForFree: false"),
        ),
        (
            PremiumRules(meta=(("Access", ("members", "plus")),)),
            (),
            page(("access", "free"), ("access", "PLUS")),
            Verdict(True, "the page says Access: PLUS"),
        ),
        (
            PremiumRules(meta=()),
            (),
            page(("article:content_tier", "locked")),
            Verdict(False, "neither the feed nor the page says premium"),
        ),
    ],
)
def test_one_rule_that_holds_is_enough_and_the_reason_names_it(
    rules: PremiumRules, categories: Iterable[str], facts: PageFacts | None, verdict: Verdict
) -> None:
    assert decide(rules, categories=categories, links=(LINK,), page=facts) == verdict


@pytest.mark.parametrize(
    ("pattern", "link"),
    [
        ("https://paper.example/plus/*", "https://paper.example/plus/a-story/"),
        ("https://paper.example/plus/*", "http://www.paper.example/Plus/a-story/?utm_source=rss"),
        ("paper.example/plus/*", "https://paper.example/plus/"),
        ("*/plus/*", "https://news.paper.example/world/plus/a"),
        ("https://*.paper.example/*-plus", "https://news.paper.example/a-plus/b-plus"),
        ("https://paper.example/?p=4*", "https://paper.example/?p=4211"),
        ("https://paper.example/a", "https://paper.example/a"),
        ("*", "https://paper.example/"),
        ("*aa*aa*", "https://aaaa"),
    ],
)
def test_an_address_that_is_like_a_pattern_is_premium(pattern: str, link: str) -> None:
    verdict = decide(PremiumRules(urls=("https://other.example/*", pattern)), links=(link,))
    assert verdict == Verdict(True, f"its address is like {pattern}")


@pytest.mark.parametrize(
    ("pattern", "link"),
    [
        ("https://paper.example/plus/*", "https://paper.example/world/plus/a"),
        ("https://paper.example/plus/*", "https://paper.example.evil.example/plus/a"),
        ("https://paper.example/plus/", "https://paper.example/plus/a"),
        ("https://paper.example/?p=*", "https://paper.example/xp=1"),
        ("https://paper.example/[ab]/*", "https://paper.example/a/x"),
        ("*aa*aa", "https://aaa"),
        ("*/a*/a", "https://x/a"),
        ("", "https://paper.example/"),
    ],
)
def test_an_address_that_only_looks_like_a_pattern_is_not(pattern: str, link: str) -> None:
    assert not decide(PremiumRules(urls=(pattern,)), links=(link,)).premium


@given(st.lists(st.text("ab/", max_size=4), min_size=1, max_size=6), st.lists(st.text("ab/", max_size=4), max_size=5))
def test_whatever_the_stars_stand_for_is_covered(parts: list[str], between: list[str]) -> None:
    filled = [*between, *[""] * len(parts)]
    link = parts[0] + "".join(star + part for star, part in zip(filled, parts[1:], strict=False))
    assert decide(PremiumRules(urls=("https://x/" + "*".join(parts),)), links=("https://x/" + link,)).premium


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    rules = PremiumRules(urls=("*a" * 250 + "b",))
    assert not decide(rules, links=("https://" + "a" * 2000,)).premium


def test_site_file_adds_to_premium_categories() -> None:
    file = Premium(categories=("Plus", "Premium"), urls=("https://paper.example/plus/*",), json_ld=False)
    assert PremiumRules.of(("Premium", "Members"), file) == PremiumRules(
        categories=("Premium", "Members", "Plus"), urls=("https://paper.example/plus/*",), meta=LOCKED, json_ld=False
    )


def test_a_meta_tag_of_the_file_goes_beside_the_known_one_or_takes_its_rule_away() -> None:
    beside = PremiumRules.of((), Premium(meta={"access": ("plus",)}))
    assert dict(beside.meta) == {"article:content_tier": ("locked",), "access": ("plus",)}
    instead = PremiumRules.of((), Premium(meta={"article:content_tier": ("locked", "metered")}))
    assert dict(instead.meta) == {"article:content_tier": ("locked", "metered")}
    assert PremiumRules.of((), Premium(meta={"article:content_tier": ()})).meta == ()


def test_rules_travel_to_another_process() -> None:
    rules = PremiumRules(urls=("https://paper.example/plus/*",))
    assert pickle.loads(pickle.dumps(rules)) == rules  # noqa: S301 - our own bytes
