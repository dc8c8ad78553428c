"""A call's parameters, whatever way they came: query string, form, multipart or JSON body.

https://core.telegram.org/bots/api#making-requests. To the Bot API every parameter is a string; what is no string in a
JSON body counts as its JSON text, so ``{"limit": 5}`` and ``limit=5`` are one. Like the Bot API server, numbers are
read as far as they go: ``"12abc"`` is 12 and ``"abc"`` is 0.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web

from bot.sandbox.telegram.answers import Json, Refusal, bad_request

FIELDS = 1000
"""That a form may have."""

_INTEGER = re.compile(r"-?[0-9]{1,19}")
SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair: no character, and nothing that UTF-8 could hold."""
_TRUE = frozenset({"true", "yes", "1"})


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a call."""

    name: str
    kind: str
    """Its MIME type."""
    content: bytes


class Arguments:
    """The parameters of one call. Every getter either gives a value or raises ``Refusal``."""

    __slots__ = ("files", "values")

    def __init__(self, values: Mapping[str, str], files: Mapping[str, File] | None = None) -> None:
        self.values = values
        self.files = files or {}

    @classmethod
    def of(cls, values: Json) -> Self:
        """The fields of a JSON object, as parameters: what is no string counts as its JSON text."""
        return cls({name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()})

    def text(self, name: str) -> str:
        """The parameter as it came, empty where it is missing."""
        return self.values.get(name, "")

    def utf8(self, name: str, what: str) -> str:
        """The parameter, where ``what`` names it if it holds half a surrogate pair."""
        value = self.values.get(name, "")
        if not value.isascii() and SURROGATE.search(value):
            raise bad_request(f"{what} must be encoded in UTF-8")
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """The parameter as a number; ``default`` where it is missing or empty."""
        value = self.values.get(name, "")
        return leading_integer(value) if value else default

    def flag(self, name: str) -> bool:
        """Whether the parameter says yes."""
        return self.values.get(name, "").strip().lower() in _TRUE

    def json(self, name: str, what: str) -> Any:
        """The parameter read as JSON, None where it is missing or empty; ``what`` names it in the refusal."""
        value = self.values.get(name, "")
        if not value:
            return None
        try:
            return loads(value)
        except ValueError:
            raise bad_request(f"Can't parse {what} JSON object") from None


def leading_integer(text: str) -> int:
    """The number a text begins with, or 0."""
    found = _INTEGER.match(text)
    return int(found.group()) if found else 0


def loads(text: str | bytes) -> Any:
    """JSON, strictly; bytes are UTF-8. Raises ValueError, also where it is nested too deeply."""
    try:
        return _DECODER.decode(text if isinstance(text, str) else text.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None


async def read_arguments(request: web.Request) -> Arguments:
    """The parameters of a request. Raises Refusal where the body cannot be read."""
    values = dict(request.query)
    files: dict[str, File] = {}
    if request.can_read_body:
        kind = request.content_type
        if kind == "application/x-www-form-urlencoded":
            values.update(_form(await read_body(request)))
        elif kind == "application/json":
            values.update(_json_body(await read_body(request)))
        elif kind == "multipart/form-data":
            fields, files = await _multipart(request)
            values.update(fields)
    return Arguments(values, files)


async def read_body(request: web.Request) -> bytes:
    """The body of a request. Raises Refusal where it is too large or does not arrive as its headers promise."""
    with _arriving():
        return await request.read()


@contextmanager
def _arriving() -> Iterator[None]:
    try:
        yield
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(413, "Request Entity Too Large: too many parameters") from None
    except web.RequestPayloadError:
        raise bad_request("the body cannot be read") from None


def _form(body: bytes) -> list[tuple[str, str]]:
    try:  # what is no UTF-8 becomes half surrogate pairs, which ``utf8`` refuses
        text = body.decode(errors="surrogateescape")
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=FIELDS)
    except ValueError:
        raise bad_request("can't parse the form") from None


def _json_body(body: bytes) -> Mapping[str, str]:
    try:
        values = loads(body) if body.strip() else {}
    except ValueError as error:
        raise bad_request(f"can't parse object: {error}") from None
    if not isinstance(values, dict):
        raise bad_request("JSON object expected")
    return Arguments.of(values).values


async def _multipart(request: web.Request) -> tuple[dict[str, str], dict[str, File]]:
    """The fields that are text, and the files."""
    try:
        with _arriving():
            fields = await request.post()
    except (ValueError, LookupError):  # LookupError: a charset that nobody knows
        raise bad_request("can't parse the multipart body") from None
    files = {
        name: File(value.filename, value.content_type, value.file.read())
        for name, value in fields.items()
        if isinstance(value, web.FileField)
    }
    return {name: value for name, value in fields.items() if isinstance(value, str)}, files


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
