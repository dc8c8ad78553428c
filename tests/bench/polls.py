"""Polls a second and CPU a poll, of feeds in another process; the peers are httpx and the library reader.

httpx only makes the requests; reader is a whole feed reader. All run one after the other, each in a process of its
own, over the same feeds; the limit is the peer's figure. CPU is that of a contestant and of all processes that it has
started.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass

from tests.bench.figures import Figure, Skipped
from tests.process import running

FEEDS = 1_000
FEW = 30
"""For whoever parses: that takes many times as long as the poll."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a contestant took for a round of polls."""

    per_second: float
    cpu_ms: float


CASES = (
    ("unmodified", "all answer 304", {"tagalong": FEEDS, "httpx": FEEDS, "reader": FEEDS}),
    ("same", "all answer 200 with 50 kB as before", {"tagalong": FEEDS, "httpx": FEEDS, "reader": FEW}),
    ("changed", "all answer 200 with 50 kB that changed", {"tagalong": FEW, "reader": FEW}),
)


async def measure() -> list[Figure | Skipped]:
    """Each case beside each peer, polls a second and CPU; httpx, which parses nothing, only where we do not either."""
    rows: list[Figure | Skipped] = []
    async with running(["-m", "tests.bench.feed_server"], {}) as server:
        ports = json.loads((await server.wait_for(r"^\[.*\]$"))[0])
        for case, told, counts in CASES:
            ours = await _round("tagalong", case, ports, counts["tagalong"])
            assert isinstance(ours, Round)
            for peer in list(counts)[1:]:
                what = f"polls, {told}: {counts['tagalong']} feeds, beside {peer} with {counts[peer]}"
                theirs = await _round(peer, case, ports, counts[peer])
                if isinstance(theirs, str):
                    rows.append(Skipped(what, f"{theirs} is not installed"))
                    continue
                rows.append(Figure(what, ours.per_second, theirs.per_second, "a second", more_is_better=True))
                rows.append(Figure("CPU of one of them", ours.cpu_ms, theirs.cpu_ms))
    return rows


async def _round(name: str, case: str, ports: list[int], count: int) -> Round | str:
    """What the round took, or the name of a module that is not installed."""
    urls = [f"http://127.0.0.1:{ports[number % len(ports)]}/{case}/{number}" for number in range(count)]
    command = (sys.executable, "-m", "tests.bench.contestants", name)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    output, _ = await process.communicate(json.dumps(urls).encode())
    if process.returncode:
        raise RuntimeError(f"{name} failed")
    took = json.loads(output.splitlines()[-1])
    if "lacks" in took:
        return str(took["lacks"])
    return Round(count / took["seconds"], took["cpu"] / count * 1000)
