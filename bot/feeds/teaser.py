"""The teaser: a feed's summary, without what content systems and newsrooms put around it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.feeds.plain import cut, cut_at_sentence

MAX_TEASER = 300
"""Characters, the ellipsis included."""
MAX_READ = 3000
"""Characters of a summary that are looked at."""
LONGEST_MIDDLE = 40
"""Characters between the headline and the site's name in "The post … appeared first on …" and its translations."""

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


def teaser(lines: Sequence[str], headline: str, site: str = "") -> str:
    """The lines of a summary as one text of at most MAX_TEASER characters; empty where nothing is left.

    What goes: the line in which WordPress names the post and its site, invitations to read on, and the mark of a text
    cut off; where that was not at the end of a sentence, an ellipsis stands for it.
    """
    return cut(_prose(lines, headline, site), MAX_TEASER)


def first_sentences(lines: Sequence[str], headline: str, site: str = "") -> str:
    """The same of an article's content: as many of its first sentences as MAX_TEASER characters hold."""
    return cut_at_sentence(_prose(lines, headline, site), MAX_TEASER)


def _prose(lines: Iterable[str], headline: str, site: str) -> str:
    kept = (_without_origin(line) for line in _enough(lines) if not _names_post(line, headline, site))
    text = _without_invitation(" ".join(filter(None, kept)))
    whole = _CUT_OFF.sub("", text)
    return f"{whole}…" if whole != text and whole and not whole.endswith(_ENDS_A_SENTENCE) else whole


def _without_origin(line: str) -> str:
    return _APPEARED_FIRST.sub("", line) if " appeared first on " in line else line


def _without_invitation(text: str) -> str:
    last_sentence = 1 + max(map(text.rfind, ".!?"))
    invitation = _READ_ON.search(text, last_sentence)
    return text[: invitation.start()] if invitation else text


def _enough(lines: Iterable[str]) -> Iterator[str]:
    """The lines as far as anything of them could be shown: what is long costs no more than what is not."""
    left = MAX_READ
    for line in lines:
        yield line[:left]
        left -= len(line)
        if left <= 0:
            return


def _names_post(line: str, headline: str, site: str) -> bool:
    """Whether the line is WordPress's "The post … appeared first on …", in whatever language."""
    if not headline or headline not in line:
        return False
    before, _, after = line.partition(headline)
    if not _OPENING.fullmatch(before):
        return False
    names = [name for name in _SITE_AND_SECTION.split(site) if name]
    return any(name in after and after.index(name) <= LONGEST_MIDDLE for name in names)
