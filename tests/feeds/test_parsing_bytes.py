"""Bytes of every kind: bombs, what is no feed, encodings, noise."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotAFeed
from bot.feeds.parsing import read_feed
from bot.feeds.premium import PremiumRules
from bot.model import FeedContents

URL = "https://harbour.example/feed/"


def read(body: bytes | str, content_type: str | None = None) -> FeedContents:
    raw = body.encode() if isinstance(body, str) else body
    return read_feed(raw, url=URL, content_type=content_type, rules=PremiumRules())


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'


XML_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise("abcdefghijk"))
    + "]>"
    + rss("<item><title>&k;</title><link>https://x.example/</link></item>")
)


def test_an_xml_bomb_does_not_go_off() -> None:
    try:
        contents = read(XML_BOMB)
    except NotAFeed:
        return
    assert len(str(contents)) < 1000


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the disk")
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    contents = read(head + rss("<item><title>A &x;</title><link>https://x.example/</link></item>"))
    assert "disk" not in str(contents)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "it is a web page"),
        (b"<html><head/></html>", "it is a web page"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON, not RSS or Atom"),
        (bytes(range(256)) * 10, "neither RSS nor Atom"),
        (b"/etc/passwd", "neither RSS nor Atom"),
        (b"http://127.0.0.1:1/", "neither RSS nor Atom"),
    ],
)
def test_what_is_no_feed_is_said_to_be_none(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeed, match=reason) as caught:
        read(body)
    assert URL in str(caught.value)


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "UTF-8", None),
        ("windows-1251", "windows-1251", "application/rss+xml"),
        ("windows-1251", "UTF-8", "application/rss+xml; charset=windows-1251"),
        ("utf-8", "windows-1251", "application/rss+xml; charset=utf-8"),
        ("utf-16", "UTF-16", None),
        ("utf-8", "no-such-encoding", None),
    ],
)
def test_encodings_right_and_wrong(encoding: str, declared: str, content_type: str | None) -> None:
    xml = f'<?xml version="1.0" encoding="{declared}"?>' + rss(
        "<item><title>Владимир Путин</title><link>https://x.example/</link><description>Да.</description></item>"
    )
    (article,) = read(xml.encode(encoding), content_type).articles
    assert (article.headline, article.teaser) == ("Владимир Путин", "Да.")


@pytest.mark.parametrize("content_type", [None, "application/xml", "text/xml", "text/html", "application/octet-stream"])
def test_without_a_declaration_the_encoding_is_utf_8(content_type: str | None) -> None:
    item = "<item><title>Владимир &#x1F600;</title><link>https://x.example/</link></item>"
    (article,) = read(rss(item), content_type).articles
    assert article.headline == "Владимир 😀"


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "<rss><channel><item><title>", "<feed><entry>", '<?xml version="1.0"?>']),
)
def test_any_bytes_are_a_feed_or_not_and_nothing_else_happens(noise: bytes, start: str) -> None:
    try:
        contents = read(start.encode() + noise)
    except NotAFeed:
        return
    for article in contents.articles:
        assert article.keys
        assert str(article).encode()  # nothing that no database takes
        assert "\x00" not in str(article)
