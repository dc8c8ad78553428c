"""Deep links: the payload in ``https://t.me/<bot>?start=<payload>`` with which a site lets its readers follow a tag.

A payload holds the tag's name and nothing of ours, so that the site can write the link by itself, before we have heard
of the tag, and that it means the same for ever. A short name stands in it whole, a long one as its hash. In PHP:

    $name = html_entity_decode( $tag->name, ENT_QUOTES, 'UTF-8' );
    $long = strlen( $name ) > 47;
    $payload = ( $long ? '-' : '_' ) . rtrim( strtr( base64_encode(
        $long ? hash( 'sha256', $name, true ) : $name ), '+/', '-_' ), '=' );

Where the site has renamed a tag or merged two, the old name is an alias of the new one in SITE_FILE. What does not
begin with one of the two signs is a name as people write it into an address: north-korea.

https://core.telegram.org/bots/features#deep-linking: up to 64 of A-Z, a-z, 0-9, _ and -.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from hashlib import sha256

MAX_CHARACTERS = 64
MAX_NAME_BYTES = 47
"""More do not fit, as four characters hold three bytes."""

_PAYLOAD = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_CHARACTERS}}}")
_NAME = "_"
_HASH = "-"


@dataclass(frozen=True, slots=True)
class Named:
    """A payload that says the name."""

    name: str


@dataclass(frozen=True, slots=True)
class Hashed:
    """A payload that says the hash of a name too long to be said; ``digest`` compares with ``digest`` of names."""

    digest: bytes


def payload(name: str) -> str:
    """The payload of the link that follows the tag of this name, as the site spells it."""
    raw = name.encode()
    return _NAME + _coded(raw) if len(raw) <= MAX_NAME_BYTES else _HASH + _coded(sha256(raw).digest())


def link(bot: str, name: str) -> str:
    """The link that opens a chat with the bot of this username and follows the tag of this name."""
    return f"https://t.me/{bot}?start={payload(name)}"


def read(given: str) -> Named | Hashed | None:
    """What a payload says; None for one that no site of ours has written."""
    if not _PAYLOAD.fullmatch(given):
        return None
    sign, coded = given[0], given[1:]
    if sign not in {_NAME, _HASH}:
        return Named(given.replace("-", " ").replace("_", " "))
    try:
        raw = urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
        return Hashed(raw) if sign == _HASH else Named(raw.decode())
    except (Error, UnicodeDecodeError):
        return None


def digest(name: str) -> bytes | None:
    """By what the link knows a name; None for a name that the link says."""
    raw = name.encode()
    return sha256(raw).digest() if len(raw) > MAX_NAME_BYTES else None


def _coded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
