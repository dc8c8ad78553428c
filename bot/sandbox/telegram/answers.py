"""What a method answers when it does not do what it was asked, in Telegram's words.

The wordings are those of the Bot API server, https://github.com/tdlib/telegram-bot-api.
"""

import json
from typing import Any

Json = dict[str, Any]
"""A JSON object as the Bot API has it. Once handed on it is never changed, only replaced."""

_PREFIXES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


class Refusal(Exception):
    """A method was refused: HTTP status, description, and what a bot can use to do better."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        """The answer's JSON object."""
        answer: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def refusal(status: int, reason: str, **parameters: int) -> Refusal:
    """A refusal as Telegram words it: the status in words, then the reason with a small first letter.

    Reasons that begin with two capitals, such as ``BUTTON_DATA_INVALID``, are left as they are.
    """
    if not (len(reason) > 1 and (reason[1] == "_" or "A" <= reason[1] <= "Z")):
        reason = reason[:1].lower() + reason[1:]
    return Refusal(status, f"{_PREFIXES[status]}: {reason}", **parameters)


def bad_request(reason: str, **parameters: int) -> Refusal:
    """The refusal of a request that cannot be carried out: status 400."""
    return refusal(400, reason, **parameters)


def too_many_requests(seconds: int) -> Refusal:
    """The refusal of a request beyond the limits; the bot must wait."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def encode(value: Any) -> bytes:
    """JSON as it goes over the wire."""
    return _ENCODER.encode(value).encode()


_ENCODER = json.JSONEncoder(separators=(",", ":"))
