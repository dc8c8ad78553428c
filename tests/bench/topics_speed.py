"""Matching articles of 5 kB against many topics, beside what else finds phrases; all in one run, over the same text.

All are given the same folded text, so that what differs is the search. Ours is the whole matcher: with reasons, with
aliases of countries, and with one query to a hundred topics. The limit is 1.5 times the faster automaton.
"""

import importlib
import importlib.util
import random
import re
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

from bot import text
from bot.model import Topic
from bot.topics import query
from bot.topics.matching import Matcher
from bot.topics.reasons import Scope
from bot.topics.subject import Subject
from tests.bench.figures import Figure, Skipped

SIZES = (1_000, 100_000, 1_000_000)
ARTICLES = 40
CHARACTERS = 5_000
SLACK = 1.5
BYTES_A_TOPIC = 150
MICROSECONDS_A_CHANGE = 50
RARE = 30_000
"""Rank from which on a word can be a topic by itself, as proper names are."""
FEW = 100_000
"""Topics that FlashText gets at most: it needs gigabytes for more."""
FEWEST = 1_000
"""And a regular expression, which takes half a second an article for more."""

Search = Callable[[str], Any]


async def measure() -> list[Figure | Skipped]:
    """Each size beside each peer, then what a topic costs."""
    words = _vocabulary()
    rows: list[Figure | Skipped] = []
    for size in SIZES:
        names = _topics(words, size)
        articles = _articles(words, names)
        rows += _beside_peers(names, articles)
        if size == SIZES[-1]:
            rows += _costs(names)
    return rows


def _beside_peers(names: Sequence[str], articles: Sequence[str]) -> list[Figure | Skipped]:
    rows: list[Figure | Skipped] = []
    what = f"matching {CHARACTERS:,} characters against {len(names):,} topics"
    ours = _milliseconds(_ours(names), articles)
    automata = []
    for peer, most, build in PEERS:
        if len(names) > most:
            continue
        if importlib.util.find_spec(peer) is None:
            rows.append(Skipped(f"{what}, beside {peer}", f"{peer} is not installed"))
            continue
        theirs = _milliseconds(build(names), articles)
        if peer.startswith("ahocorasick"):
            automata.append((theirs, peer))
        else:
            rows.append(Figure(f"{what}, beside {peer}", ours, theirs))
    if automata:
        theirs, peer = min(automata)
        rows.insert(0, Figure(f"{what}, beside {SLACK} × {peer}", ours, theirs * SLACK))
    return rows


def _ours(names: Sequence[str]) -> Search:
    matcher = Matcher(Topic(number, query.key(name), name) for number, name in enumerate(_with_queries(names)))
    return lambda body: matcher.explain(Subject("", body=body), Scope.ANYWHERE)


def _with_queries(names: Sequence[str]) -> list[str]:
    return [f'"{name}" -nothing' if number % 100 == 0 else name for number, name in enumerate(names)]


def _pyahocorasick(names: Sequence[str]) -> Search:
    automaton = importlib.import_module("ahocorasick").Automaton()
    for number, name in enumerate(names):
        automaton.add_word(f" {name} ", number)
    automaton.make_automaton()
    return lambda body: list(automaton.iter(_folded(body)))


def _ahocorasick_rs(names: Sequence[str]) -> Search:
    automaton = importlib.import_module("ahocorasick_rs").AhoCorasick([f" {name} " for name in names])
    return lambda body: automaton.find_matches_as_indexes(_folded(body), overlapping=True)


def _flashtext(names: Sequence[str]) -> Search:
    processor = importlib.import_module("flashtext").KeywordProcessor()
    processor.add_keywords_from_list(list(names))
    return lambda body: processor.extract_keywords(_folded(body))


def _re(names: Sequence[str]) -> Search:
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")
    return lambda body: pattern.findall(_folded(body))


PEERS: tuple[tuple[str, int, Callable[[Sequence[str]], Search]], ...] = (
    ("ahocorasick", SIZES[-1], _pyahocorasick),
    ("ahocorasick_rs", SIZES[-1], _ahocorasick_rs),
    ("flashtext", FEW, _flashtext),
    ("re", FEWEST, _re),
)


def _folded(body: str) -> str:
    return f" {' '.join(text.tokens(body))} "


def _costs(names: Sequence[str]) -> list[Figure | Skipped]:
    """The memory of a topic, and the time to take one in and to forget it, among all others."""
    tracemalloc.start()
    matcher = Matcher(Topic(number, str(name.encode(), "ascii"), name) for number, name in enumerate(names))
    held = tracemalloc.get_traced_memory()[0] - sum(map(len, names))
    tracemalloc.stop()
    times = []
    for number in range(len(names), len(names) + FEWEST):
        topic = Topic(number, f"new topic {number}", f"New topic {number}")
        before = time.perf_counter()
        matcher.take_in([topic])
        matcher.forget(topic)
        times.append((time.perf_counter() - before) * 1e6)
    change = statistics.median(times)
    return [
        Figure(f"memory of one of {len(names):,} topics, over its text", held / len(names), BYTES_A_TOPIC, "bytes"),
        Figure("taking in and forgetting one topic among them, median", change, MICROSECONDS_A_CHANGE, "µs"),
    ]


def _milliseconds(search: Search, articles: Sequence[str]) -> float:
    """Per article, the best of three rounds: what else the machine does makes none faster."""
    rounds = []
    for _ in range(3):
        before = time.perf_counter()
        for article in articles:
            search(article)
        rounds.append((time.perf_counter() - before) / len(articles) * 1000)
    return min(rounds)


def _vocabulary() -> list[str]:
    """Made-up words, the most common first."""
    chance = random.Random(1)  # noqa: S311  made-up words need no secrets
    syllables = [first + second for first in "bcdfghklmnprstvw" for second in "aeiou"]
    words = {"".join(chance.choices(syllables, k=chance.choice((2, 3, 3, 4)))) for _ in range(200_000)}
    return chance.sample(sorted(words), len(words))


def _topics(words: Sequence[str], size: int) -> list[str]:
    chance = random.Random(size)  # noqa: S311
    rare = words[RARE:]
    names: dict[str, None] = {}
    while len(names) < size:
        length = chance.choices((1, 2, 3, 4), (10, 55, 25, 10))[0]
        names[" ".join(chance.choices(rare if length == 1 else words, k=length))] = None
    return list(names)


def _articles(words: Sequence[str], names: Sequence[str]) -> list[str]:
    """Prose whose words are as uneven as in a language, with some topics in each, and capitals and signs."""
    chance = random.Random(3)  # noqa: S311
    common = [1 / rank for rank in range(10, len(words) + 10)]
    articles = []
    for _ in range(ARTICLES):
        picked = chance.choices(words, common, k=CHARACTERS // 6)
        for at in range(0, len(picked), 100):
            picked[at] = chance.choice(names).title() + ","
        articles.append((" ".join(picked).capitalize() + "—“x’s”.")[:CHARACTERS])
    return articles
