"""Addresses found in feeds: only those of the web, absolute, and short enough for a button."""

from urllib.parse import quote, urljoin, urlsplit

MAX_ADDRESS = 2000
"""Characters; Telegram's buttons take no more."""


def absolute(address: str, base: str = "") -> str | None:
    """The web address that stands there, seen from ``base``, in characters that are seen; None where it is none."""
    try:
        joined = urljoin(base, address.strip())
        url = "".join(
            character if character.isprintable() and character != " " else quote(character) for character in joined
        )
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return url if address.strip() and good and len(url) <= MAX_ADDRESS else None
