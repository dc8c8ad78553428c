import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.addresses import MAX_ADDRESS, absolute

BASE = "https://x.example/a/b"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://y.example/?a=b&c#d", "https://y.example/?a=b&c#d"),
        (" HTTP://y.example\n", "HTTP://y.example"),
        ("//y.example/p.png", "https://y.example/p.png"),
        ("/p.png", "https://x.example/p.png"),
        ("p.png", "https://x.example/a/p.png"),
        (" ", None),
        ("/a b\u200bc\x00", "https://x.example/a%20b%E2%80%8Bc%00"),
        ("https://y.example/é", "https://y.example/é"),
        ("https://y.example:0/", None),
        ("https://y.example:99999/", None),
        ("https://[y/", None),
        ("http:///y", None),
        ("http:", None),
        ("/\udcff", None),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,xx", None),
        ("mailto:a@y.example", None),
        ("/" + "y" * MAX_ADDRESS, None),
    ],
)
def test_only_addresses_of_the_web_are_kept_and_made_absolute(address: str, expected: str | None) -> None:
    assert absolute(address, BASE) == expected


@given(st.text(), st.text())
def test_whatever_is_given_an_address_is_one_or_none(address: str, base: str) -> None:
    url = absolute(address, base)
    assert url is None or (url.isprintable() and " " not in url and url.lower().startswith(("http://", "https://")))
