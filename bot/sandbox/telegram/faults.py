"""Failures on demand: what a network, a server or Telegram itself may do to a call."""

import random
from dataclasses import dataclass, field

from bot.sandbox.telegram.answers import Refusal, bad_request

KINDS = {
    "400": 400,
    "401": 401,
    "403": 403,
    "409": 409,
    "429": 429,
    "500": 500,
    "502": 502,
    "migrate": 400,
    "nonsense": 200,
    "stray": 200,
    "timeout": 0,
    "reset": 0,
}
"""What can happen, with the HTTP status: ``migrate`` says that the group became a supergroup, ``nonsense`` answers with
something that is no JSON, ``stray`` with a result of another kind, ``timeout`` never answers, ``reset`` breaks the
connection."""

_WORDS = {
    400: "Bad Request: chat not found",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass(slots=True)
class Fault:
    """One failure waiting for its calls."""

    fault: str
    """One of ``KINDS``."""
    method: str = "*"
    """The method it hits, in any case; ``*`` for every one."""
    chat_id: int | None = None
    """Only calls for this chat."""
    times: int = 1
    """How many calls it hits before it is gone."""
    probability: float = 1.0
    """How likely each of those calls is hit; one that is spared does not count."""
    retry_after: int = 1
    """Seconds, for ``429``."""
    description: str = ""
    """What the answer says instead of the usual words."""
    migrate_to_chat_id: int = -1_000_000_000_001
    """Where the group went, for ``migrate``."""
    applied: bool = False
    """Whether the call takes effect although its answer is this failure."""

    @property
    def status(self) -> int:
        """The HTTP status of its answer; 0 where there is none."""
        return KINDS[self.fault]

    def refusal(self) -> Refusal:
        """What it answers, where it answers in JSON."""
        if self.fault == "migrate":
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            return Refusal(400, self.description or words, migrate_to_chat_id=self.migrate_to_chat_id)
        if self.fault == "429":
            words = f"Too Many Requests: retry after {self.retry_after}"
            return Refusal(429, self.description or words, retry_after=self.retry_after)
        return Refusal(self.status, self.description or _WORDS[self.status])


@dataclass(slots=True)
class Faults:
    """The failures that wait, oldest first."""

    waiting: list[Fault] = field(default_factory=list)
    chance: random.Random = field(default_factory=random.Random)

    def add(self, fault: Fault) -> None:
        """Let it happen. Raises Refusal where it is no fault that could."""
        if fault.fault not in KINDS:
            raise bad_request(f"fault must be one of {', '.join(KINDS)}")
        if fault.times < 1 or not 0 < fault.probability <= 1 or fault.retry_after < 0:
            raise bad_request("times must be 1 or more, probability above 0 and at most 1, retry_after 0 or more")
        self.waiting.append(fault)

    def clear(self) -> None:
        """Let nothing fail any more."""
        self.waiting.clear()

    def strike(self, method: str, chat_id: str) -> Fault | None:
        """The failure that hits this call, if any."""
        for fault in self.waiting:
            if fault.method != "*" and fault.method.lower() != method:
                continue
            if fault.chat_id is not None and str(fault.chat_id) != chat_id:
                continue
            if fault.probability < 1 and self.chance.random() >= fault.probability:
                continue
            fault.times -= 1
            if fault.times == 0:
                self.waiting.remove(fault)
            return fault
        return None
