"""How fast to send: a token bucket as a pure rule. The store keeps it, so that any number of senders share it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import Alert, Pace

BURST_SECONDS = 0.1
"""What may go at once after a pause, as seconds of the rate: a small burst keeps any one second within the limit."""


def fresh(now: datetime) -> Pace:
    """The pace of a bot that has sent nothing yet."""
    return Pace(tokens=0, counted_at=now)


def refill(pace: Pace, now: datetime, rate: float) -> Pace:
    """The pace with the tokens that have come since it was counted. A clock set back brings none and takes none."""
    elapsed = max((now - pace.counted_at).total_seconds(), 0)
    full = max(rate * BURST_SECONDS, 1)
    return replace(pace, tokens=min(pace.tokens + elapsed * rate, full), counted_at=now)


def allowed(pace: Pace, now: datetime) -> int:
    """How many messages may go now."""
    return 0 if _halted_for(pace, now) > timedelta(0) else int(pace.tokens)


def spend(pace: Pace, messages: int) -> Pace:
    """The pace after so many messages."""
    return replace(pace, tokens=pace.tokens - messages)


def halt(pace: Pace, now: datetime, retry_after: timedelta) -> Pace:
    """The pace after Telegram said to wait: nothing goes until then, and afterwards not in a burst."""
    until = max(now + retry_after, pace.halted_until or now)
    return Pace(tokens=0, counted_at=until, halted_until=until)


def wait(pace: Pace, now: datetime, rate: float) -> timedelta:
    """How long until the next message may go."""
    missing = max(1 - pace.tokens, 0) / rate
    return max(_halted_for(pace, now), timedelta(0)) + timedelta(seconds=missing)


def one_a_chat(alerts: Sequence[Alert]) -> tuple[list[Alert], dict[int, list[int]]]:
    """The first alert of each chat, to be sent now, and the ids of the others by the seconds that they should wait.

    Telegram wants no more than about one message a second in one chat.
    """
    first: list[Alert] = []
    later: dict[int, list[int]] = {}
    waiting: Counter[int] = Counter()
    for alert in alerts:
        if (seconds := waiting[alert.chat_id]) == 0:
            first.append(alert)
        else:
            later.setdefault(seconds, []).append(alert.id)
        waiting[alert.chat_id] += 1
    return first, later


def _halted_for(pace: Pace, now: datetime) -> timedelta:
    return pace.halted_until - now if pace.halted_until else timedelta(0)
