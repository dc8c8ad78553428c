"""``make bench``: what the bot's speed is worth, as parts of a limit or of a peer measured in the same run.

``python -m tests.bench stories polls`` makes only these; ``kills``, which takes minutes, only where it is named.

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
    fan_out,
    first_alert,
    hub_ping,
    kills,
    loop_lag,
    parsing,
    polls,
    stories,
    topics_quality,
    topics_speed,
    web,
)
from tests.bench.figures import Figure, Skipped

BENCHMARKS: tuple[Callable[[], Coroutine[Any, Any, Sequence[Figure | Skipped]]], ...] = (
    first_alert.measure,
    hub_ping.measure,
    broadcast.measure,
    fan_out.measure,
    loop_lag.measure,
    parsing.measure,
    polls.measure,
    stories.measure,
    topics_speed.measure,
    topics_quality.measure,
    web.measure,
)
AT_LENGTH = (kills.measure,)


def main() -> int:
    """Run all of them, or those that are named, and print one table."""
    wanted = sys.argv[1:]
    named = [measure for measure in (*BENCHMARKS, *AT_LENGTH) if measure.__module__.rpartition(".")[2] in wanted]
    chosen = named if wanted else BENCHMARKS
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
