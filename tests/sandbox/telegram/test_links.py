"""Which links Telegram takes, and how it keeps them."""

import pytest

from bot.sandbox.telegram.links import WrongLink, check_link, linked_user


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a.example", "http://a.example/"),
        ("HTTPS://A.Example?b#c", "https://a.example/?b#c"),
        ("http://a.example:0080/ b \n", "http://a.example:80/%20b"),
        ("http://Me:Pw@a.example/", "http://Me:Pw@a.example/"),
        ("http://ж.example/ж", "http://ж.example/ж"),
        ("http://a%2eb.example/", "http://a%2eb.example/"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("tg:resolve?domain=x", "tg://resolve?domain=x"),
        ("tg://resolve/?domain=x", "tg://resolve?domain=x"),
        ("ton://x", "ton://x/"),
        ("tonsite://a.ton/b", "tonsite://a.ton/b"),
    ],
)
def test_a_link_is_kept_in_one_form(text: str, kept: str) -> None:
    assert check_link(text) == kept
    assert check_link(kept) == kept


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "URL host is empty"),
        (".", "Host is invalid"),
        ("localhost", "Wrong HTTP URL"),
        ("javascript:alert(1)", "Wrong port number specified in the URL"),
        ("ftp://a.example", "Unsupported URL protocol"),
        ("http://a.example:0/", "Wrong port number specified in the URL"),
        ("http://a.example:65536/", "Wrong port number specified in the URL"),
        ("http://a b.example/", "Disallowed character in URL host"),
        ("http://a%zz.example/", "Wrong percent-encoded symbol in URL host"),
        ("http://<x>@a.example/", "Disallowed character in URL userinfo"),
        ("http://[::1/", "Disallowed character in URL host"),
        ("http://[::x]/", "Wrong IPv6 address specified in the URL"),
        ("http://[fe80::1%25eth0]/", "Wrong IPv6 address specified in the URL"),
        ("tg://me@resolve", "Wrong tg URL"),
        ("ton://x:80", "Wrong ton URL"),
        ("tg://a.b", "Unallowed characters in URL host"),
    ],
)
def test_any_other_is_refused(text: str, reason: str) -> None:
    with pytest.raises(WrongLink, match=reason):
        check_link(text)


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("tg://user?id=5", 5),
        ("TG:user?a=b&id=5#c", 5),
        ("tg://user?id=0", None),
        ("tg://user?id=x", None),
        ("http://user?id=5", None),
    ],
)
def test_a_link_may_point_to_a_user(text: str, user: int | None) -> None:
    assert linked_user(text) == user
