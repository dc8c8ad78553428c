"""Reading on: the lines with which newsrooms lead from within a text to other articles, such as "ALSO READ: …"."""

import re
from collections.abc import Iterable

from bot.feeds.addresses import absolute
from bot.feeds.identity import canonical
from bot.feeds.plain import CLOSE, FIRST_OPEN, LAST_OPEN, MAX_MARKUP, cut, lines, lines_with_links, one_line
from bot.model import Link

MOST_LINKS = 2
MOST_LOOKED_AT = 10
"""For these two: some lead to the article itself, or nowhere."""
MAX_TITLE = 200

_WORDS = (
    "also read|read also|read more|now read|see also|related|related article|related story|lees ook|lees meer"
    "|à lire|à lire aussi|lire aussi|lea también|lee también|leer más|leia também|lesen sie auch|leggi anche"
)
_SPACE = re.compile("&nbsp;|&#160;|&#xa0;")
_LEAD = f"(?:{_WORDS})"
_OPEN = f"[{FIRST_OPEN}-{LAST_OPEN}]"
_LINK = re.compile(f"({_OPEN})([^{CLOSE}]*){CLOSE}")
_AT_START = re.compile(rf"\W{{0,4}}{_LEAD}[\s{CLOSE}]*[:|]", re.IGNORECASE)
_SHOUTED = re.compile(rf"\s*(?:{_OPEN}\s*)?\b(?:ALSO READ|READ ALSO|READ MORE|NOW READ|LEES OOK)[\s{CLOSE}]*[:|]")
_WITH_LINK_ALONE = re.compile(rf"\W{{0,4}}{_LEAD}[\s>»→–—-]*(?={_OPEN}[^{CLOSE}]*{CLOSE}\W{{0,4}}$)", re.IGNORECASE)


def split(markup: str, base: str) -> tuple[list[str], list[Link]]:
    """The lines of HTML without those that lead elsewhere, and the links in these, absolute as seen from ``base``."""
    if not _may_lead(markup[:MAX_MARKUP]):
        return lines(markup), []
    marked, addresses = lines_with_links(markup)
    kept: list[str] = []
    found: list[re.Match[str]] = []
    after_a_lead = False
    for line in marked:
        if after_a_lead and (link := _LINK.fullmatch(line)):
            found.append(link)
            continue
        prose, rest = _split_line(line)
        after_a_lead = rest is not None and not re.search(r"\w", rest)
        found += _LINK.finditer(rest or "")
        kept.append(re.sub(f"{_OPEN}|{CLOSE}", "", prose))
    links = (_link(link[2], addresses, ord(link[1]) - ord(FIRST_OPEN), base) for link in found[:MOST_LOOKED_AT])
    return list(filter(None, map(one_line, kept))), [link for link in links if link]


def the_first(links: Iterable[Link], *, besides: str) -> tuple[Link, ...]:
    """As many of the links as are shown, each address once; the article's own, ``besides``, is none."""
    seen = {canonical(besides): None}
    kept = [link for link in links if canonical(link.url) not in seen and not seen.update({canonical(link.url): None})]
    return tuple(kept[:MOST_LINKS])


def _may_lead(markup: str) -> bool:
    """Whether the words stand there at all: most texts have none, and this is quickly seen."""
    text = " ".join(_SPACE.sub(" ", markup.lower()).split())
    return any(words in text for words in _WORDS.split("|"))


def _split_line(line: str) -> tuple[str, str | None]:
    """What of a line is prose, and what leads elsewhere; None where nothing does."""
    lead = _AT_START.match(line) or _WITH_LINK_ALONE.match(line) or _SHOUTED.search(line)
    if not lead:
        return line, None
    opened = re.search(f"{_OPEN}(?!.*{CLOSE})", lead[0])  # the lead stands inside of its link
    return line[: lead.start()], f"{opened[0] if opened else ''}{line[lead.end() :]}"


def _link(title: str, addresses: list[str], number: int, base: str) -> Link | None:
    url = absolute(addresses[number], base) if number < len(addresses) else None
    words = cut(one_line(title).strip(" :|–—-→»>"), MAX_TITLE)
    return Link(words, url) if url and words else None
