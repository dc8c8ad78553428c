"""A paid broadcast the whole way: claimed, rendered, sent through python-telegram-bot and marked, by one worker.

Beside it, in the same run and to the same server, python-telegram-bot as it comes, with its AIORateLimiter where
aiolimiter is installed, and bare aiohttp. The server and each that sends are processes of their own. On a busy machine
trust the CPU: what it says of one core holds there, too.
"""

import asyncio
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bench.figures import Figure, Skipped
from tests.process import running

MESSAGES = 10_000
FEW = 1_000
"""For those that are slow."""
LATENCY = 0.05
MS = 1000


async def measure() -> Sequence[Figure | Skipped]:
    """Alerts a second with nothing in the way; the paid rate with TLS and latency, and the CPU that it takes."""
    async with _server("0") as url:
        ours, our_cpu = await _sender("ours", url, MESSAGES)
        ptb, ptb_cpu = await _sender("ptb", url, FEW)
        bare, bare_cpu = await _sender("aiohttp", url, MESSAGES)
    figures = [
        Figure("paid broadcast, the whole way, one worker", ours, 1500, "a second", more_is_better=True),
        Figure("CPU of an alert", our_cpu, MS / 1500),
        Figure("alerts beside PTB as it comes, sending only", ours, ptb, "a second", more_is_better=True),
        Figure("CPU beside PTB as it comes", our_cpu, ptb_cpu),
        Figure("alerts beside bare aiohttp, sending only, a fifth of it", ours, bare / 5, "a second",
               more_is_better=True),
        Figure("CPU beside bare aiohttp, five times it", our_cpu, bare_cpu * 5),
    ]  # fmt: skip
    return [*figures, *await _held()]


async def _held() -> Sequence[Figure | Skipped]:
    """The paid rate, 1,000 a second, over TLS."""
    what = f"1,000 a second held, over TLS with {LATENCY * MS:.0f} ms of latency"
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        certificate = Path(folder) / "server.pem"
        if not await _certify(certificate):
            return [Skipped(what, "no openssl, which makes the certificate")]
        async with _server(str(LATENCY), str(certificate)) as url:
            held, cpu = await _sender("ours", url, MESSAGES, "1000", trusting=certificate)
    return [
        Figure(what, held, 980, "a second", more_is_better=True),
        Figure("CPU that it takes, of one core", cpu * held / MS * 100, 70, "%"),
    ]


@asynccontextmanager
async def _server(*arguments: str) -> AsyncIterator[str]:
    async with running(["-m", "tests.bench.bare_bot_api", *arguments], {}) as server:
        yield (await server.wait_for(r"^serves (.+)"))[1]


async def _sender(who: str, url: str, number: int, *rate: str, trusting: Path | None = None) -> tuple[float, float]:
    """Messages a second, and milliseconds of CPU for each."""
    arguments = ["-m", "tests.bench.broadcaster", who, url, str(number), *rate]
    async with running(arguments, {"SSL_CERT_FILE": str(trusting)} if trusting else {}) as sender:
        found = await sender.wait_for("^sent (.+) a second, (.+) s of CPU")
    return float(found[1]), float(found[2]) / number * MS


async def _certify(path: Path) -> bool:
    """Write a certificate for this machine and its key; whether there is what makes one."""
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(path), "-out", str(path)]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        making = await asyncio.create_subprocess_exec("openssl", "req", *made, *subject, stderr=DEVNULL)
    except FileNotFoundError:
        return False
    return await making.wait() == 0
