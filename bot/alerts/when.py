"""What readers write about when: "22:00-07:00", "8h", "weekly on Monday at 9". Pure: words in, times out.

Times of day are minutes after midnight. Words are compared folded, so neither case nor accents matter.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.alerts import timing
from bot.model import ChatSettings, Rhythm
from bot.text import fold, key

LONGEST_MUTE = timedelta(days=366)
LONGEST = 100
"""Characters that are read; whoever writes more does not say when."""

_NOON = 12
_CLOCK = re.compile(r"(?<![\w:.])(\d{1,2})(?:[:.h](\d{2}))?\s?(am|pm|h)?(?![\w:])")
_DOTTED = re.compile(r"(?<=[ap])\.(m)\.?")
_SHOWS_TIME = re.compile(r"\d[:.]\d\d|\d\s?[ap]\.?m", re.IGNORECASE)
_HAS_DIGITS = re.compile(r"\d")
_LENGTH = re.compile(r"(\d{1,5}(?:[.,]\d{1,2})?)\s?([^\W\d_]*)")
_UNITS = {
    "m|min.*": timedelta(minutes=1),
    "|h.*|u.*": timedelta(hours=1),
    "d.*|j.*": timedelta(days=1),
    "w.*|sem.*": timedelta(weeks=1),
}
"""How units begin: English ones, Afrikaans ure, French jours and semaines, Spanish semanas. A mere number is hours."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language for what can be chosen."""

    rhythms: Mapping[str, Rhythm]
    days: Mapping[str, int]
    """Names of the days of the week; 0 is Monday."""
    off: Iterable[str]
    tomorrow: Iterable[str]


def is_off(words: str, vocabulary: Vocabulary) -> bool:
    """Whether the words say to stop what is set."""
    return any(_says(words, off) for off in vocabulary.off)


def quiet_hours(words: str) -> tuple[int, int] | None:
    """From when until when, of "22:00-07:00", "10pm to 7am", "22h–7h"; None where it is not two different times."""
    match _times(words):
        case [begin, end] if begin != end:
            return begin, end
    return None


def rhythm(words: str, vocabulary: Vocabulary) -> tuple[Rhythm, int | None, int | None] | None:
    """How often, at which time and on which day, of "at once", "hourly", "daily 18:00", "Monday"; None for other words.

    A time alone means each day, a day of the week alone each week; what is no time, or several, is not understood.
    """
    said = next((meant for phrase, meant in vocabulary.rhythms.items() if _says(words, phrase)), None)
    day, times = _day(words, vocabulary), _times(words)
    if len(times) != 1 and _HAS_DIGITS.search(words[:LONGEST]):
        return None
    at = next(iter(times), None)
    if day is not None:
        said = Rhythm.WEEKLY
    elif at is not None and said is None:
        said = Rhythm.DAILY
    return None if said is None else (said, at, day)


def mute_until(words: str, settings: ChatSettings, now: datetime, vocabulary: Vocabulary) -> datetime | None:
    """Until when, of "8h", "2 days", "1h30m", "until 18:00", "tomorrow", "Friday"; None for other words and more than a
    year. A day means its morning."""
    if any(_says(words, tomorrow) for tomorrow in vocabulary.tomorrow):
        return timing.next_at(settings, timing.next_at(settings, now, 0), timing.MORNING)
    day, has_digits = _day(words, vocabulary), _HAS_DIGITS.search(words[:LONGEST])
    if day is not None and not has_digits:
        return timing.next_at(settings, now, timing.MORNING, day)
    if day is not None or _SHOWS_TIME.search(words[:LONGEST]):
        times = _times(words)
        return timing.next_at(settings, now, times[0], day) if len(times) == 1 else None
    lengths = [_length(*match.groups()) for match in _LENGTH.finditer(fold(words[:LONGEST]))]
    if not lengths or None in lengths:
        return None
    length = sum(filter(None, lengths), timedelta(0))
    return now + length if timedelta(0) < length <= LONGEST_MUTE else None


def _day(words: str, vocabulary: Vocabulary) -> int | None:
    return next((number for name, number in vocabulary.days.items() if _says(words, name)), None)


def _length(number: str, unit: str) -> timedelta | None:
    one = next((length for units, length in _UNITS.items() if re.fullmatch(units, unit)), None)
    return None if one is None else float(number.replace(",", ".")) * one


def _times(words: str) -> list[int]:
    """The times of day among the words; none where one of them is no time that a clock shows."""
    found = [_time(*match.groups()) for match in _CLOCK.finditer(_DOTTED.sub(r"\1", fold(words[:LONGEST])))]
    return [] if None in found else [at for at in found if at is not None]


def _time(hour: str, minute: str | None, half: str | None) -> int | None:
    hours, minutes = int(hour), int(minute or 0)
    if half in {"am", "pm"} and 1 <= hours <= _NOON:
        hours = hours % _NOON + (_NOON if half == "pm" else 0)
    at = hours * 60 + minutes
    return at % timing.DAY_MINUTES if minutes < 60 and at <= timing.DAY_MINUTES else None


def _says(words: str, phrase: str) -> bool:
    return f" {key(phrase)} " in f" {key(words[:LONGEST])} "
