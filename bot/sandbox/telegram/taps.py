"""The taps on buttons that the bot has not answered yet, https://core.telegram.org/bots/api#callbackquery."""

from collections import OrderedDict
from typing import NamedTuple

from bot.sandbox.telegram.chats import Chat

TAP_SECONDS = 15
"""How long a tap can be answered. Telegram does not say; it is seconds rather than minutes."""
TAPS_KEPT = 10_000


class Tap(NamedTuple):
    """One of them."""

    chat: Chat
    message_id: int
    at: float


class Taps:
    """All of them; ``now`` is any clock in seconds that never goes back."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Tap] = OrderedDict()
        self._last = 0

    def begin(self, chat: Chat, message_id: int, now: float) -> str:
        """A tap waits for its answer; this is the callback query's id."""
        self._last += 1
        query_id = str(self._last)
        self._waiting[query_id] = Tap(chat, message_id, now)
        if len(self._waiting) > TAPS_KEPT:
            self._waiting.popitem(last=False)
        return query_id

    def end(self, query_id: str, now: float) -> Tap | None:
        """The tap is answered; None where it was before, or it is too late, or there never was one."""
        tap = self._waiting.pop(query_id, None)
        return tap if tap is not None and now - tap.at <= TAP_SECONDS else None
