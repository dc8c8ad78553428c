"""A site on a bare socket: it serves its feed, or breaks in whatever way a test tells it to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Fault = Callable[["Press", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is done instead of an answer, once a request has been read."""
_ITEM = "<item><title>{0}</title><link>http://127.0.0.1/{0}/</link><category>World</category></item>"


class Press:
    """What the site has published, the newest first, and what ails it. ``asked`` counts requests."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.published = ["old"]
        self.fault: Fault | None = None
        self.asked = 0
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """Where it listens, or did before it closed."""
        return self._port

    async def open(self) -> None:
        """Listen, where it did before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=self._tls)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def feed(self) -> bytes:
        """The feed's bytes."""
        items = "".join(map(_ITEM.format, self.published))
        return f'<rss version="2.0"><channel><title>The Press</title>{items}</channel></rss>'.encode()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            if self.fault is not None:
                await self.fault(self, reader, writer)
            else:
                writer.write(answer(self.feed))
                await writer.drain()
            writer.close()
            await writer.wait_closed()


def answer(body: bytes, length: int | None = None) -> bytes:
    """An answer with this body, which says that it has another ``length`` where one is given."""
    said = len(body) if length is None else length
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {said}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


@asynccontextmanager
async def printing(tls: ssl.SSLContext | None = None) -> AsyncIterator[Press]:
    """A press at work."""
    press = Press(tls)
    await press.open()
    try:
        yield press
    finally:
        await press.close()
