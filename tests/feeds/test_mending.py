import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.mending import mended, reduced, shortened
from bot.feeds.parsing import read_feed
from bot.feeds.premium import PremiumRules
from bot.model import FeedContents


def read(*items: str, before: str = "") -> FeedContents:
    body = f'<rss version="2.0"><channel><title>T</title>{before}{"".join(items)}</channel></rss>'
    return read_feed(body.encode(), url="https://x.example/feed/", content_type=None, rules=PremiumRules())


ITEM = "<item><title>Rain</title><link>https://x.example/a</link><description>It rained.</description>{}</item>"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (b"&#55357;&#56832;", "😀"),
        (b"&#xD83D;&#xde00;", "😀"),
        (b"&#xD83D;", "\ufffd"),
        (b"&#x0110000;", "\ufffd"),
        (b"&#99999999999999999999;", "\ufffd"),
        (b"&#128512;", "&#128512;"),
        (b"&#x1F600;", "&#x1F600;"),
        (b"&#1114111;", "\U0010ffff"),
        (b"&#55000;", chr(55000)),
        (b"&#xD83D", "&#xD83D"),
    ],
)
def test_references_name_characters_that_exist(written: bytes, read_as: str) -> None:
    text = re.sub(r"&#([0-9]+);", lambda found: chr(int(found[1])), mended(written).decode())
    assert text == re.sub(r"&#([0-9]+);", lambda found: chr(int(found[1])), read_as)


@given(st.text(alphabet="&#xX;0159dDeE<>") | st.text())
def test_what_is_mended_needs_no_more_mending(text: str) -> None:
    once = mended(text.encode(errors="replace"))
    assert mended(once) == once


@pytest.mark.parametrize("title", ["&#xD83D;&#xDE00;", "&#55357;&#56832;", "<![CDATA[&#55357;&#56832;]]>", "&#x1F600;"])
def test_an_emoji_in_halves_is_one_and_breaks_nothing(title: str) -> None:
    (article,) = read(f"<item><title>{title} & more</title><link>https://x.example/</link></item>").articles
    assert article.headline == "😀 & more"


@pytest.mark.parametrize(
    "stray",
    [
        "<width/></image>",
        '<gml:posList xmlns:gml="http://www.opengis.net/gml">1</gml:posList>',
        '<psc:chapter xmlns:psc="http://podlove.org/simple-chapters"/>',
    ],
)
def test_an_element_that_breaks_the_parser_costs_no_article(stray: str) -> None:
    for contents in (read(ITEM.format(stray)), read(ITEM.format(""), before=stray)):
        (article,) = contents.articles
        assert (article.headline, article.teaser) == ("Rain", "It rained.")


@pytest.mark.parametrize(
    "name",
    ["title_detail", "links", "authors", "media_content", "published_parsed", "content"],
)
def test_an_element_with_the_name_of_something_else_changes_nothing(name: str) -> None:
    stray = f"<{name}>stray</{name}>"
    for contents in (read(ITEM.format(stray)), read(ITEM.format(""), before=stray)):
        (article,) = contents.articles
        assert (article.headline, article.teaser, article.tags) == ("Rain", "It rained.", ())


def test_reduced_a_feed_keeps_what_is_read_and_the_markup_in_it() -> None:
    kept = b"<item><media:content url='x'/><dc:Creator>x</dc:Creator><![CDATA[<video>]]><p>x</p><!-- x --></item>"
    assert reduced(kept) == kept
    assert reduced(b"<gml:Where a='b'/><where></where><x></x>") == b"<unread a='b'/><unread></unread><unread></unread>"


def test_a_feed_is_shortened_to_its_first_entries_and_stays_whole() -> None:
    items = [f"<item><title>{n}</title></item>" for n in range(4)]
    body = f"<rss><channel>{''.join(items)}<ttl>5</ttl></channel></rss>".encode()
    assert shortened(body, 4) == body
    assert shortened(body, 2) == f"<rss><channel>{items[0]}{items[1]}<ttl>5</ttl></channel></rss>".encode()


def test_of_very_many_entries_the_newest_are_read_and_the_rest_is_told_of() -> None:
    contents = read(*(f"<item><title>{n}</title><link>https://x.example/{n}</link></item>" for n in range(600)))
    assert [article.headline for article in contents.articles] == [str(n) for n in range(500)]
    assert contents.is_whole
    assert contents.skipped == ("“500” and all after it: no more than 500 are read",)
