"""The fields of a JSON object that a bot sent, read as TDLib's ``JsonObject`` reads them."""

from typing import Any

from bot.sandbox.telegram.answers import Json, bad_request
from bot.sandbox.telegram.arguments import SURROGATE, leading_integer

INT32 = 1 << 31


def expect_object(value: Any, reason: str) -> Json:
    """The value where it is a JSON object; else a refusal with this reason."""
    if not isinstance(value, dict):
        raise bad_request(reason)
    return value


def text_field(value: Json, name: str, *, required: bool = False) -> str:
    """A String field; a Number counts as its digits."""
    if name not in value:
        if required:
            raise bad_request(f'Can\'t find field "{name}"')
        return ""
    found = value[name]
    if isinstance(found, str):
        if not found.isascii() and SURROGATE.search(found):
            raise bad_request(f'Field "{name}" must be encoded in UTF-8')
        return found
    if isinstance(found, int | float) and not isinstance(found, bool):
        return str(found)
    raise bad_request(f'Field "{name}" must be of type String')


def integer_field(value: Json, name: str, *, required: bool = False, bound: int = INT32) -> int:
    """A Number field within ``-bound`` and ``bound``; a String of digits counts."""
    if name not in value:
        if required:
            raise bad_request(f'Can\'t find field "{name}"')
        return 0
    found = value[name]
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise bad_request(f'Field "{name}" must be a Number')
    digits = str(found)
    number = leading_integer(digits)
    if str(number) != digits or not -bound <= number < bound:
        raise bad_request(f'Field "{name}" must be a valid Number')
    return number


def flag_field(value: Json, name: str) -> bool:
    """A Boolean field, false where it is missing."""
    found = value.get(name, False)
    if not isinstance(found, bool):
        raise bad_request(f'Field "{name}" must be of type Boolean')
    return found


def object_field(value: Json, name: str) -> Json:
    """A field that must be there and hold an Object."""
    found = value.get(name)
    if name not in value:
        raise bad_request(f'Can\'t find field "{name}"')
    return expect_object(found, f'Field "{name}" must be of type Object')
