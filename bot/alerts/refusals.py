"""Whom a 429 concerns: Telegram does not say whether one chat got too much, or all together did."""

IN_A_ROW = 3
"""Chats that are refused one after another, with no message taken in between, until everything waits."""


class Refusals:
    """Refusals since Telegram last took a message.

    A refusal concerns its chat alone as long as messages to others pass: one busy group, or one hiccup, must not stop
    a broadcast. Once the bot as a whole is too fast, Telegram takes nothing at all until the time is over; so refusals
    of several chats in a row concern everything. It costs two messages more that are refused, of the many that are in
    flight then anyway.
    """

    def __init__(self) -> None:
        self._chats: set[int] = set()

    def taken(self) -> None:
        """Telegram has taken a message."""
        self._chats.clear()

    def refused(self, chat_id: int) -> bool:
        """A message to this chat was refused; whether that now concerns everything."""
        self._chats.add(chat_id)
        return len(self._chats) >= IN_A_ROW
