"""How fast to send: pure rules. The store keeps what they count, so that any number of senders share it.

The bot as a whole has a token bucket: a token is a message. Replies to readers never wait for it; what they take beyond
it is a debt that alerts pay by waiting. Each chat has an allowance beside that.
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.alerts.digest import Parcel
from bot.model import Pace

BATCH_SECONDS = 0.1
"""Alerts are claimed for so much time at once."""
BURST_SECONDS = 2 * BATCH_SECONDS
"""What may go at once after a pause, as seconds of the rate: who comes late for a batch loses none of it."""
DEBT_SECONDS = 1.0
"""The longest that alerts wait for what replies took."""
SLOWER = 0.95
"""What is left of the rate after a refusal, of which only one in SLOWED_FOR counts."""
SLOWED_FOR = timedelta(seconds=5)
SLOWEST = 0.1
"""What is left of the rate at least."""
RECOVERY = 0.01
"""How much of the rate as it is set comes back in a second."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one chat may get: so many messages at once, and then one each ``every``."""

    burst: int
    every: timedelta


PRIVATE = Allowance(3, timedelta(seconds=1))
"""About one a second, short bursts aside."""
GROUP = Allowance(3, timedelta(minutes=1) / (20 - 3))
"""Never more than 20 within any minute, the burst included."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Which messages of a batch go now, when each of the others may, and when the chats of the first are free again."""

    first: list[Parcel]
    later: list[tuple[Parcel, datetime]]
    free_at: dict[int, datetime]


def fresh(now: datetime) -> Pace:
    """The pace of a bot that has sent nothing yet."""
    return Pace(tokens=0, counted_at=now)


def refill(pace: Pace, now: datetime, rate: float) -> Pace:
    """The pace with the tokens that have come since it was counted. A clock set back brings none and takes none.

    ``rate`` is the one that is set; the pace's own creeps back to it.
    """
    elapsed = max((now - pace.counted_at).total_seconds(), 0)
    current = min((pace.rate or rate) + rate * RECOVERY * elapsed, rate)
    full = max(current * BURST_SECONDS, 1)
    tokens = max(min(pace.tokens + elapsed * current, full), -current * DEBT_SECONDS)
    counted_at = max(now, pace.halted_until or now)  # a halt brings none, however often it is looked at
    return replace(pace, tokens=tokens, counted_at=counted_at, rate=current)


def allowed(pace: Pace, now: datetime) -> int:
    """How many messages may go now."""
    return 0 if _halted_for(pace, now) > timedelta(0) else max(int(pace.tokens), 0)


def spend(pace: Pace, messages: int) -> Pace:
    """The pace after so many messages."""
    return replace(pace, tokens=pace.tokens - messages)


def halt(pace: Pace, now: datetime, retry_after: timedelta) -> Pace:
    """The pace after Telegram said to wait: nothing goes until then, and afterwards not in a burst."""
    until = max(now + retry_after, pace.halted_until or now)
    return replace(pace, tokens=min(pace.tokens, 0), counted_at=until, halted_until=until)


def slow(pace: Pace, now: datetime, rate: float) -> Pace:
    """The pace after a refusal: Telegram takes less than is set, which it never promised to take."""
    if pace.slowed_at is not None and timedelta(0) <= now - pace.slowed_at < SLOWED_FOR:
        return pace
    return replace(pace, rate=max((pace.rate or rate) * SLOWER, rate * SLOWEST), slowed_at=now)


def wait(pace: Pace, now: datetime, rate: float) -> timedelta:
    """How long until the next batch may go."""
    current = pace.rate or rate
    missing = max(max(current * BATCH_SECONDS, 1) - pace.tokens, 0) / current
    return max(_halted_for(pace, now), timedelta(0)) + timedelta(seconds=missing)


def allowance(chat_id: int) -> Allowance:
    """What a chat may get. The ids of groups and channels are negative."""
    return GROUP if chat_id < 0 else PRIVATE


def after_messages(chat_id: int, messages: int, now: datetime, free_at: datetime | None) -> datetime:
    """When a chat is free again, bursts aside, after so many messages."""
    return max(free_at or now, now) + messages * allowance(chat_id).every


def shut_until(chat_id: int, until: datetime) -> datetime:
    """When a chat is free again, bursts aside, that may get nothing until then."""
    return until + (allowance(chat_id).burst - 1) * allowance(chat_id).every


def in_turn(parcels: Iterable[Parcel], now: datetime, free_at: Mapping[int, datetime]) -> Turns:
    """Sort messages by when they may go; ``free_at`` says when each chat that got something lately is free again."""
    turns = Turns([], [], {})
    next_at = dict(free_at)
    for parcel in parcels:
        chat = parcel[0].chat_id
        opens = next_at.get(chat, now) - (allowance(chat).burst - 1) * allowance(chat).every
        next_at[chat] = after_messages(chat, 1, now, next_at.get(chat))
        if opens > now:
            turns.later.append((parcel, opens))
        else:
            turns.first.append(parcel)
            turns.free_at[chat] = next_at[chat]
    return turns


def _halted_for(pace: Pace, now: datetime) -> timedelta:
    return pace.halted_until - now if pace.halted_until else timedelta(0)
