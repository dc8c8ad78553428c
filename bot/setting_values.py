"""What values settings may have: each kind, as a type that says itself what is wrong with a value and what would do.

Of secrets nothing is shown; of all else the value, as far as it is one line.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import NoDecode

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

SHOWN = 60
"""Characters of a wrong value."""

_CHAT_ID = re.compile(r"-?[1-9][0-9]{0,15}")  # at most 52 bits, https://core.telegram.org/bots/api#chat
_COMMA = re.compile(r",(?=https?://)")  # which may stand in an address, but not before another one


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if _COMMA.search(value):
        raise ValueError("has a comma between addresses: separate them by spaces")
    if not good or not value.isprintable() or " " in value:
        shown = value.rpartition("@")[2]  # before it may be a password
        raise ValueError(
            f"{shown!r} is no web address; it must begin with https:// or http:// and name a host,"
            " as in https://paper.example"
        )
    return value


def _base_address(value: str) -> str:
    parts = urlsplit(_web_address(value))
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must end with its host or path: leave out name and password, and ? or # with what follows")
    return urlunsplit(parts).rstrip("/")


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is no name of the tz database; those look like Africa/Johannesburg")
    return value


def _chat_ids(value: object) -> object:
    if not isinstance(value, str):
        return value
    ids = value.replace(",", " ").split()
    for chat_id in ids:
        if not _CHAT_ID.fullmatch(chat_id):
            raise ValueError(
                f"{chat_id[:SHOWN]!r} is no number of a chat; write numbers, separated by spaces or commas, as in"
                " 123456789 -1001234567890: a name such as @editor is none"
            )
    return tuple(dict.fromkeys(map(int, ids)))


def _split(separator: str | None) -> Callable[[object], object]:
    """Text into its parts, each once; None stands for white space."""

    def split(value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(dict.fromkeys(filter(None, map(str.strip, value.split(separator)))))

    return split


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _secret(pattern: str, says: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, value.get_secret_value()):
            raise ValueError(says)
        return value

    return AfterValidator(check)


def engine_url(value: SecretStr) -> "URL":
    """A database's address as SQLAlchemy wants it. Raises ValueError where it is none."""
    from bot.database_url import engine_url as read  # a command without a database loads nothing that speaks with one

    return read(value.get_secret_value())


def _database_address(value: SecretStr) -> SecretStr:
    engine_url(value)
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
BaseAddress = Annotated[str, AfterValidator(_base_address)]
"""An address below which others are; without a slash at its end."""
Addresses = Annotated[tuple[WebAddress, ...], NoDecode, BeforeValidator(_split(None))]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split(","))]
ChatIds = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_chat_ids)]
TimeZone = Annotated[str, AfterValidator(_zone)]
AnyCase = BeforeValidator(_lower)
DatabaseAddress = Annotated[SecretStr, AfterValidator(_database_address)]
BotToken = Annotated[
    SecretStr,
    _secret(
        r"[0-9]{1,20}:[A-Za-z0-9_-]{5,128}",
        "is not a bot token; BotFather gives one that looks like 123456789:AAE… — copy it whole, without spaces",
    ),
]
WebhookSecret = Annotated[
    SecretStr,
    _secret(
        r"[A-Za-z0-9_-]{1,256}",  # https://core.telegram.org/bots/api#setwebhook
        "may have 1 to 256 characters of A-Z, a-z, 0-9, _ and -; leave it out to have one derived",
    ),
]
MetricsToken = Annotated[
    SecretStr, _secret(r"[!-~]{16,256}", "must be a word of 16 to 256 letters, digits and signs, lest it is guessed")
]


def sentences(error: ValidationError) -> str:
    """A line for each setting that is wrong."""
    return "\n".join(map(_sentence, error.errors(include_url=False)))


def misspelt(given: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """A sentence for each of the given names that is no setting but nearly one, such as FEED_URL."""
    settings = {name.upper() for name in known}
    for name in sorted({name.upper() for name in given} - settings):
        if near := get_close_matches(name, settings, n=1, cutoff=0.87):
            yield f"{name} is no setting, and nobody reads it: did you mean {near[0]}?"


def _sentence(problem: ErrorDetails) -> str:
    name = str(problem["loc"][0]).upper() if problem["loc"] else ""
    if problem["type"] == "value_error":
        return f"{name} {problem['msg'].removeprefix('Value error, ')}".strip()
    return f"{name} is {_shown(problem['input'])}: {_wanted(problem)}"


def _wanted(problem: ErrorDetails) -> str:
    """What would do instead."""
    limits: dict[str, Any] = problem.get("ctx", {})
    match problem["type"]:
        case "greater_than_equal":
            return f"it must be {limits['ge']:g} or more"
        case "less_than_equal":
            return f"it must be {limits['le']:g} or less"
        case "int_parsing" | "int_from_float":
            return "it must be a whole number"
        case "float_parsing" | "finite_number":
            return "it must be a number"
        case "bool_parsing":
            return "it must be true or false"
        case "literal_error":
            return f"it must be {str(limits['expected']).replace(chr(39), '')}"
        case "string_too_long":
            return f"it must have {limits['max_length']} characters or fewer"
        case _:
            return problem["msg"]


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")
