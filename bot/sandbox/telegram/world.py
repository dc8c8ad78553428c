"""The little Telegram that the sandbox keeps: one bot, its users and chats, and what happens between them.

Everything here is what Telegram would do; how it is asked, over HTTP or from Python, is decided elsewhere.
"""

import time
from collections.abc import Callable, Iterable

from bot.sandbox.telegram.answers import Json, bad_request
from bot.sandbox.telegram.chats import MESSAGES_KEPT, Chat
from bot.sandbox.telegram.formatting import TEXT_LIMIT, entities_json, format_text, utf16_length
from bot.sandbox.telegram.membership import bot_sees, chat_member
from bot.sandbox.telegram.queries import Queries, Query
from bot.sandbox.telegram.taps import Taps
from bot.sandbox.telegram.updates import Updates

_GROUPS = -1_000
_SUPERGROUPS = -1_000_000_000_000
_USERS = 1_000


class World:
    """All state of one bot. ``clock`` gives seconds that never go back."""

    def __init__(self, username: str, clock: Callable[[], float], messages_kept: int = MESSAGES_KEPT) -> None:
        self.bot: Json = {"id": 1, "is_bot": True, "first_name": "Sandbox", "username": username}
        self.clock = clock
        self.updates = Updates(clock)
        self.chats: dict[int, Chat] = {}
        self.users: dict[int, Json] = {}
        """Everyone but the bot."""
        self._messages_kept = messages_kept
        self.queries = Queries()
        self._taps = Taps()
        self._last_message = 0

    def become(self, bot_id: int) -> None:
        """The bot's id is known, which its token tells."""
        self.bot = self.bot | {"id": bot_id}

    def close(self) -> None:
        """Let go whoever waits for something to happen."""
        self.updates.close()
        for chat in self.chats.values():
            chat.events.wake()

    def add_user(self, user_id: int | None = None, *, first_name: str, **more: str) -> Chat:
        """A user and the private chat with the bot, which the bot cannot use before the user wrote."""
        user_id = self._free_id(_USERS, 1) if user_id is None else self._unused(user_id)
        names = {"first_name": first_name, **{name: value for name, value in more.items() if value}}
        user = self.users[user_id] = {"id": user_id, "is_bot": False, **names}
        about = {"id": user_id, **{name: names[name] for name in names if name != "language_code"}, "type": "private"}
        return self._add(Chat(about, {user_id: user}, messages_kept=self._messages_kept))

    def add_group(
        self,
        title: str,
        members: Iterable[int] = (),
        *,
        kind: str = "group",
        chat_id: int | None = None,
        name: str = "",
    ) -> Chat:
        """A group, supergroup or channel with these users in it, the first of them its owner; the bot is added.

        A ``name`` is its public @username.
        """
        first = _GROUPS if kind == "group" else _SUPERGROUPS
        chat_id = self._free_id(first, -1) if chat_id is None else self._unused(chat_id)
        about = {"id": chat_id, "title": title, **({"username": name} if name else {}), "type": kind}
        people = {user_id: self.users[user_id] for user_id in members}
        chat = self._add(Chat(about, people, messages_kept=self._messages_kept))
        chat.bot_status = "left"
        self.set_bot_status(chat, "administrator" if kind == "channel" else "member")
        return chat

    def chat(self, chat_id: int) -> Chat:
        """The chat with this id. Raises Refusal where there is none."""
        try:
            return self.chats[chat_id]
        except KeyError:
            raise bad_request("chat not found") from None

    def say(
        self,
        chat: Chat,
        text: str,
        user_id: int | None = None,
        *,
        reply_to: int | None = None,
        thread: int | None = None,
        anonymous: bool = False,
    ) -> Json:
        """A user writes; who blocked the bot unblocks it by that. Raises Refusal where the text is no message.

        An ``anonymous`` administrator speaks as the group.
        """
        plain, entities = format_text(text, "")
        if utf16_length(plain) > TEXT_LIMIT:
            raise bad_request("message is too long")
        message = self._message(chat, self._author(chat, user_id))
        if anonymous:
            message |= {"from": _ANONYMOUS, "sender_chat": chat.about}
        if chat.private and chat.bot_status == "kicked":
            self.set_bot_status(chat, "member")
        chat.started = True
        if thread is not None:
            chat.is_forum = True
            chat.threads.add(thread)
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if reply_to is not None and reply_to in chat.messages:
            message["reply_to_message"] = chat.quoted(reply_to)
        message["text"] = plain
        if listed := entities_json(plain, entities, self.users):
            message["entities"] = listed
        return self._arrive(chat, message)

    def share_location(self, chat: Chat, latitude: float, longitude: float, user_id: int | None = None) -> Json:
        """A user shares a place on earth."""
        message = self._message(chat, self._author(chat, user_id))
        chat.started = True
        return self._arrive(chat, message | {"location": {"latitude": latitude, "longitude": longitude}})

    def _arrive(self, chat: Chat, message: Json) -> Json:
        self._show(chat, message)
        if bot_sees(chat, message, self.bot["username"]):
            self.updates.add("channel_post" if chat.kind == "channel" else "message", message)
        return message

    def tap(self, chat: Chat, message_id: int, data: str, user_id: int | None = None) -> str:
        """A user taps a button of this message, or makes a client claim so; the answer is the callback query's id."""
        message, author = chat.messages[message_id], self._author(chat, user_id)
        query_id = self._taps.begin(chat, message_id, self.clock())
        instance = str(chat.id ^ self.bot["id"])
        query = {"id": query_id, "from": author, "message": message, "chat_instance": instance, "data": data}
        self.updates.add("callback_query", query)
        return query_id

    def answer(self, query_id: str, text: str, url: str, *, show_alert: bool) -> None:
        """The bot answers a tap. Raises Refusal where nobody waits for it, or no longer."""
        tap = self._taps.end(query_id, self.clock())
        if tap is None:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        answer: Json = {"callback_query_id": query_id, "message_id": tap.message_id}
        tap.chat.events.add("answer", answer | {"text": text, "show_alert": show_alert, "url": url})

    def ask(self, user_id: int, text: str, offset: str = "") -> Query:
        """A user types a query for the bot in some chat."""
        user = self.users[user_id]
        query_id, query = self.queries.begin(user, self.clock())
        self.updates.add("inline_query", {"id": query_id, "from": user, "query": text, "offset": offset})
        return query

    def share(self, chat: Chat, label: str, channel: Chat) -> None:
        """A user presses a button below the field for text and chooses a channel, which lets the bot in.

        Raises LookupError where there is no such button.
        """
        request = chat.requests[label]
        self.set_bot_status(channel, "administrator")
        shared = {"request_id": request, "chat_id": channel.id}
        message = self._message(chat, self._author(chat, None)) | {"chat_shared": shared}
        self._show(chat, message)
        self.updates.add("message", message)

    def post(self, chat: Chat, content: Json) -> Json:
        """The bot's message, as it stands in the chat from now on."""
        message = self._message(chat, self.bot) | content
        self._show(chat, message)
        return message

    def edit(self, chat: Chat, message: Json, content: Json) -> Json:
        """The message with new content; a field that is None goes. Raises Refusal where nothing changes."""
        edited = {name: value for name, value in (message | content).items() if value is not None}
        if edited == message:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        edited["edit_date"] = int(time.time())
        chat.keep(edited)
        chat.events.add("edited", edited)
        return edited

    def delete(self, chat: Chat, message_id: int) -> None:
        """Take a message out of the chat."""
        del chat.messages[message_id]
        chat.events.add("deleted", {"message_id": message_id})

    def set_bot_status(self, chat: Chat, status: str, *, by_bot: bool = False) -> None:
        """Someone blocks, unblocks, adds, promotes or removes the bot, or it leaves by itself; it hears of it."""
        if chat.bot_status == status:
            return
        someone = self.bot if by_bot else next(iter(chat.people.values()), _NOBODY)
        old, chat.bot_status = chat.bot_status, status
        change = {
            "chat": chat.about,
            "from": someone,
            "date": int(time.time()),
            "old_chat_member": chat_member(chat, self.bot, old),
            "new_chat_member": chat_member(chat, self.bot, status),
        }
        self.updates.add("my_chat_member", change)

    def migrate(self, chat: Chat) -> Chat:
        """A group becomes a supergroup with another id; both chats say so, as Telegram's service messages do."""
        upgraded = self.add_group(chat.about["title"], chat.people, kind="supergroup")
        for here, name, there in ((chat, "migrate_to_chat_id", upgraded), (upgraded, "migrate_from_chat_id", chat)):
            message = self._message(here, self._author(here, None)) | {name: there.id}
            self._show(here, message)
            self.updates.add("message", message)
        chat.migrated_to = upgraded.id
        return upgraded

    def _add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        return chat

    def _free_id(self, start: int, step: int) -> int:
        number = start + step * (len(self.chats) + 1)
        while number in self.chats:
            number += step
        return number

    def _unused(self, chat_id: int) -> int:
        if chat_id in self.chats:
            raise bad_request(f"there is a chat {chat_id} already")
        return chat_id

    def _author(self, chat: Chat, user_id: int | None) -> Json:
        if user_id is None:
            return next(iter(chat.people.values()), _NOBODY)
        if user_id not in self.users or (chat.private and user_id != chat.id):
            raise bad_request("user not found")
        return chat.people.setdefault(user_id, self.users[user_id])

    def _message(self, chat: Chat, author: Json) -> Json:
        self._last_message += 1
        message: Json = {"message_id": self._last_message, "date": int(time.time()), "chat": chat.about}
        return message | ({"sender_chat": chat.about} if chat.kind == "channel" else {"from": author})

    def _show(self, chat: Chat, message: Json) -> None:
        chat.keep(message)
        chat.events.add("message", message)


_ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""As whom administrators write who do not want to be named."""
_NOBODY: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
"""Who acts in a chat that nobody is in: Telegram's own service account."""
