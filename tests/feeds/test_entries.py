"""What is read of single entries; the forms of whole feeds are in test_parsing.py."""

from datetime import timedelta

import pytest

from bot.feeds.parsing import read_feed
from bot.feeds.premium import PremiumRules
from bot.model import Article, Body, FeedContents, Link

BASE = "https://x.example"
NAMESPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom"'
)
RULES = PremiumRules(urls=(f"{BASE}/plus/*",))


def read(*fields: str, before: str = "", at: str = "/a/", title: str = "Rain") -> FeedContents:
    item = f"<item><title>{title}</title><link>{BASE}{at}</link>{''.join(fields)}</item>"
    body = f'<rss version="2.0" {NAMESPACES}><channel><title>The Paper</title>{before}{item}</channel></rss>'
    return read_feed(body.encode(), url=f"{BASE}/feed/", content_type=None, rules=RULES)


def the_article(*fields: str, at: str = "/a/", title: str = "Rain") -> Article:
    (article,) = read(*fields, at=at, title=title).articles
    return article


def summary(markup: str) -> str:
    return f"<description><![CDATA[{markup}]]></description>"


def content(markup: str) -> str:
    return f"<content:encoded><![CDATA[{markup}]]></content:encoded>"


SUN = '<p>ALSO READ: <a href="/sun/">Sun tomorrow</a></p>'
FOG = '<p>ALSO READ: <a href="https://y.example/fog/">Fog</a></p>'
BODY = "<p>By Jane Doe</p><p>It rained all day.</p>" + SUN + "<p>Then it stopped.</p>"


def test_of_a_free_article_without_a_summary_the_first_sentences_are_the_teaser() -> None:
    article = the_article(content(BODY))
    assert (article.teaser, article.teaser_from_content) == ("It rained all day. Then it stopped.", True)
    assert article.also_read == (Link("Sun tomorrow", f"{BASE}/sun/"),)


def test_of_a_premium_article_nothing_is_taken_from_the_content_not_even_links() -> None:
    article = the_article(content(BODY), at="/plus/a/")
    assert article.premium
    assert (article.teaser, article.teaser_from_content, article.also_read, article.byline) == ("", False, (), None)
    article = the_article(summary("Wet." + FOG), content(BODY), at="/plus/a/")
    assert (article.teaser, article.also_read) == ("Wet.", (Link("Fog", "https://y.example/fog/"),))


def test_the_content_is_the_body_without_byline_and_ways_elsewhere_and_is_never_printed() -> None:
    for at in ("/a/", "/plus/a/"):
        article = the_article(content(BODY), at=at)
        assert article.body == Body("It rained all day.\nThen it stopped.")
        assert "stopped" not in str(article.body) + f"{article.body}"
    assert the_article(summary("<p>Rain.</p>")).body == Body()


def test_a_summary_goes_before_the_content_and_its_links_before_those_of_the_content() -> None:
    article = the_article(summary("<p>Wet.</p>" + FOG), content(BODY + FOG))
    assert (article.teaser, article.teaser_from_content) == ("Wet.", False)
    assert [link.title for link in article.also_read] == ["Fog", "Sun tomorrow"]


@pytest.mark.parametrize("nothing", ["", "<p></p>", "[&#8230;]", "Rain", "<p>ALSO READ: Sun tomorrow</p>"])
def test_a_summary_that_says_nothing_is_none(nothing: str) -> None:
    assert the_article(summary(nothing), content(BODY)).teaser_from_content
    assert the_article(summary(nothing), content(BODY), at="/plus/a/").teaser == ""


@pytest.mark.parametrize("nothing", ["", "<p></p>", "<img src='x'>", "Rain"])
def test_a_content_that_says_nothing_is_no_teaser(nothing: str) -> None:
    article = the_article(content(nothing))
    assert (article.teaser, article.teaser_from_content) == ("", False)


def test_an_element_that_looks_like_the_mark_of_a_summary_makes_none_of_the_content() -> None:
    article = the_article(content(BODY), "<summary_detail>x</summary_detail>", at="/plus/a/")
    assert article.teaser == ""


def test_a_note_without_a_headline_takes_none_from_its_content() -> None:
    contents = read(content(BODY), title="")
    assert contents.articles == ()
    assert len(contents.skipped) == 1


@pytest.mark.parametrize(
    ("author", "first_line", "byline", "teaser"),
    [
        ("", "By Editorial staff / Journalist", "Editorial staff", "It rained."),
        ("Jane Doe / Reporter", "", "Jane Doe", "It rained."),
        ("admin", "By Jane Doe", "Jane Doe", "It rained."),
        ("", "By the way", None, "By the way It rained."),
    ],
)
def test_a_byline_is_found_in_the_authors_field_or_on_the_first_line(
    author: str, first_line: str, byline: str | None, teaser: str
) -> None:
    article = the_article(f"<author>{author}</author>", summary(f"<p>{first_line}</p><p>It rained.</p>"))
    assert (article.byline, article.teaser) == (byline, teaser)


@pytest.mark.parametrize(
    ("fields", "image"),
    [
        ('<media:content url="/a.jpg" width="100"/><media:content url="/b" medium="image" width="460"/>', "/b"),
        ('<media:content url="/a.mp4" medium="video"/><media:thumbnail url="/b.jpg"/>', "/b.jpg"),
        ('<media:group><media:content url="/a.webp?w=1"/></media:group>', "/a.webp?w=1"),
        ('<media:content url="/player"/><enclosure url="/a.png" type="image/png" length="1"/>', "/a.png"),
        ('<enclosure url="/a.mp3" type="audio/mpeg"/><enclosure url="/a.JPG"/>', "/a.JPG"),
        ('<media:content url="data:image/png;base64,x" medium="image"/><media:thumbnail url="//["/>', None),
        ('<media:content medium="image"/><media:thumbnail/><enclosure/>', None),
        ("", None),
    ],
)  # fmt: skip
def test_the_picture_is_the_widest_there_is(fields: str, image: str | None) -> None:
    assert the_article(fields).image == (f"{BASE}{image}" if image else None)


@pytest.mark.parametrize(
    ("hints", "every"),
    [
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", timedelta(minutes=15)),
        ("<sy:updatePeriod> Daily </sy:updatePeriod><ttl>5</ttl>", timedelta(days=1)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(hours=1)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>999</sy:updateFrequency>", timedelta(minutes=1)),
        ("<ttl>15</ttl>", timedelta(minutes=15)),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>99999999999999999999</ttl>", None),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", None),
        ("", None),
    ],
)  # fmt: skip
def test_how_often_a_feed_says_that_it_changes(hints: str, every: timedelta | None) -> None:
    assert read(before=hints).every == every


@pytest.mark.parametrize(
    ("links", "hub", "self_url"),
    [
        ('<atom:link rel="hub" href="/hub"/><atom:link rel="self" href="/feed/2"/>', f"{BASE}/hub", f"{BASE}/feed/2"),
        ('<atom:link rel="hub" href="tel:1"/><atom:link rel="hub" href="http://h.example"/>', "http://h.example", None),
        ('<atom:link rel="hub"/><atom:link rel="self" href="//["/>', None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_where_a_feed_can_be_subscribed_to(links: str, hub: str | None, self_url: str | None) -> None:
    contents = read(before=links)
    assert (contents.hub, contents.self_url) == (hub, self_url)


@pytest.mark.parametrize(
    ("element", "guid"),
    [
        ("<guid>772</guid>", "772"),
        ('<guid isPermaLink="false"> a  b </guid>', "a b"),
        ("<guid>https://x.example/?p=1</guid>", "https://x.example/?p=1"),
        (f"<guid>{'x' * 2001}</guid>", None),
        ("<guid/>", None),
        ("", None),
    ],
)
def test_a_guid_is_what_the_feed_says_and_no_address_unless_it_is_one(element: str, guid: str | None) -> None:
    article = the_article(element)
    assert (article.guid, article.link) == (guid, f"{BASE}/a/")


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ("<link>/b/</link>", f"{BASE}/b/"),
        ("<link>b?c=d e&amp;f=g</link>", f"{BASE}/feed/b?c=d%20e&f=g"),
        ("<guid>https://x.example/b/</guid>", f"{BASE}/b/"),
        ("<link>tag:b</link><guid>https://x.example/b/</guid>", f"{BASE}/b/"),
        ('<atom:link href="/b/"/>', f"{BASE}/b/"),
        ("<guid>772</guid>", None),
        ("<link/><guid>772</guid>", None),
        ("", None),
    ],
)
def test_the_link_is_an_address_of_the_web_or_there_is_no_article(fields: str, link: str | None) -> None:
    body = f'<rss version="2.0" {NAMESPACES}><channel><item><title>Rain</title>{fields}</item></channel></rss>'
    contents = read_feed(body.encode(), url=f"{BASE}/feed/", content_type=None, rules=RULES)
    assert [article.link for article in contents.articles] == ([link] if link else [])
