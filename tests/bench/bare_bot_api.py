"""A Bot API that takes every message and keeps none, as fast as Python can: what is measured is who sends to it.

A process of its own: ``python -m tests.bench.bare_bot_api LATENCY [CERTIFICATE]``, in seconds and as a file that holds
the key, too. It prints its address.
"""

import asyncio
import json
import re
import ssl
import sys
from functools import partial

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_ME = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_BUTTON = {"text": "Read", "url": "https://news.example/2026/03/01/a-story-of-some-length/?utm_source=telegram"}
_MESSAGE = {"message_id": 1, "date": 1_772_366_400, "chat": {"id": 1, "type": "private", "first_name": "Ada"},
            "from": _ME, "text": "A headline and a teaser of the length that newspapers like. " * 4,
            "entities": [{"type": "bold", "offset": 0, "length": 10}, {"type": "italic", "offset": 20, "length": 9}],
            "reply_markup": {"inline_keyboard": [[_BUTTON, _BUTTON], [_BUTTON]]}}  # fmt: skip
"""As long as Telegram's answers are, which repeat what was sent."""


def _answer(result: object) -> bytes:
    body = json.dumps({"ok": True, "result": result}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


MESSAGE = _answer(_MESSAGE)
_NO_WEBHOOK = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
OTHERS = {
    b"/getMe ": _answer(_ME),
    b"/getWebhookInfo ": _answer(_NO_WEBHOOK),
    b"/getMyCommands ": _answer([]),
    b"/getMyDescription ": _answer({"description": ""}),
    b"/getMyShortDescription ": _answer({"short_description": ""}),
}
"""What it answers beside messages."""


class Connection(asyncio.Protocol):
    """Answers one request after another."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._received, 0, end)
            length = int(found[1]) if found else 0
            if len(self._received) < end + 4 + length:
                return
            asked = self._received[:200]
            answer = next((OTHERS[name] for name in OTHERS if name in asked), MESSAGE) if b"/get" in asked else MESSAGE
            self._received = self._received[end + 4 + length :]
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def main(latency: float, certificate: str | None = None) -> None:
    """Serve until killed."""
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
    server = await asyncio.get_running_loop().create_server(partial(Connection, latency), "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    print(f"serves {scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), *sys.argv[2:]))
