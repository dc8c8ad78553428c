"""Matching articles of 5 kB against many topics, beside what else finds phrases; all in one run, over the same text.

All are given the same folded text, so that what differs is the search. Ours is the whole matcher: with reasons, with
aliases of countries, and with one query to a hundred topics. The limit is 1.5 times the faster automaton.
"""

import gc
import importlib
import importlib.util
import math
import random
import re
import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
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
ROUNDS = 5
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

OURS = "tagalong"
AUTOMATA = ("ahocorasick", "ahocorasick_rs")

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
    what = f"matching {CHARACTERS:,} characters against {len(names):,} topics"
    peers = {peer: build for peer, most, build in PEERS if len(names) <= most}
    missing = [peer for peer in peers if importlib.util.find_spec(peer) is None]
    searches = {peer: build(names) for peer, build in peers.items() if peer not in missing}
    theirs = _milliseconds({**searches, OURS: _ours(names)}, articles)
    ours = theirs.pop(OURS)
    automata = {peer: theirs.pop(peer) for peer in AUTOMATA if peer in theirs}
    rows: list[Figure | Skipped] = [Skipped(f"{what}, beside {peer}", f"{peer} is not installed") for peer in missing]
    if automata:
        fastest = min(automata, key=automata.__getitem__)
        rows.append(Figure(f"{what}, beside {SLACK} × {fastest}", ours, automata[fastest] * SLACK))
    return rows + [Figure(f"{what}, beside {peer}", ours, time_taken) for peer, time_taken in theirs.items()]


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


def _milliseconds(searches: Mapping[str, Search], articles: Sequence[str]) -> dict[str, float]:
    """Per article, the best of some rounds: what else the machine does makes none faster.

    They take turns, so that a machine that slows down does so for all. What they were built of is not looked through
    for garbage, as in the bot when it has started.
    """
    best = dict.fromkeys(searches, math.inf)
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        for name, search in searches.items():
            before = time.perf_counter()
            for article in articles:
                search(article)
            best[name] = min(best[name], (time.perf_counter() - before) / len(articles) * 1000)
    gc.unfreeze()
    return best


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
