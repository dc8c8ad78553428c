"""How rightly one story under two addresses is told from two stories, on real news that lies beside the project.

No article of the news was published twice within two days. So what is one story is made: each article, with what
newsrooms and their systems change when they publish it again. What are two are all pairs of articles of two days.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.model import Telling
from bot.topics.stories import WITHIN, find_same
from tests.bench.figures import Figure, Skipped
from tests.bench.topics_quality import TAGGED


class News(NamedTuple):
    """A real article."""

    at: datetime
    headline: str
    teaser: str


Edit = Callable[[str, str], tuple[str, str]]
"""From headline and teaser to those of the same story, published again."""


def _typography(headline: str, teaser: str) -> tuple[str, str]:
    signs = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "—": "-", "–": "-", "…": "..."})
    return headline.upper().translate(signs), teaser.translate(signs)


def _words_in_headline(count: int) -> Edit:
    """The first of its longer words, which are the likeliest to have another for them, become that."""

    def edit(headline: str, teaser: str) -> tuple[str, str]:
        longer = iter(re.findall(r"\b[^\W\d_]{5,}\b", headline) or headline.split()[-1:])
        for _, word in zip(range(count), longer, strict=False):
            headline = headline.replace(word, "reworded", 1)
        return headline, teaser

    return edit


def _first_words(part: float) -> Edit:
    def edit(headline: str, teaser: str) -> tuple[str, str]:
        words = teaser.split()
        return headline, f"{' '.join(words[: round(len(words) * part)])}…"

    return edit


def _first_sentence(headline: str, teaser: str) -> tuple[str, str]:
    return headline, re.split(r"(?<=[.!?])\s", teaser)[0]


def _one_word_of_teaser(headline: str, teaser: str) -> tuple[str, str]:
    return headline, re.sub(r"\b[a-z]{5,}\b", "reworded", teaser, count=1)


def _all(*edits: Edit) -> Edit:
    def edit(headline: str, teaser: str) -> tuple[str, str]:
        for one in edits:
            headline, teaser = one(headline, teaser)
        return headline, teaser

    return edit


def _before(prefix: str) -> Edit:
    return lambda headline, teaser: (f"{prefix}{headline}", teaser)


EDITS: tuple[tuple[str, Edit, float], ...] = (
    ("the address alone", lambda headline, teaser: (headline, teaser), 1),
    ("typography", _typography, 1),
    ("headline, UPDATE: before it", _before("UPDATE: "), 3),
    ("headline, WATCH | before it", _before("WATCH | "), 3),
    ("headline, one word", _words_in_headline(1), 15),
    ("headline, two words", _words_in_headline(2), 30),
    ("teaser, one word", _one_word_of_teaser, 10),
    ("teaser, cut to three quarters", _first_words(0.75), 10),
    ("teaser, cut to half", _first_words(0.5), 30),
    ("teaser, cut to its first sentence", _first_sentence, 10),
    ("headline, UPDATE: before it; teaser, cut to half", _all(_before("UPDATE: "), _first_words(0.5)), 30),
    ("headline, one word; teaser, one word", _all(_words_in_headline(1), _one_word_of_teaser), 40),
)
"""What is changed, how, and in how many of a hundred articles the story may then be told twice.

Told twice is the lesser evil: where one story is taken for another, that is never told.
"""


async def measure() -> list[Figure | Skipped]:
    """Of a hundred, how many stories are told twice after each edit; and how many pairs of two are taken for one."""
    if not TAGGED.exists():
        return [Skipped("one story or two", f"there is no {TAGGED.name} beside the project")]
    news = sorted(_read())
    rows: list[Figure | Skipped] = [
        Figure(f"told twice of 100 republished, changed: {what}", _missed(news, edit), limit, "")
        for what, edit, limit in EDITS
    ]
    pairs, taken_for_one = _pairs(news)
    rows.append(Figure(f"never told, of {pairs:,} pairs of articles within two days", taken_for_one, 0.5, ""))
    return rows


def _read() -> Iterator[News]:
    with TAGGED.open(encoding="utf-8") as lines:
        for line in lines:
            said = json.loads(line)
            yield News(datetime.fromisoformat(said["date"]), said["title"], said["teaser"])


def _missed(news: Sequence[News], edit: Edit) -> float:
    missed = sum(
        find_same(*edit(one.headline, one.teaser), [Telling(one.headline, one.teaser, 0)]) is None for one in news
    )
    return missed / len(news) * 100


def _pairs(news: Sequence[News]) -> tuple[int, int]:
    """How many pairs there are, and how many articles find another among those of the two days before."""
    recent: deque[tuple[datetime, Telling]] = deque()
    pairs = taken = 0
    for one in news:
        while recent and one.at - recent[0][0] >= WITHIN:
            recent.popleft()
        pairs += len(recent)
        taken += find_same(one.headline, one.teaser, [telling for _, telling in recent]) is not None
        recent.append((one.at, Telling(one.headline, one.teaser, 0)))
    return pairs, taken
