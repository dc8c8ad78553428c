"""Which addresses may be read as pages: the site's own, on machines of the open internet."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from socket import AF_UNSPEC, AddressFamily
from typing import Self

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_GLOBAL_IPV6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
"""How machines that speak IPv6 only see the others, https://www.rfc-editor.org/rfc/rfc6052."""
_SPECIAL = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # shared by the customers of a provider; Alibaba's metadata are there
            "168.63.129.16/32",  # Azure's platform, at an address like any other
            "192.0.0.0/24",  # Oracle's metadata, among others
            "192.88.99.0/24",  # once the way from IPv4 to IPv6
            "2001::/23",  # Teredo and other ways around
            "2002::/16",  # 6to4: an IPv4 address in disguise
        ),
    )
)
"""What Python takes for global, today or in older versions, and no site is at."""


def is_public(address: str) -> bool:
    """Whether this numeric address is one of the open internet, where a site may be.

    No private, local, shared, multicast or reserved one, none of a cloud's metadata, and none in the form of another.
    See https://www.iana.org/assignments/iana-ipv4-special-registry/ and the same for IPv6.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if ip in _NAT64:
        ip = IPv4Address(int(ip) & 0xFFFFFFFF)
    if any(ip in network for network in _SPECIAL) or ip.is_multicast or not ip.is_global:
        return False
    return ip.version == 4 or ip in _GLOBAL_IPV6


@dataclass(frozen=True, slots=True)
class Hosts:
    """The site's hosts."""

    names: frozenset[str]
    """Without ``www``; their subdomains belong to them."""
    homes: frozenset[tuple[str, int]]
    """Host and port of each feed: there it may be on a private address, as the operator has chosen."""

    @classmethod
    def of(cls, feeds: Iterable[str], hosts: Iterable[str] = ()) -> Self:
        """Those of feeds, given as addresses, and further ones, given by name."""
        addresses = [address for address in map(web_address, feeds) if address]
        named = filter(None, (web_address(f"https://{name}/") for name in hosts))
        return cls(
            names=frozenset(_bare(_host(address)) for address in (*addresses, *named)),
            homes=frozenset(map(place, addresses)),
        )

    def and_of(self, *addresses: str | None) -> Self:
        """The same and the hosts of these addresses, which are at home nowhere private."""
        more = (web_address(address) for address in addresses if address)
        return type(self)(self.names | {_bare(_host(address)) for address in more if address}, self.homes)

    def why_not(self, address: URL) -> str | None:
        """Why this address must not be read; None where it may. What a name leads to is for ``SiteResolver``."""
        host = _host(address)
        if address.scheme not in {"http", "https"} or not host or "%" in host:  # which some would decode
            return "it is no web address"
        if not self._is_of_site(host):
            return f"{host[:100]} is none of the site's hosts; if it is, put it into SITE_FILE below [site] as hosts"
        if is_number(host) and not is_public(host) and place(address) not in self.homes:
            return f"{host} is a private address, and no feed is there"
        return None

    def _is_of_site(self, host: str) -> bool:
        bare = _bare(host)
        domains = (name for name in self.names if "." in name and not is_number(name))
        return bare in self.names or any(bare.endswith(f".{domain}") for domain in domains)


class SiteResolver(AbstractResolver):
    """Looks names up, and answers with public addresses only: connections are made to these and to no other.

    So a name that leads to a private address, or does so from its second look-up on, leads nowhere. Where a feed was
    on a private address when first looked for, its host and port are left alone: there the site is.
    """

    def __init__(self, homes: Iterable[tuple[str, int]], inner: AbstractResolver) -> None:
        self._inner = inner
        self._homes = frozenset(homes)
        self._private: dict[tuple[str, int], bool] = {}

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC) -> list[ResolveResult]:
        """The public addresses of a name. Raises AddressRefused where it has none, OSError where it is not known."""
        found = await self._inner.resolve(host, port, family)
        public = [result for result in found if is_public(result["host"])]
        there = (host.lower().rstrip("."), port)
        if there in self._homes and found and self._private.setdefault(there, not public):
            return found
        if not public:
            raise AddressRefused(f"{host[:100]} leads to a private address, and no feed is there")
        return public

    async def close(self) -> None:
        """Close what looks the names up."""
        await self._inner.close()


class AddressRefused(OSError):
    """A name leads to no address that may be read."""


def web_address(address: str, *, seen_from: URL | None = None) -> URL | None:
    """The address as it will be asked for, without name and password; None where it is none."""
    try:
        url = URL(address.strip())
        return (seen_from.join(url) if seen_from else url).with_user(None)
    except ValueError:
        return None


def place(address: URL) -> tuple[str, int]:
    """Host and port of an address, as they are compared."""
    return _host(address), address.port or 0


def _host(address: URL) -> str:
    return (address.raw_host or "").lower().rstrip(".")


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def is_number(host: str) -> bool:
    """Whether a host is given by its address instead of a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
