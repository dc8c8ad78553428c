"""Identity: by what an entry is known again, whatever else about it changes."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot import text

MAX_KEY = 1000
"""Characters; longer ones are kept as their hash."""

_TRACKING = {"fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid", "cmpid", "ocid", "ref_src"}
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Identity:
    """What an entry says of who it is, each as a key."""

    guid: str | None
    link: str | None
    headline: str


def canonical(url: str) -> str | None:
    """What all forms of one address have in common: no scheme, ``www``, marks of campaigns, or slash at the end.

    None where the text is no web address.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = parts.hostname.removeprefix("www.")
    at_port = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    kept = [pair for pair in parts.query.split("&") if pair and not _is_tracking(pair.split("=", 1)[0].lower())]
    query = f"?{'&'.join(kept)}" if kept else ""
    return f"{host}{at_port}{parts.path.rstrip('/')}{query}"


def identify(guid: str, link: str, headline: str, *, feed: str) -> Identity:
    """What an entry of the feed at this address says of who it is.

    A guid that is no address is the site's own numbering: of another site the same means another article.
    """
    host = (urlsplit(feed).hostname or "").removeprefix("www.")
    at_guid, at_link = canonical(guid), canonical(link)
    named = f"link:{at_guid}" if at_guid else f"guid:{host} {guid}" if guid else None
    return Identity(
        guid=_bounded(named) if named else None,
        link=_bounded(f"link:{at_link}") if at_link else None,
        headline=_bounded(f"headline:{host} {text.key(headline)}"),
    )


def keys(entries: Sequence[Identity], *, nowhere: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """By what each entry of one feed is known: its guid and its link, where these tell it from the others.

    Some sites give all their entries one link, often that of the front page, or one guid: taken at their word, only
    the first would ever be news. An entry left with neither is known by its headline. ``nowhere`` are addresses that
    no article has.
    """
    shared = {f"link:{address}" for address in map(canonical, nowhere)}
    for key, holders in _holders(entries, lambda entry: entry.link).items():
        if _differ(holders, lambda entry: entry.headline) and _differ(
            holders, lambda entry: entry.guid or entry.headline
        ):
            shared.add(key)
    for key, holders in _holders(entries, lambda entry: entry.guid).items():
        if _differ(holders, lambda entry: entry.headline) and _differ(holders, lambda entry: entry.link):
            shared.add(key)
    return [
        tuple(dict.fromkeys(key for key in (entry.guid, entry.link) if key and key not in shared)) or (entry.headline,)
        for entry in entries
    ]


def _holders(entries: Sequence[Identity], key: Callable[[Identity], str | None]) -> dict[str, list[Identity]]:
    held: defaultdict[str, list[Identity]] = defaultdict(list)
    for entry in entries:
        if its_key := key(entry):
            held[its_key].append(entry)
    return held


def _differ(entries: Sequence[Identity], what: Callable[[Identity], str | None]) -> bool:
    return len(set(map(what, entries))) > 1


def _is_tracking(name: str) -> bool:
    return name.startswith("utm_") or name in _TRACKING


def _bounded(key: str) -> str:
    return key if len(key) <= MAX_KEY else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"
