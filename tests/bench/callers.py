"""Who calls a web server in the benchmarks: requests written to sockets as bytes, so that calling costs little."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls a second were answered, and within how many milliseconds 99 of 100 were."""

    per_second: float
    p99_ms: float


class Caller:
    """One connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def call(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        return int(lines[0].split()[1]), await self._reader.readexactly(length)


@asynccontextmanager
async def calling(port: int) -> AsyncIterator[Caller]:
    """A connection to this machine's server at this port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


async def measure_calls(port: int, make: Callable[[int], bytes], expected: int, *, calls: int, at_once: int) -> Calls:
    """Make so many calls over so many connections, each the next as soon as the last is answered."""
    numbers = iter(range(calls))
    took: list[float] = []

    async def call_on() -> None:
        async with calling(port) as caller:
            for number in numbers:
                start = time.perf_counter()
                status, _ = await caller.call(make(number))
                took.append(time.perf_counter() - start)
                assert status == expected, status

    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(call_on())
    return Calls(calls / (time.perf_counter() - start), p99(took))


def p99(took: list[float]) -> float:
    """Milliseconds within which 99 of 100 lie."""
    return sorted(took)[int(len(took) * 0.99)] * 1000
