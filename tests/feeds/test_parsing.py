import itertools
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.errors import NotAFeed
from bot.feeds.addresses import MAX_ADDRESS
from bot.feeds.entries import MAX_HEADLINE, MAX_TAGS
from bot.feeds.parsing import MAX_ENTRIES, read_feed
from bot.feeds.premium import PremiumRules
from bot.feeds.teaser import MAX_TEASER
from bot.model import Article, Body, FeedContents, Link
from tests.conftest import SHARED_DATA

DATA = Path(__file__).parents[1] / "data"
URL = "https://harbour.example/feed/"

ITEM = "<item><title>A headline</title><link>https://harbour.example/a/</link>{}</item>"


RULES = PremiumRules()
ALL_PREMIUM = PremiumRules(urls=("*",))


def read(body: bytes | str, content_type: str | None = None, rules: PremiumRules = RULES) -> FeedContents:
    raw = body.encode() if isinstance(body, str) else body
    return read_feed(raw, url=URL, content_type=content_type, rules=rules)


def rss(*items: str, namespaces: str = "") -> str:
    return f'<rss version="2.0" {namespaces}><channel><title>T</title>{"".join(items)}</channel></rss>'


def the_article(*fields: str, namespaces: str = "", rules: PremiumRules = RULES) -> Article:
    (article,) = read(rss(ITEM.format("".join(fields)), namespaces=namespaces), rules=rules).articles
    return article


def test_a_feed_of_wordpress() -> None:
    contents = read((DATA / "wordpress.xml").read_bytes(), "application/rss+xml; charset=UTF-8")
    assert contents.title == "The Harbour Post – World"
    assert contents.site == "https://harbour.example/world/"
    assert [bool(article.body.text) for article in contents.articles] == [True, True, True, False]
    assert tuple(replace(article, body=Body()) for article in contents.articles) == (
        Article(
            keys=("link:harbour.example?p=771", "link:harbour.example/2026/03/pilots-and-tugs"),
            link="https://harbour.example/2026/03/pilots-and-tugs/?utm_source=rss",
            headline="Pilots & tugs: who brings the big ships in?",
            teaser="Nobody steers a tanker alone. The harbour’s pilots & their tugs…",
            tags=("World", "North Korea", "Kim Jong-Un", "R&D"),
            premium=True,
            byline="Mira Okafor",
            published_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
            image="https://harbour.example/tug.jpg",
            also_read=(Link("The last lighthouse", "https://harbour.example/x/"),),
            guid="https://harbour.example/?p=771",
        ),
        Article(
            keys=("link:harbour.example/2026/03/swimming",),
            link="https://harbour.example/2026/03/swimming/",
            headline="Free <b>swimming</b> on Sunday",
            teaser="The water is eleven degrees. Bring a towel.",
            tags=("Sport",),
            premium=False,
            byline="Editorial staff",
            published_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
            image="https://harbour.example/quay.png",
            also_read=(Link("Seals: keep your distance", "https://harbour.example/2026/02/seals/"),),
            guid="https://harbour.example/2026/03/swimming/",
        ),
        Article(
            keys=("guid:harbour.example 772", "link:harbour.example/2026/03/no-summary"),
            link="https://harbour.example/2026/03/no-summary/",
            headline="No summary at all",
            teaser="",
            tags=(),
            premium=True,
            byline=None,
            published_at=None,
            guid="772",
        ),
        Article(
            keys=("link:harbour.example/notes/1",),
            link="https://harbour.example/notes/1/",
            headline="A short note without a headline.",
            teaser="",
            tags=(),
            premium=False,
            byline=None,
            published_at=None,
            guid="https://harbour.example/notes/1/",
        ),
    )
    assert contents.every == timedelta(hours=1)
    assert contents.self_url == "https://harbour.example/world/feed/"
    assert contents.hub == "https://hub.harbour.example/"
    assert contents.skipped == (
        "“Neither link nor address”: it has no link, or neither headline nor summary",
        "“https://harbour.example/empty/”: it has no link, or neither headline nor summary",
    )


BODY_ELEMENTS = {
    "content:encoded": 'xmlns:content="http://purl.org/rss/1.0/modules/content/"',
    "c:encoded": 'xmlns:c="http://purl.org/rss/1.0/modules/content/"',
    "atom:content": 'xmlns:atom="http://www.w3.org/2005/Atom"',
    "xhtml:body": 'xmlns:xhtml="http://www.w3.org/1999/xhtml"',
    "fullitem": "",
}
PUBLIC_ELEMENTS = {
    "description": "",
    "media:description": 'xmlns:media="http://search.yahoo.com/mrss/"',
    "category": "",
    "pubDate": "",
}
SECRET = "The hidden words of the article stand here and nowhere else at all"


@pytest.mark.parametrize("body", BODY_ELEMENTS)
@pytest.mark.parametrize("order", list(itertools.permutations(["body", *PUBLIC_ELEMENTS], 3)))
def test_of_an_articles_body_nothing_leaves_in_whatever_order_it_comes(body: str, order: tuple[str, ...]) -> None:
    values = {
        "description": "<description>A public summary.</description>",
        "media:description": "<media:content><media:description>A caption.</media:description></media:content>",
        "category": "<category>Premium</category>",
        "pubDate": "<pubDate>Sun, 01 Mar 2026 08:00:00 +0000</pubDate>",
        "body": f"<{body}><![CDATA[<p>{SECRET}</p>]]></{body}>",
    }
    namespaces = " ".join({BODY_ELEMENTS[body], PUBLIC_ELEMENTS["media:description"]})
    fields = [values[name] for name in order]
    free = the_article(*fields, namespaces=namespaces)
    assert free.premium is ("category" in order)
    article = the_article(*fields, namespaces=namespaces, rules=ALL_PREMIUM)
    assert article.premium
    assert "hidden" not in str(article)
    assert free.premium <= ("hidden" not in str(free))
    if "description" in order and body in {"content:encoded", "c:encoded", "atom:content"}:
        assert article.teaser == "A public summary."


def test_an_atom_entrys_content_does_not_leave() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>A</title><id>tag:x,2026:1</id>'
        '<link href="/a/"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{}</div></content>{}'
        '<category term="k-1" label="Kim Jong-Un"/></entry></feed>'
    )
    (bare,) = read(atom.format(SECRET, ""), rules=ALL_PREMIUM).articles
    assert (bare.teaser, bare.tags, bare.link) == ("", ("Kim Jong-Un",), "https://harbour.example/a/")
    (free,) = read(atom.format(SECRET, "")).articles
    assert (free.teaser, free.teaser_from_content) == (SECRET, True)
    for rules in (ALL_PREMIUM, RULES):
        (summed,) = read(atom.format(SECRET, "<summary>A public summary.</summary>"), rules=rules).articles
        assert (summed.teaser, summed.teaser_from_content) == ("A public summary.", False)


@given(st.lists(st.sampled_from(["<b>", "</b>", "<p>", "]]>", "&amp;", "&#0;", "x", "<title>t</title>"]), max_size=8))
def test_broken_markup_around_a_body_lets_none_of_it_out(noise: list[str]) -> None:
    broken = "".join(noise)
    items = ITEM.format(f"{broken}<content:encoded><![CDATA[<p>{SECRET}</p>]]></content:encoded>{broken}")
    for article in read(rss(items, namespaces=BODY_ELEMENTS["content:encoded"]), rules=ALL_PREMIUM).articles:
        assert "hidden" not in str(article)


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Sun, 01 Mar 2026 11:30:00 +0200", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("2026-03-01T09:30:00Z", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("some day", None),
        ("0000-00-00T00:00:00Z", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_none(date: str, moment: datetime | None) -> None:
    assert the_article(f"<pubDate>{date}</pubDate>").published_at == moment


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("<author>jo@x.example (Jo Doe)</author>", "Jo Doe"),
        ("<author>jo@x.example</author>", None),
        ("<dc:creator>By Jo Doe</dc:creator>", "Jo Doe"),
        ("<dc:creator>Jo &amp;amp; Co</dc:creator>", "Jo & Co"),
        (f"<dc:creator>&lt;a href='{'x' * 400}'&gt;Jo Doe&lt;/a&gt;</dc:creator>", "Jo Doe"),
        ("<dc:creator>Jo Doe &lt;jo@x.example&gt;</dc:creator>", "Jo Doe"),
        ("<dc:creator></dc:creator>", None),
        (f"<dc:creator>{'Jo ' * 100}</dc:creator>", ("Jo " * 33).strip() + "…"),
    ],
)
def test_bylines(author: str, byline: str | None) -> None:
    assert the_article(author, namespaces='xmlns:dc="http://purl.org/dc/elements/1.1/"').byline == byline


def test_what_is_no_topic_is_no_tag() -> None:
    categories = ["http://schemas.example/kind#post", "x" * 101, " ", "🔥", "A <b>tag</b>", *map(str, range(100))]
    tags = the_article(*(f"<category><![CDATA[{name}]]></category>" for name in categories)).tags
    assert tags == ("A tag", *map(str, range(MAX_TAGS - 1)))


def test_a_link_too_long_for_a_button_is_none() -> None:
    item = f"<item><title>A</title><link>https://x.example/{'y' * MAX_ADDRESS}</link></item>"
    contents = read(rss(item))
    assert contents.articles == ()
    assert len(contents.skipped) == 1


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://x.example/", "mailto:a@b.example", "tg://resolve"])
def test_only_web_addresses_are_links(link: str) -> None:
    assert read(rss(f"<item><title>A</title><link>{link}</link></item>")).articles == ()


def test_a_feed_that_breaks_off_keeps_its_last_entry_for_when_it_is_whole() -> None:
    whole = rss(*(f"<item><title>{n}</title><link>https://x.example/{n}</link></item>" for n in "abc"))
    broken = read(whole[: whole.index("https://x.example/c") + 18])
    assert [article.headline for article in broken.articles] == ["a", "b"]
    assert "breaks off" in broken.skipped[0]
    assert len(read(whole).articles) == 3


@pytest.mark.parametrize(
    "feed",
    [
        '<?xml version="1.0"?><!-- <x> --><Channel xmlns="http://purl.org/net/rss1.1#"><title>T</title><items>{}</items>'
        "</Channel>",
        '<!DOCTYPE entry><entry xmlns="http://www.w3.org/2005/Atom"><title>A</title><link href="https://x.example/"/></entry>',
        "<RSS><channel>{}</channel></RSS>",
        "<rss><channel>{}</channel></rss><!-- cached -->",
    ],
)
def test_whatever_its_root_is_called_a_feed_that_ends_with_it_is_whole(feed: str) -> None:
    contents = read(feed.format(ITEM.format("")))
    assert len(contents.articles) == 1
    assert contents.skipped == ()


def test_only_the_newest_of_very_many_are_read() -> None:
    items = (f"<item><title>{n}</title><link>https://x.example/{n}</link></item>" for n in range(MAX_ENTRIES + 5))
    contents = read(rss(*items))
    assert len(contents.articles) == MAX_ENTRIES
    assert contents.articles[0].headline == "0"
    assert str(MAX_ENTRIES) in contents.skipped[0]


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read(rss()) == FeedContents(title="T", site=None, articles=())


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="shared data is not here")
@pytest.mark.parametrize("path", sorted((SHARED_DATA / "feeds").glob("*")), ids=lambda path: path.name)
def test_real_feeds(path: Path) -> None:
    contents = read(path.read_bytes())
    assert contents.title
    assert len(contents.articles) >= 5
    keys = [key for article in contents.articles for key in article.keys]
    assert len(keys) == len(set(keys))
    for article in contents.articles:
        assert article.keys
        assert article.link.startswith(("http://", "https://"))
        assert 0 < len(article.headline) <= MAX_HEADLINE
        assert len(article.teaser) <= MAX_TEASER
        assert not re.search(r"</?(?:p|a|b|div|span)\b|&(?:amp|quot|#\d+);|\[…\]|appeared first on", article.teaser)
        assert all(text.key(tag) for tag in article.tags)
        assert article.published_at is None or article.published_at.tzinfo is UTC


def test_a_web_page_is_refused_without_being_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "feedparser", None)  # an import of it fails
    with pytest.raises(NotAFeed, match="it is a web page"):
        read_feed(b"\xef\xbb\xbf\n<!DOCTYPE html><p>" + b"word " * 100_000, url=URL, content_type=None, rules=RULES)
