"""``make bench``: what the bot's speed is worth, as parts of a limit or of a peer measured in the same run.

``python -m tests.bench stories polls`` makes only these. Those AT_LENGTH, which take minutes, run only where named.

Each benchmark yields its rows; the exit code is 1 when a figure is past its limit.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench import (
    broadcast,
    commands,
    deep_outbox,
    fan_out,
    first_alert,
    free_rate,
    hub_ping,
    kills,
    loop_lag,
    memory,
    newsroom,
    parsing,
    polls,
    stories,
    topics_quality,
    topics_speed,
    web,
)
from tests.bench.figures import Figure, Skipped

Measure = Callable[[], Coroutine[Any, Any, Sequence[Figure | Skipped]]]
BENCHMARKS: dict[str, Measure] = {
    "first_alert": first_alert.measure,
    "hub_ping": hub_ping.measure,
    "broadcast": broadcast.measure,
    "free_rate": free_rate.measure,
    "fan_out": fan_out.measure,
    "commands": commands.measure,
    "memory": memory.measure,
    "loop_lag": loop_lag.measure,
    "newsroom": newsroom.measure,
    "parsing": parsing.measure,
    "polls": polls.measure,
    "stories": stories.measure,
    "topics_speed": topics_speed.measure,
    "topics_quality": topics_quality.measure,
    "web": web.measure,
}
AT_LENGTH: dict[str, Measure] = {
    "kills": kills.measure,
    "free_rate_2000": free_rate.at_length,
    "fan_out_million": fan_out.at_length,
    "deep_outbox": deep_outbox.measure,
}


def main() -> int:
    """Run all of them, or those that are named, and print one table."""
    wanted = sys.argv[1:]
    named = [measure for name, measure in (BENCHMARKS | AT_LENGTH).items() if name in wanted]
    chosen = named if wanted else BENCHMARKS.values()
    figures = [figure for measure in chosen for figure in asyncio.run(measure())]
    table = Table("what", "measured", "limit", "part of it")
    for figure in figures:
        _add(table, figure)
    Console(width=120).print(table)
    return int(any(isinstance(figure, Figure) and figure.failed for figure in figures))


def _add(table: Table, figure: Figure | Skipped) -> None:
    if isinstance(figure, Skipped):
        table.add_row(figure.what, "not measured", figure.why, style="yellow")
        return
    style = "red" if figure.failed else None
    table.add_row(figure.what, figure.shown(figure.measured), figure.shown(figure.limit), figure.part, style=style)


if __name__ == "__main__":
    sys.exit(main())
