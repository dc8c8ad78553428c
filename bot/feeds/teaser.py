"""The teaser: a feed's summary, without what content systems and newsrooms put around it."""

import re

from bot.feeds.plain import cut, lines

MAX_TEASER = 300
"""Characters, the ellipsis included."""
LONGEST_MIDDLE = 40
"""Characters between the headline and the site's name in "The post … appeared first on …" and its translations."""

_LEADS_ELSEWHERE = re.compile(
    r"(?:also read|read also|read more|now read|see also|related|lees ook|lees meer|à lire(?: aussi)?|lire aussi"
    r"|lea también|lee también|leer más)\s?:",
    re.IGNORECASE,
)
_LEADS_ELSEWHERE_FROM_HERE = re.compile(r"\s*\b(?:ALSO READ|READ ALSO|READ MORE|NOW READ|LEES OOK)\s?:.*")
_APPEARED_FIRST = re.compile(r"\s*\bThe post (?:(?!\bThe post ).)*? appeared first on .*")
_READ_ON = re.compile(
    r"(?:^|(?<=[.!?…\]”\"]))\s*(?:continue reading|read more|read the full (?:story|article)|lees meer|lees verder"
    r"|lire la suite|leer más|seguir leyendo)\b[^.!?]*$",
    re.IGNORECASE,
)
_OPENING = re.compile(r"[^.!?…]{1,20}")
"""What stands before the headline in "The post … appeared first on …" and its translations."""
_CUT_OFF = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3})\s*$")
_ENDS_A_SENTENCE = tuple(".!?。！？।”’\"'»)")
_SITE_AND_SECTION = re.compile(r"\s+[-–—|»:]\s+")


def teaser(summary: str, headline: str, site: str = "") -> str:
    """The summary, given as HTML, as plain text of at most MAX_TEASER characters; empty where nothing is left.

    What goes: lines that lead to other articles, the line in which WordPress names the post and its site, invitations
    to read on, and the mark of a text cut off; where that was not at the end of a sentence, an ellipsis stands for it.
    """
    kept = (_prose(line) for line in lines(summary) if not _names_post(line, headline, site))
    text = _READ_ON.sub("", " ".join(filter(None, kept)))
    whole = _CUT_OFF.sub("", text)
    if whole != text and whole and not whole.endswith(_ENDS_A_SENTENCE):
        whole += "…"
    return cut(whole, MAX_TEASER)


def _prose(line: str) -> str:
    if _LEADS_ELSEWHERE.match(line):
        return ""
    return _APPEARED_FIRST.sub("", _LEADS_ELSEWHERE_FROM_HERE.sub("", line))


def _names_post(line: str, headline: str, site: str) -> bool:
    """Whether the line is WordPress's "The post … appeared first on …", in whatever language."""
    if not headline or headline not in line:
        return False
    before, _, after = line.partition(headline)
    if not _OPENING.fullmatch(before):
        return False
    names = [name for name in _SITE_AND_SECTION.split(site) if name]
    return any(name in after and after.index(name) <= LONGEST_MIDDLE for name in names)
