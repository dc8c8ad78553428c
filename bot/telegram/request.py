"""python-telegram-bot's HTTP over aiohttp, which the service uses for everything else too."""

import json
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot import __version__, metrics

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0

_RESULTS: dict[int, str] = {
    HTTPStatus.OK: "ok",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many_requests",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
}


class AiohttpRequest(BaseRequest):
    """Sends a bot's requests to the Bot API. No error carries the request's address, which holds the token.

    https://docs.python-telegram-bot.org/en/stable/telegram.request.baserequest.html says what it owes.
    """

    def __init__(self, connections: int = 320) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer where the call itself does not say."""
        return ANSWER_SECONDS

    async def initialize(self) -> None:
        """Open the session."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60),
                headers={"User-Agent": f"Tagalong/{__version__}"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        """Close the session with its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The answer's status and body. Raises TimedOut, or NetworkError for every other failure to get Telegram's."""
        if self._session is None:
            raise RuntimeError("This request is not initialized, or shut down already")
        connect = _seconds(connect_timeout, CONNECT_SECONDS)
        timeout = _timeout(connect + _seconds(write_timeout, 0) + _seconds(read_timeout, ANSWER_SECONDS), connect)
        try:
            async with self._session.request(method, url, timeout=timeout, **_body(request_data)) as response:
                status, body = response.status, await response.read()
        except TimeoutError:
            metrics.TELEGRAM_CALLS.labels("unreachable").inc()
            raise TimedOut from None
        except aiohttp.ClientError as error:
            metrics.TELEGRAM_CALLS.labels("unreachable").inc()
            # neither its text nor a chained traceback: both may hold the address, and so the token
            raise NetworkError(f"Telegram could not be reached: {type(error).__name__}") from None
        if method == "POST" and not _is_telegrams(status, body):
            metrics.TELEGRAM_CALLS.labels("unreachable").inc()
            # a proxy's page must not count as Telegram's word: its 403 would put every chat to rest
            raise NetworkError(f"something other than Telegram answered, with HTTP status {status}")
        otherwise = "refused" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "unreachable"
        metrics.TELEGRAM_CALLS.labels(_RESULTS.get(status, otherwise)).inc()
        return status, body


def _is_telegrams(status: int, body: bytes) -> bool:
    """Whether this is an answer to a call, https://core.telegram.org/bots/api#making-requests."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and ("result" if status < HTTPStatus.MULTIPLE_CHOICES else "description") in answer


@lru_cache
def _timeout(whole: float, connect: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=whole, sock_connect=connect)


def _seconds(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def _body(data: RequestData | None) -> dict[str, Any]:
    """As JSON, which costs far less to write than a form; Telegram takes its strings as it does a form's fields."""
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": data.json_payload, "headers": {"Content-Type": "application/json"}}
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return {"data": form}
