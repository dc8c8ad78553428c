"""How fast a bot may send, https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this.

Telegram promises no exact numbers; these are the ones it names. Who goes beyond is told how many seconds to wait, and
until then every further message in the same chat, or anywhere where the whole bot was too fast, is refused as well.
"""

from dataclasses import dataclass
from math import ceil, inf


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages that may be sent or edited; ``Limits.off()`` for no limit at all."""

    per_second: float = 30
    """By the whole bot."""
    paid_per_second: float = 1000
    """By the whole bot, with ``allow_paid_broadcast``."""
    chat_per_second: float = 1
    """In one chat, in the long run."""
    chat_burst: int = 5
    """In one chat, at once."""
    group_per_minute: float = 20
    """In one group, supergroup or channel."""
    halt_seconds: int = 1
    """The shortest time that a bot which went too fast has to wait."""

    @classmethod
    def off(cls) -> "Limits":
        """No limits."""
        return cls(inf, inf, inf, 1, inf, 0)


@dataclass(slots=True)
class Allowance:
    """What may still be sent: so many at once, and then as many as flow in."""

    per_second: float
    burst: float
    left: float
    seen: float
    """When ``left`` was reckoned."""
    halted_until: float = -inf

    @classmethod
    def full(cls, per_second: float, burst: float, now: float) -> "Allowance":
        """Nothing sent yet."""
        return cls(per_second, burst, burst, now)

    def wait(self, now: float) -> float:
        """Seconds until one more may be sent; 0 where it may at once."""
        if now < self.halted_until:
            return self.halted_until - now
        self.left = min(self.burst, self.left + (now - self.seen) * self.per_second)
        self.seen = now
        return 0.0 if self.left >= 1 else (1 - self.left) / self.per_second

    def take(self) -> None:
        """One is sent."""
        self.left -= 1

    def halt(self, now: float, seconds: int) -> None:
        """Nothing more for so many seconds; who asks again before they are over is halted no longer for it."""
        if now >= self.halted_until:
            self.halted_until = now + seconds


class Limiter:
    """Counts what one bot sends. ``now`` is any clock in seconds that never goes back."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.off = limits == Limits.off()
        self._everywhere: dict[bool, Allowance] = {}
        self._chats: dict[int, Allowance] = {}

    def admit(self, chat_id: int, now: float, *, group: bool, paid: bool) -> int:
        """Count one message. The answer is 0, or how many seconds to wait because it is not admitted."""
        if self.off:
            return 0
        allowances = (self._bot(now, paid=paid), self._chat(chat_id, now, group=group))
        waits = [allowance.wait(now) for allowance in allowances]
        if not any(waits):
            for allowance in allowances:
                allowance.take()
            return 0
        seconds = max(ceil(max(waits)), self.limits.halt_seconds)
        for allowance, wait in zip(allowances, waits, strict=True):
            if wait:
                allowance.halt(now, seconds)
        return seconds

    def _bot(self, now: float, *, paid: bool) -> Allowance:
        if paid not in self._everywhere:
            rate = self.limits.paid_per_second if paid else self.limits.per_second
            self._everywhere[paid] = Allowance.full(rate, rate, now)
        return self._everywhere[paid]

    def _chat(self, chat_id: int, now: float, *, group: bool) -> Allowance:
        if chat_id not in self._chats:
            if len(self._chats) >= _CHATS_REMEMBERED:
                self._forget(now)
            limits = self.limits
            rate, burst = (
                (limits.group_per_minute / 60, limits.group_per_minute)
                if group
                else (limits.chat_per_second, limits.chat_burst)
            )
            self._chats[chat_id] = Allowance.full(rate, burst, now)
        return self._chats[chat_id]

    def _forget(self, now: float) -> None:
        """Chats that have waited long enough are as good as new."""
        self._chats = {
            chat_id: allowance
            for chat_id, allowance in self._chats.items()
            if allowance.wait(now) or allowance.left < allowance.burst
        }


_CHATS_REMEMBERED = 10_000
