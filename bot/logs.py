"""The log: one event a line, for people or as JSON, with no secret in it and nothing whole from outside."""

import logging
import sys
from collections.abc import Iterable

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError
from structlog.typing import EventDict, Processor, WrappedLogger

MAX_CHARACTERS = 300
"""As much of any one value as is logged: feeds and readers can send megabytes."""
MAX_TRACEBACK = 20_000
"""The same of a traceback, whose end tells most."""


def configure(level: str, form: str, secrets: Iterable[str] = ()) -> None:
    """Send this process's log to standard error, as ``text`` or ``json``, with ``secrets`` blotted out."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _Clean(secrets)]
    if form == "json":
        last += [structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False)]
    else:
        last += [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=30, sort_keys=False)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    chain: list[Processor] = [structlog.processors.format_exc_info, *last]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=chain))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("apscheduler", "aiosqlite", "alembic", "aiohttp.access", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    logging.getLogger("aiohttp.server").addFilter(_in_one_line)
    # python-telegram-bot reports every passing network error with a traceback; what counts is logged by us
    for library in ("telegram.ext.Updater", "telegram.ext.Application"):
        logging.getLogger(library).setLevel(logging.CRITICAL)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Whether the record counts. What strangers send that is no HTTP, which aiohttp has refused, is no bug of ours."""
    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, HttpProcessingError | RequestPayloadError):
        return True
    record.levelno, record.levelname = logging.INFO, "INFO"
    record.msg, record.args, record.exc_info = "refused what is no HTTP: %s", (error,), None
    return logging.getLogger().isEnabledFor(logging.INFO)


class _Clean:
    """Makes every string of an event one bounded line without a secret.

    A traceback keeps its lines, indented: what it quotes cannot pass for an event.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(filter(None, secrets))

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        return {key: self._clean(key, value) for key, value in event.items()}

    def _clean(self, key: str, value: object) -> object:
        if isinstance(value, bool | int | float | None):
            return value
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        if key == "exception":
            return "\n  ".join(map(_printable, text[-MAX_TRACEBACK:].split("\n")))
        line = _printable(text)
        return line if len(line) <= MAX_CHARACTERS else line[:MAX_CHARACTERS] + "…"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
