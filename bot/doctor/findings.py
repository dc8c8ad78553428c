"""What the doctor finds."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How it is: well, well but worth a look, or to be mended before the bot can do its work."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Seen:
    """An article as the doctor saw it: what was decided on premium and why, and what its page added."""

    headline: str
    premium: bool
    reason: str
    added: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. Where it is not well, ``todo`` tells what to do, if ``says`` does not already."""

    about: str
    grade: Grade
    says: str
    todo: str = ""
    seen: tuple[Seen, ...] = ()


def good(about: str, says: str) -> Finding:
    """It is well."""
    return Finding(about, Grade.GOOD, says)


def note(about: str, says: str, todo: str = "") -> Finding:
    """It works, but look at it."""
    return Finding(about, Grade.NOTE, says, todo)


def bad(about: str, says: str, todo: str = "") -> Finding:
    """It must be mended."""
    return Finding(about, Grade.BAD, says, todo)
