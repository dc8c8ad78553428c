"""The sample site, over HTTP."""

import json
import re
from calendar import timegm
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import aiohttp
import feedparser
import pytest

from bot.sandbox.site import Article, Site, Story, load_stories
from bot.sandbox.site.articles import read_story
from bot.topics.deep_links import payload

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = Story(
    name="99-hostile",
    headline='Cats & dogs <script>alert("1")</script>',
    byline="O'Neil <b>",
    section="World",
    tags=("R&D", "]]> & more"),
    premium=False,
    teaser='Less < more & "quotes" ]]> here',
    paragraphs=("One </p> paragraph ]]> of text.",),
)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site() as site:
        yield site


@pytest.fixture
async def http(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(site.url) as session:
        yield session


async def text(http: aiohttp.ClientSession, path: str, status: int = 200) -> str:
    async with http.get(path) as answer:
        assert answer.status == status
        return await answer.text()


def publish(site: Site, *, premium: bool) -> Article:
    """Publish until an article of this kind is out."""
    while article := site.publish_next():
        if article.story.premium is premium:
            return article
    raise AssertionError("no such article is left")


def test_the_newsroom_has_written_enough() -> None:
    stories = load_stories()
    assert len(stories) >= 30
    premium = [story for story in stories if story.premium]
    assert abs(len(premium) * 2 - len(stories)) <= 4
    assert len({story.headline for story in stories}) == len(stories)
    for story in stories:
        assert 3 <= len(story.paragraphs) <= 6, story.name
        assert 2 >= len(story.categories) >= 1
        assert story.tags, story.name
        assert len(story.teaser) <= 200, story.name
    first = {tag for story in stories[10:14] for tag in story.tags}
    assert {"North Korea", "Kim Jong-Un", "Vladimir Putin", "Springboks"} <= first
    assert {story.premium for story in stories[10:14]} == {True, False}
    assert any(paragraph.startswith("ALSO READ: ") for story in stories for paragraph in story.paragraphs)


def test_a_story_that_lacks_something_is_named() -> None:
    with pytest.raises(ValueError, match="07-x: Byline, Teaser is missing"):
        read_story("07-x", "Headline: A\nSection: B\nTags: C\nPremium: no\n\nText.")
    with pytest.raises(ValueError, match="08-y: the text is missing"):
        read_story("08-y", "Headline: A\nByline: B\nSection: B\nTags: C\nPremium: no\nTeaser: D")


async def test_the_feed_is_as_wordpress_makes_it(site: Site, http: aiohttp.ClientSession) -> None:
    article = publish(site, premium=True)
    feed = feedparser.parse(await text(http, "/feed/"))
    assert not feed.bozo
    assert (feed.version, feed.feed.title, feed.feed.sy_updateperiod) == ("rss20", site.name, "hourly")
    assert {"rel": "self", "href": f"{site.url}/feed/"}.items() <= feed.feed.links[0].items()
    assert len(feed.entries) == 10
    entry = feed.entries[0]
    assert (entry.title, entry.link, entry.author) == (
        article.story.headline,
        site.url + article.path,
        article.story.byline,
    )
    assert (entry.id, entry.guidislink) == (f"{site.url}/?p={article.id}", False)
    assert [tag.term for tag in entry.tags] == [article.story.section, "Premium", *article.story.tags]
    assert "[…]" in entry.summary
    assert f'appeared first on <a href="{site.url}/">{site.name}</a>.</p>' in entry.summary
    assert all(unescape(paragraph) in unescape(entry.content[0].value) for paragraph in article.story.paragraphs)
    assert timegm(entry.published_parsed) == article.published_at.timestamp()


async def test_the_feed_has_pages_and_an_end(http: aiohttp.ClientSession) -> None:
    assert len(feedparser.parse(await text(http, "/feed/?paged=1")).entries) == 10
    await text(http, "/feed/?paged=2", 404)
    await text(http, "/feed/?paged=-1")
    await text(http, f"/feed/?paged={'9' * 5000}", 404)


async def test_older_articles_move_to_the_next_page(site: Site, http: aiohttp.ClientSession) -> None:
    while site.publish_next():
        pass
    assert site.waiting == 0
    pages = [feedparser.parse(await text(http, f"/feed/?paged={number}")).entries for number in range(1, 5)]
    assert [len(entries) for entries in pages] == [10, 10, 10, len(load_stories()) - 30]
    assert len({entry.id for entries in pages for entry in entries}) == len(load_stories())


async def test_who_has_the_feed_already_gets_no_second_copy(site: Site, http: aiohttp.ClientSession) -> None:
    async with http.get("/feed/") as answer:
        etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    for headers in ({"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": modified}):
        async with http.get("/feed/", headers=headers) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
            assert answer.headers["ETag"] == etag
    site.publish_next()
    async with http.get("/feed/", headers={"If-None-Match": etag, "If-Modified-Since": modified}) as answer:
        assert answer.status == 200
        assert answer.headers["ETag"] != etag


async def test_publication_is_dated_now() -> None:
    moments = iter([START, START + timedelta(hours=1)])
    site = Site(clock=lambda: next(moments))
    assert all(article.published_at < START for article in site.articles)
    article = site.publish_next()
    assert article is not None
    assert article.published_at == START + timedelta(hours=1)
    assert site.articles[0] == article


async def test_a_free_article_is_open(site: Site, http: aiohttp.ClientSession) -> None:
    article = publish(site, premium=False)
    page = unescape(await text(http, article.path))
    assert all(paragraph in page for paragraph in article.story.paragraphs)
    assert "paywall" not in page
    assert linked_data(page)["isAccessibleForFree"] is True
    assert '<meta property="article:content_tier" content="free" />' in page


async def test_of_a_premium_article_only_the_beginning_leaves(site: Site, http: aiohttp.ClientSession) -> None:
    article = publish(site, premium=True)
    story, page = article.story, unescape(await text(http, article.path))
    for shown in (story.headline, story.byline, story.teaser, "Subscribe", "Already a member?", "Read more on these"):
        assert shown in page
    hidden = " ".join(story.paragraphs).removeprefix(story.first_lines).split()
    for start in range(0, len(hidden) - 6, 3):
        assert " ".join(hidden[start : start + 6]) not in page
    about = linked_data(page)
    assert about["isAccessibleForFree"] is False
    assert about["hasPart"]["isAccessibleForFree"] is False
    assert (about["keywords"], about["author"][0]["name"]) == (list(story.tags), story.byline)
    assert '<meta property="article:content_tier" content="locked" />' in page
    assert re.findall(r'property="article:tag" content="([^"]+)"', page) == list(story.tags)
    assert f'<meta property="og:title" content="{story.headline}" />' in page


async def test_every_link_of_the_site_leads_somewhere(site: Site, http: aiohttp.ClientSession) -> None:
    seen, waiting = set[str](), {"/", publish(site, premium=True).path}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        waiting |= set(re.findall(r'href="(/[^"]*)"', await text(http, path))) - seen
    assert {"/subscribe/", "/sign-in/", "/tag/north-korea/", "/category/world/"} <= seen
    assert len(seen) > 20


async def test_what_is_not_there_is_missed_politely(site: Site, http: aiohttp.ClientSession) -> None:
    for path in ("/tag/nothing/", "/category/nothing/", "/2026/01/01/nothing/", "/?p=1"):
        assert "Page not found" in await text(http, path, 404)
    guid = f"/?p={site.articles[0].id}"
    assert site.articles[0].story.headline in unescape(await text(http, guid))


async def test_nothing_in_an_article_can_break_its_page_or_the_feed() -> None:
    async with Site([HOSTILE], archive=1) as site, aiohttp.ClientSession(site.url) as http:
        feed = feedparser.parse(await text(http, "/feed/"))
        assert not feed.bozo
        assert unescape(feed.entries[0].title) == HOSTILE.headline
        assert [tag.term for tag in feed.entries[0].tags] == ["World", *HOSTILE.tags]
        assert "]]>" in unescape(feed.entries[0].content[0].value)
        page = await text(http, site.articles[0].path)
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert linked_data(page)["headline"] == HOSTILE.headline
        await text(http, "/tag/r-d/")


def linked_data(page: str) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


async def test_every_article_has_a_picture_of_its_own(site: Site, http: aiohttp.ClientSession) -> None:
    publish(site, premium=True)
    pictures = [await text(http, article.picture) for article in site.articles]
    assert len(set(pictures)) == len(site.articles)
    for article, picture in zip(site.articles, pictures, strict=True):
        assert picture.startswith("<svg ")
        assert article.story.headline not in picture
        assert f'property="og:image" content="{site.url}{article.picture}"' in await text(http, article.path)
    await text(http, "/pictures/1.svg", 404)


async def test_beside_each_topic_is_a_link_to_follow_it(site: Site, http: aiohttp.ClientSession) -> None:
    article = site.articles[0]
    assert "Follow" not in await text(http, article.path)
    site.follow = "https://t.me/bot?start="
    page = await text(http, article.path)
    for tag in article.story.tags:
        assert f'href="https://t.me/bot?start={payload(tag)}"' in page
