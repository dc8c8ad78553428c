"""How fast to send: a token bucket as a pure rule. The store keeps it, so that any number of senders share it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.alerts.digest import Parcel
from bot.model import Pace

BURST_SECONDS = 0.1
"""What may go at once after a pause, as seconds of the rate: a small burst keeps any one second within the limit."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Which messages of a batch go now, the ids of the other alerts by when they may, and when each chat is free."""

    first: list[Parcel]
    later: dict[datetime, list[int]]
    free_at: dict[int, datetime]


def fresh(now: datetime) -> Pace:
    """The pace of a bot that has sent nothing yet."""
    return Pace(tokens=0, counted_at=now)


def refill(pace: Pace, now: datetime, rate: float) -> Pace:
    """The pace with the tokens that have come since it was counted. A clock set back brings none and takes none."""
    elapsed = max((now - pace.counted_at).total_seconds(), 0)
    full = max(rate * BURST_SECONDS, 1)
    counted_at = max(now, pace.halted_until or now)  # a halt brings none, however often it is looked at
    return replace(pace, tokens=min(pace.tokens + elapsed * rate, full), counted_at=counted_at)


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


def chat_pause(chat_id: int) -> timedelta:
    """How long a chat is left alone after a message: about a second; groups, whose ids are negative, take 20 a minute.

    https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    """
    return timedelta(seconds=3 if chat_id < 0 else 1)


def in_turn(parcels: Iterable[Parcel], now: datetime, free_at: Mapping[int, datetime]) -> Turns:
    """Sort messages by when they may go; ``free_at`` says when each chat that was sent one lately may get its next."""
    turns = Turns([], {}, {chat: at for chat, at in free_at.items() if at > now})
    next_at = dict(turns.free_at)
    for parcel in parcels:
        chat_id = parcel[0].chat_id
        at = next_at.get(chat_id, now)
        next_at[chat_id] = at + chat_pause(chat_id)
        if at > now:
            turns.later.setdefault(at, []).extend(alert.id for alert in parcel)
        else:
            turns.first.append(parcel)
            turns.free_at[chat_id] = next_at[chat_id]
    return turns


def _halted_for(pace: Pace, now: datetime) -> timedelta:
    return pace.halted_until - now if pace.halted_until else timedelta(0)
