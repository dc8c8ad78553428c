from dataclasses import replace

import pytest

from bot.feeds.completing import complete
from bot.feeds.entries import MAX_TAGS
from bot.feeds.page_facts import PageFacts
from bot.feeds.premium import PremiumRules, Verdict
from bot.model import Article, Link

LINK = "https://paper.example/2026/03/harvest/"
RULES = PremiumRules()
BARE = Article(
    keys=("link:paper.example/2026/03/harvest",),
    link=LINK,
    headline="North Korea publishes harvest figures",
    teaser="",
    tags=("North Korea",),
    premium=False,
    byline=None,
    published_at=None,
)
PAGE = PageFacts(
    LINK,
    tags=("Agriculture", "north korea", "PREMIUM"),
    free=True,
    byline="Mira Okafor",
    image="https://paper.example/harvest.jpg",
    standfirst="The first in four years.",
)


def test_what_the_feed_lacks_is_filled() -> None:
    completed, verdict = complete(BARE, replace(PAGE, tags=("Agriculture", "north korea")), RULES)
    assert completed == replace(
        BARE,
        tags=("North Korea", "Agriculture"),
        byline="Mira Okafor",
        image="https://paper.example/harvest.jpg",
        teaser="The first in four years.",
    )
    assert verdict == Verdict(False, "the page says isAccessibleForFree: true")


def test_what_the_feed_says_stays() -> None:
    told = replace(BARE, teaser="From the feed.", byline="Jan Brandt", image="https://paper.example/a.jpg")
    completed, _ = complete(told, PAGE, PremiumRules(categories=()))
    assert completed == replace(told, tags=("North Korea", "Agriculture", "PREMIUM"))


def test_a_category_of_the_page_is_premium_and_no_topic() -> None:
    completed, verdict = complete(BARE, PAGE, RULES)
    assert (completed.premium, completed.tags) == (True, ("North Korea", "Agriculture"))
    assert verdict == Verdict(True, "category PREMIUM")


@pytest.mark.parametrize(
    ("feed", "page", "premium"), [(True, True, True), (True, None, True), (False, False, True), (False, True, False)]
)
def test_where_either_says_premium_it_is(feed: bool, page: bool | None, premium: bool) -> None:
    completed, verdict = complete(replace(BARE, premium=feed), PageFacts(LINK, free=page), RULES)
    assert completed.premium is verdict.premium is premium


def test_the_reason_names_what_the_feed_says_and_what_the_page_says() -> None:
    rules = PremiumRules(categories=("Premium", "Plus"), urls=("https://plus.example/*",))
    told = replace(BARE, premium=True)
    assert complete(told, None, rules)[1] == Verdict(True, "the feed says category Premium or Plus")
    assert complete(told, replace(PAGE, tags=()), rules)[1] == Verdict(
        True, "the feed says category Premium or Plus; the page says isAccessibleForFree: true"
    )
    by_address = replace(told, link="https://plus.example/harvest/")
    assert complete(by_address, PAGE, rules)[1].reason == "category PREMIUM"
    assert complete(by_address, None, rules)[1].reason == "its address is like https://plus.example/*"


def test_without_a_page_the_rules_still_hold() -> None:
    completed, verdict = complete(BARE, None, PremiumRules(urls=("https://paper.example/2026/*",)))
    assert completed == replace(BARE, premium=True)
    assert verdict.reason == "its address is like https://paper.example/2026/*"
    assert complete(BARE, None, RULES)[0] == BARE


def test_the_address_behind_a_redirect_counts_too() -> None:
    rules = PremiumRules(urls=("https://paper.example/plus/*",))
    assert complete(BARE, replace(PAGE, url="https://paper.example/plus/harvest/"), rules)[0].premium


def test_the_beginning_of_an_article_that_turns_out_to_be_premium_goes() -> None:
    begun = replace(
        BARE,
        teaser="The harvest was good, say those who brought it in.",
        teaser_from_content=True,
        also_read=(Link("The ice road", "https://paper.example/ice/"),),
    )
    locked = PageFacts(LINK, free=False)
    completed, _ = complete(begun, locked, RULES)
    assert completed == replace(BARE, premium=True)
    completed, _ = complete(begun, replace(locked, standfirst="The first in four years."), RULES)
    assert completed == replace(BARE, premium=True, teaser="The first in four years.")
    completed, _ = complete(begun, None, PremiumRules(urls=("*",)))
    assert completed == replace(BARE, premium=True)


def test_a_summary_from_the_feed_stays_when_its_article_turns_out_to_be_premium() -> None:
    summed_up = replace(BARE, teaser="From the feed.")
    completed, _ = complete(summed_up, PageFacts(LINK, free=False, standfirst="The page's."), RULES)
    assert completed == replace(summed_up, premium=True)


def test_the_standfirst_goes_before_a_free_articles_first_sentences() -> None:
    begun = replace(BARE, teaser="The harvest was good.", teaser_from_content=True)
    completed, _ = complete(begun, PAGE, PremiumRules(()))
    assert (completed.teaser, completed.teaser_from_content) == ("The first in four years.", False)
    completed, _ = complete(begun, PageFacts(LINK), RULES)
    assert completed == begun


@pytest.mark.parametrize(
    ("standfirst", "teaser"),
    [
        ("north korea publishes Harvest figures!", ""),
        ("The first in four years […]", "The first in four years…"),
        ("One & <two>", "One & <two>"),
        ("word " * 200, " ".join(["word"] * 60) + "…"),
    ],
)
def test_the_standfirst_is_cleaned_and_cut_as_a_teaser(standfirst: str, teaser: str) -> None:
    assert complete(BARE, replace(PAGE, standfirst=standfirst), RULES)[0].teaser == teaser


def test_tags_are_no_more_than_of_a_feed() -> None:
    page = replace(PAGE, tags=tuple(f"Tag {number}" for number in range(MAX_TAGS)))
    tags = complete(BARE, page, RULES)[0].tags
    assert (len(tags), tags[0]) == (MAX_TAGS, "North Korea")


def test_what_an_article_begins_with_stays_back_where_its_page_was_not_read() -> None:
    told = replace(BARE, teaser="Its own first words.", teaser_from_content=True, also_read=(Link("More", LINK),))
    completed, _ = complete(told, None, RULES)
    assert (completed.teaser, completed.also_read, completed.premium) == ("", (), False)
    summed = replace(told, teaser_from_content=False)
    assert complete(summed, None, RULES)[0] == summed
