"""Readers for tests: users who write, tap and wait for what the bot says, and the groups they are in."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.sandbox.telegram.answers import Json
from bot.sandbox.telegram.chats import Chat, sent_by_bot
from bot.sandbox.telegram.queries import Query
from bot.sandbox.telegram.world import World

WITHIN = 5.0
"""Seconds that anything may take unless a test says otherwise."""


class Room:
    """A chat as those who are in it see it."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat's id."""
        return self.chat.id

    @property
    def messages(self) -> list[Json]:
        """The messages in the chat, oldest first, as the Bot API has them."""
        return list(self.chat.messages.values())

    @property
    def received(self) -> list[Json]:
        """Those of them that the bot wrote."""
        return [message for message in self.messages if sent_by_bot(message)]

    async def wait_for(self, wanted: Callable[[Json], Any], within: float = WITHIN) -> Json:
        """The newest message of the bot that is as wanted, as soon as there is one, new or edited.

        Raises AssertionError, naming the messages there are, where none comes within so many seconds.
        """
        found = await _until(self.chat, within, lambda: [message for message in self.received if wanted(message)])
        if not found:
            texts = [message.get("text") for message in self.messages]
            raise AssertionError(f"no such message within {within} s; there are {texts}")
        return found[-1]

    async def wait_for_text(self, part: str, within: float = WITHIN) -> Json:
        """The newest message of the bot that holds these words; see ``wait_for``."""
        return await self.wait_for(lambda message: part in message.get("text", ""), within)


class Tap:
    """A tap on a button, which the bot may answer."""

    def __init__(self, chat: Chat, query_id: str) -> None:
        self.id = query_id
        self._chat = chat

    async def answer(self, within: float = WITHIN) -> Json:
        """The bot's answer: ``text``, ``show_alert``, ``url``. Raises AssertionError where none comes in time."""
        found = await _until(self._chat, within, self._answers)
        if not found:
            raise AssertionError(f"the tap was not answered within {within} s")
        return found[-1]

    def _answers(self) -> list[Json]:
        answers = [event.data for event in self._chat.events.after(0) if event.kind == "answer"]
        return [answer for answer in answers if answer["callback_query_id"] == self.id]


class User(Room):
    """A user and the private chat with the bot."""

    async def say(
        self,
        text: str,
        to: Room | None = None,
        *,
        reply_to: Json | None = None,
        thread: int | None = None,
        anonymous: bool = False,
    ) -> Json:
        """Write in the private chat, or in this group; there ``anonymous``, as its administrators can."""
        replied = None if reply_to is None else reply_to["message_id"]
        where = (to or self).chat
        return self.world.say(where, text, self.id, reply_to=replied, thread=thread, anonymous=anonymous)

    async def ask(self, text: str, offset: str = "", within: float = WITHIN) -> Query:
        """Type a query for the bot, as one does in any chat; with its answer.

        Raises TimeoutError where none comes in time.
        """
        query = self.world.ask(self.id, text, offset)
        async with asyncio.timeout(within):
            await query.came.wait()
        return query

    async def share(self, label: str, channel: "Group") -> None:
        """Press a button below the field for text and choose a channel. Raises LookupError where there is none."""
        self.world.share(self.chat, label, channel.chat)

    async def tap(self, message: Json, button: str, *, forged: bool = False) -> Tap:
        """Tap the button with this label or this callback data.

        Raises LookupError, naming the buttons there are, where the message has no such button; a ``forged`` tap sends
        what it is given, as a hostile client can.
        """
        chat = self.world.chats[message["chat"]["id"]]
        data = button if forged else _callback_data(chat.messages[message["message_id"]], button)
        return Tap(chat, self.world.tap(chat, message["message_id"], data, self.id))

    async def share_location(self, latitude: float, longitude: float) -> Json:
        """Share a place on earth in the private chat."""
        return self.world.share_location(self.chat, latitude, longitude, self.id)

    async def block(self) -> None:
        """Block the bot."""
        self.world.set_bot_status(self.chat, "kicked")

    async def unblock(self) -> None:
        """Unblock the bot."""
        self.world.set_bot_status(self.chat, "member")

    async def deactivate(self) -> None:
        """Delete the account."""
        self.chat.deactivated = True


class Group(Room):
    """A group, supergroup or channel."""

    async def kick(self) -> None:
        """Throw the bot out."""
        self.world.set_bot_status(self.chat, "kicked")

    async def add(self) -> None:
        """Let the bot in again."""
        self.world.set_bot_status(self.chat, "member")

    async def promote(self) -> None:
        """Make the bot an administrator, who sees every message."""
        self.world.set_bot_status(self.chat, "administrator")

    async def appoint(self, user: User) -> None:
        """Make a user an administrator."""
        self.chat.admins.add(user.id)

    async def dismiss(self, user: User) -> None:
        """Make an administrator a user like others."""
        self.chat.admins.discard(user.id)

    async def delete_thread(self, thread: int) -> None:
        """Delete a thread of the forum."""
        self.chat.threads.discard(thread)

    async def migrate(self) -> "Group":
        """Become a supergroup, which has another id."""
        return Group(self.world, self.world.migrate(self.chat))


def buttons(message: Json) -> list[Json]:
    """The buttons under a message, row by row."""
    return [button for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


def _callback_data(message: Json, wanted: str) -> str:
    for button in buttons(message):
        if "callback_data" in button and wanted in (button["text"], button["callback_data"]):
            return str(button["callback_data"])
    raise LookupError(f"no button {wanted!r}; there are {[button['text'] for button in buttons(message)]}")


async def _until(chat: Chat, within: float, look: Callable[[], list[Json]]) -> list[Json]:
    """What ``look`` sees as soon as it sees anything; empty where that takes longer."""
    with chat.events.watched() as changed:
        try:
            async with asyncio.timeout(within):
                while not (found := look()):
                    changed.clear()
                    await changed.wait()
                return found
        except TimeoutError:
            return []
