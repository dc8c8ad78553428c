import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.feeds.hosts import AddressRefused, Hosts, SiteResolver, is_public, web_address

FEEDS = ("https://www.paper.example/feed/", "https://10.1.2.3:8080/feed/", "http://localhost:81/", "http://[::1]:82/")
SITE = Hosts.of(FEEDS, ("amp.cdn.example", "MÜLLER.example"))


@pytest.mark.parametrize(
    "address",
    [
        "https://paper.example/a",
        "http://www.paper.example/a",
        "https://PAPER.example./a",
        "https://world.paper.example:8443/a",
        "https://www.world.paper.example/a",
        "https://amp.cdn.example/a",
        "https://v1.amp.cdn.example/a",
        "https://müller.example/a",
        "https://xn--mller-kva.example/a",
        "https://10.1.2.3:8080/a",
        "http://localhost:81/a",
        "http://[::1]:82/a",
        "http://[0:0:0:0:0:0:0:1]:82/a",
        "https://reader:secret@paper.example/a",
    ],
)
def test_the_hosts_of_the_site_may_be_read(address: str) -> None:
    assert SITE.why_not(URL(address)) is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://cdn.example/a", "cdn.example is none of the site's hosts"),
        ("https://paper.example.evil.example/", "none of the site's hosts"),
        ("https://evilpaper.example/", "none of the site's hosts"),
        ("https://example/", "none of the site's hosts"),
        ("https://paper.example@evil.example/", "evil.example is none of the site's hosts"),
        ("https://evil.localhost:81/", "none of the site's hosts"),
        ("https://x.10.1.2.3:8080/", "none of the site's hosts"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is none of the site's hosts"),
        ("http://127.0.0.1:81/", "none of the site's hosts"),
        ("http://2130706433/", "none of the site's hosts"),
        ("http://0x7f.1/", "none of the site's hosts"),
        ("http://10.1.2.3:8081/", "10.1.2.3 is a private address, and no feed is there"),
        ("http://[::1]/", "::1 is a private address, and no feed is there"),
        ("http://[::ffff:10.1.2.3]:8080/", "none of the site's hosts"),
        ("http://evil.example%2f.paper.example/", "no web address"),
        ("ftp://paper.example/a", "no web address"),
        ("file://paper.example/etc/passwd", "no web address"),
        ("//paper.example/a", "no web address"),
        ("/a", "no web address"),
    ],
)
def test_no_other_address_may_be_read(address: str, reason: str) -> None:
    assert reason in (SITE.why_not(URL(address)) or "it may be read")


def test_the_hosts_of_a_feeds_own_site_belong_to_it_but_no_private_address() -> None:
    site = Hosts.of(["https://feeds.example/paper"]).and_of(
        "https://www.paper.example/", None, "nonsense", "http://10.0.0.1/"
    )
    assert site.why_not(URL("https://blog.paper.example/a")) is None
    assert site.why_not(URL("https://feeds.example/a")) is None
    assert "private address" in (site.why_not(URL("http://10.0.0.1/a")) or "")


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::200e", "64:ff9b::808:808"]
)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.255", "169.254.169.254"),  # noqa: S104 - nothing listens
        *("168.63.129.16", "172.16.0.1", "192.0.0.192", "192.0.2.1", "192.168.1.1", "192.88.99.1", "198.18.0.1"),
        *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
        *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd00:ec2::254", "fe80::1"),
        *("fe80::1%eth0", "fec0::1", "ff02::1", "4000::1", "localhost", "", "1.2.3", "2130706433"),
    ],
)
def test_addresses_where_no_site_is(address: str) -> None:
    assert not is_public(address)


@given(st.text(max_size=60) | st.from_regex(r"https?://[^\s]{0,40}", fullmatch=True))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address = web_address(text)
    assert address is None or address.user is None
    assert SITE.and_of(text).homes == SITE.homes


class Names(AbstractResolver):
    """Answers with the addresses that a test gives it, one look-up after another; the last one for ever."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0) for address in answer
        ]

    async def close(self) -> None:
        self.closed = True


def resolver(*answers: tuple[str, ...]) -> SiteResolver:
    return SiteResolver([("paper.example", 443)], Names(*answers))


async def addresses(resolver: SiteResolver, host: str = "paper.example", port: int = 443) -> list[str]:
    return [result["host"] for result in await resolver.resolve(host, port)]


async def test_a_name_leads_to_its_public_addresses_only() -> None:
    found = resolver(("10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111"))
    assert await addresses(found) == ["8.8.8.8", "2606:4700::1111"]


async def test_a_name_that_leads_to_a_private_address_leads_nowhere() -> None:
    with pytest.raises(AddressRefused, match=r"amp\.paper\.example leads to a private address"):
        await addresses(resolver(("169.254.169.254",)), "amp.paper.example")


async def test_a_name_that_turns_private_at_its_second_look_up_leads_nowhere() -> None:
    found = resolver(("8.8.8.8",), ("127.0.0.1",))
    assert await addresses(found) == ["8.8.8.8"]
    with pytest.raises(AddressRefused):
        await addresses(found)


async def test_where_a_feed_lives_on_a_private_address_its_pages_may_and_nothing_beside_them() -> None:
    found = resolver(("10.0.0.1",))
    assert await addresses(found) == ["10.0.0.1"]
    assert await addresses(found, "paper.example.") == ["10.0.0.1"]
    for host, port in (("paper.example", 6379), ("www.paper.example", 443), ("amp.paper.example", 443)):
        with pytest.raises(AddressRefused):
            await addresses(found, host, port)


async def test_a_feed_that_could_not_be_looked_up_is_not_yet_known_as_private() -> None:
    found = resolver((), ("8.8.8.8",), ("10.0.0.1",))
    with pytest.raises(AddressRefused):
        await addresses(found)
    assert await addresses(found) == ["8.8.8.8"]
    with pytest.raises(AddressRefused):
        await addresses(found)


async def test_closing_closes_what_looks_names_up() -> None:
    names = Names(())
    await SiteResolver([], names).close()
    assert names.closed
