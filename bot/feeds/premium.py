"""What makes an article premium: the publisher's rules, and the decision with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot import text
from bot.feeds.page_facts import PageFacts

if TYPE_CHECKING:
    from bot.site_file import Premium  # which takes longer to load than all that reads feeds

LOCKED = (("article:content_tier", ("locked",)),)
"""What a page says to Facebook of an article for subscribers; "metered" tells nothing of the single article."""


@dataclass(frozen=True, slots=True)
class PremiumRules:
    """By what a premium article is known; one that holds is enough."""

    categories: tuple[str, ...] = ("Premium",)
    """In any spelling; they are never topics."""
    urls: tuple[str, ...] = ()
    """Addresses in which ``*`` stands for anything, without regard to case, http or https, and ``www``."""
    meta: tuple[tuple[str, tuple[str, ...]], ...] = LOCKED
    """Names of the page's meta tags, each with the values that say premium."""
    json_ld: bool = True
    """Whether ``isAccessibleForFree: false`` in the page's JSON-LD says premium."""

    @classmethod
    def of(cls, categories: Iterable[str], file: "Premium") -> Self:
        """The rules of PREMIUM_CATEGORIES and SITE_FILE together; an empty list for a meta tag takes its rule away."""
        meta = dict(LOCKED) | file.meta
        return cls(
            categories=tuple(dict.fromkeys((*categories, *file.categories))),
            urls=file.urls,
            meta=tuple((name, values) for name, values in meta.items() if values),
            json_ld=file.json_ld,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an article is premium, and by which rule: for the operator."""

    premium: bool
    reason: str


def decide(
    rules: PremiumRules, *, categories: Iterable[str] = (), links: Iterable[str] = (), page: PageFacts | None = None
) -> Verdict:
    """What the rules say of an article under these categories, at these addresses, with this page if it was read."""
    wanted = set(map(text.key, rules.categories))
    for name in categories:
        if text.key(name) in wanted:
            return Verdict(True, f"category {name}")
    addresses = [_bare(link) for link in links]
    for pattern in rules.urls:
        if any(_matches(_bare(pattern), address) for address in addresses):
            return Verdict(True, f"its address is like {pattern}")
    if page is None:
        return Verdict(False, "nothing in the feed says premium; the page was not read")
    return _decide_by_page(rules, page)


def _decide_by_page(rules: PremiumRules, page: PageFacts) -> Verdict:
    for name, values in rules.meta:
        for value in page.meta(name):
            if value.casefold() in map(str.casefold, values):
                return Verdict(True, f"the page says {name}: {value}")
    if rules.json_ld and page.free is not None:
        return Verdict(not page.free, f"the page says isAccessibleForFree: {str(page.free).lower()}")
    said = [f"{name}: {value}" for name, _ in rules.meta for value in page.meta(name)]
    return Verdict(False, f"the page says {said[0]}" if said else "neither the feed nor the page says premium")


def _bare(address: str) -> str:
    """The address without what makes no difference."""
    return address.strip().casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.")


def _matches(pattern: str, address: str) -> bool:
    """Whether the pattern, in which only ``*`` means something, covers the whole address; in one pass, whatever it is.

    Regular expressions can take for ever, and ``?`` and ``[`` are at home in addresses.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return address == first
    *between, last = rest
    at = len(first)
    if not address.startswith(first):
        return False
    for part in between:
        found = address.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return address.endswith(last) and at <= len(address) - len(last)
