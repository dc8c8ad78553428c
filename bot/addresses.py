"""Web addresses as they may be shown."""

from urllib.parse import urlsplit


def without_password(url: str) -> str:
    """The address without the name and the password that may stand in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
