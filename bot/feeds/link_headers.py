"""HTTP's Link headers, https://www.rfc-editor.org/rfc/rfc8288, as far as they lead to hubs."""

import re
from collections.abc import Iterable

from bot.feeds.addresses import absolute

MAX_LINKS = 20_000
"""Characters of Link headers that are read."""

_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_PARAMETER = re.compile(r";\s*([\w-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]*))")


def from_headers(link_headers: Iterable[str], base: str = "") -> tuple[str | None, str | None]:
    """The first hub and the feed's own address in HTTP Link headers, seen from ``base``."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(", ".join(link_headers)[:MAX_LINKS]):
        said = {name.lower(): quoted or bare for name, quoted, bare in reversed(_PARAMETER.findall(parameters))}
        for name in said.get("rel", "").lower().split():
            if name in {"hub", "self"} and name not in found and (address := absolute(target, base)):
                found[name] = address
    return found.get("hub"), found.get("self")
