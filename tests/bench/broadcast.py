"""A paid broadcast the whole way: claimed, rendered, sent through python-telegram-bot and marked, by one worker.

Beside it, in the same run and to the same server, python-telegram-bot as it comes, with its AIORateLimiter where
aiolimiter is installed, and bare aiohttp. The server and each that sends are processes of their own.

What is wanted, 1,500 alerts a second and 1,000 held, was said of a machine on which bare aiohttp sends some 7,500 and
python-telegram-bot some 370. Machines differ, so the limits are what those figures are beside these peers: a fifth of
bare aiohttp's, four times python-telegram-bot's, and to be held 1,000 a second or 2/15 of what bare aiohttp sends here,
whichever is less. On a busy machine trust the CPU.
"""

import asyncio
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bench.figures import Figure, Skipped
from tests.process import running

MESSAGES = 5_000
FEW = 300
"""For those that are slow."""
PAID = 1_000
LATENCY = 0.05
SECONDS = 20
"""For which the rate is held."""
MS = 1000


async def measure() -> Sequence[Figure | Skipped]:
    """Alerts a second with nothing in the way; the paid rate with TLS and latency, and the CPU that it takes."""
    async with bare_bot_api() as url:
        ours, our_cpu = await _sender("ours", url, MESSAGES)
        ptb, ptb_cpu = await _sender("ptb", url, FEW)
        bare, bare_cpu = await _sender("aiohttp", url, MESSAGES)
    figures = [
        Figure("paid broadcast, the whole way, one worker, beside a fifth of bare aiohttp's sends", ours, bare / 5,
               "a second", more_is_better=True),
        Figure("CPU of an alert, beside five times bare aiohttp's", our_cpu, bare_cpu * 5),
        Figure("alerts beside four times the sends of PTB as it comes", ours, ptb * 4, "a second", more_is_better=True),
        Figure("CPU of an alert, beside a quarter of PTB's", our_cpu, ptb_cpu / 4),
    ]  # fmt: skip
    return [*figures, *await _held(min(PAID, bare * 2 // 15))]


async def bare_rate() -> float:
    """Messages a second that bare aiohttp sends here."""
    async with bare_bot_api() as url:
        return (await _sender("aiohttp", url, MESSAGES // 2))[0]


async def _held(rate: float) -> Sequence[Figure | Skipped]:
    """A paid rate over TLS."""
    what = f"{rate:,.0f} a second held, over TLS with {LATENCY * MS:.0f} ms of latency"
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        certificate = Path(folder) / "server.pem"
        if not await _certify(certificate):
            return [Skipped(what, "no openssl, which makes the certificate")]
        async with bare_bot_api(str(LATENCY), str(certificate)) as url:
            held, cpu = await _sender("ours", url, round(rate * SECONDS), str(rate), trusting=certificate)
    return [
        Figure(what, held, rate * 0.98, "a second", more_is_better=True),
        Figure("CPU that it takes, of one core", cpu * held / MS * 100, 70, "%"),
    ]


@asynccontextmanager
async def bare_bot_api(latency: str = "0", *certificate: str) -> AsyncIterator[str]:
    """The address of a server that takes every message, a process of its own."""
    async with running(["-m", "tests.bench.bare_bot_api", latency, *certificate], {}) as server:
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
