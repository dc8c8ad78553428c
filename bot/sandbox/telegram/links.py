"""Which links Telegram takes: in ``<a href>``, on buttons, for webhooks.

The rules are those of TDLib's ``parse_url`` and ``LinkManager::check_link``: http and https with a host that has a dot
(so no ``http://localhost``), or ``tg://``, ``ton://`` and ``tonsite://``; without a scheme it is http.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address

_SCHEME = re.compile(r"([^:/?#@\[\]]*)://")
_OWN_SCHEME = re.compile(r"(tg|tonsite|ton):(?://)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"[^/?#]*")
_PORT = re.compile(r"[0-9]{1,5}")
_PART = re.compile(r"(?:[A-Za-z0-9._!$,~*'();&+=\-\u0080-\U0010ffff]|%[0-9a-fA-F]{2})*")
_USERINFO = re.compile(r"(?:[A-Za-z0-9._!$,~*'();&+=:\-\u0080-\U0010ffff]|%[0-9a-fA-F]{2})*")
_USER_LINK = re.compile(r"tg:(?://)?user/?\?(?:[^#]*&)?id=([0-9]{1,19})(?:[&#]|$)", re.IGNORECASE)
_BLANK = re.compile(r"[\x00-\x20]")


class WrongLink(ValueError):
    """Telegram does not take this link; the text says why."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link taken apart."""

    scheme: str
    userinfo: str
    host: str
    port: int | None
    rest: str
    """Path, query and fragment; begins with a slash."""

    def __str__(self) -> str:
        at = f"{self.userinfo}@" if self.userinfo else ""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{at}{self.host}{port}{self.rest}"


def parse_link(text: str, default_scheme: str = "http") -> Link:
    """Take a web link apart. Raises WrongLink."""
    scheme, start = default_scheme, 0
    if found := _SCHEME.match(text):
        scheme, start = found.group(1).lower(), found.end()
        if scheme not in {"http", "https"}:
            raise WrongLink("Unsupported URL protocol")
    authority = _AUTHORITY.match(text, start)
    assert authority is not None  # noqa: S101 - the pattern matches the empty string
    place, port = _split_port(authority.group())
    userinfo, _, host = place.rpartition("@")
    _check_host(host)
    if not _is_ipv6(host):
        _check_part(_PART, host, "host")
        _check_part(_USERINFO, userinfo, "userinfo")
    rest = _BLANK.sub(lambda blank: f"%{ord(blank.group()):02X}", text[authority.end() :].rstrip(" \t\r\n\0\v"))
    return Link(scheme, userinfo, host.lower(), port, rest if rest.startswith("/") else "/" + rest)


def check_link(text: str, *, https_only: bool = False) -> str:
    """The link as Telegram keeps it: host in small letters, path not empty. Raises WrongLink."""
    own = _OWN_SCHEME.match(text)
    link = parse_link(text[own.end() :] if own else text)
    if https_only and (own or link.scheme != "https"):
        raise WrongLink("Only HTTPS links are allowed")
    if own:
        return _own_link(own.group(1).lower(), link)
    if "." not in link.host and not link.host.startswith("["):
        raise WrongLink("Wrong HTTP URL")
    return str(link)


def linked_user(text: str) -> int | None:
    """The user that a ``tg://user?id=…`` link points to."""
    found = _USER_LINK.match(text)
    return int(found.group(1)) or None if found else None


def _own_link(scheme: str, link: Link) -> str:
    if link.scheme == "https" or link.userinfo or link.port or link.host.startswith("["):
        raise WrongLink("Wrong tg URL" if scheme == "tg" else "Wrong ton URL")
    if not re.fullmatch(r"[a-z0-9_\-.]*" if scheme == "tonsite" else r"[a-z0-9_\-]*", link.host):
        raise WrongLink("Unallowed characters in URL host")
    return f"{scheme}://{link.host}{link.rest[1:] if link.rest.startswith('/?') else link.rest}"


def _split_port(authority: str) -> tuple[str, int | None]:
    place, colon, port = authority.rpartition(":")
    if not colon or not place or "]" in port or "@" in port:
        return authority, None
    digits = port.lstrip("0")
    if not _PORT.fullmatch(digits) or int(digits) > 65535:
        raise WrongLink("Wrong port number specified in the URL")
    return place, int(digits)


def _check_host(host: str) -> None:
    if not host:
        raise WrongLink("URL host is empty")
    if host == ".":
        raise WrongLink("Host is invalid")
    if _is_ipv6(host):
        try:
            zone = IPv6Address(host[1:-1]).scope_id
        except AddressValueError:
            zone = "none"
        if zone is not None:
            raise WrongLink("Wrong IPv6 address specified in the URL")


def _is_ipv6(host: str) -> bool:
    return host.startswith("[") and host.endswith("]")


def _check_part(pattern: re.Pattern[str], part: str, name: str) -> None:
    found = pattern.match(part)
    end = found.end() if found else 0
    if end < len(part):
        wrong = "Wrong percent-encoded symbol" if part[end] == "%" else "Disallowed character"
        raise WrongLink(f"{wrong} in URL {name}")
