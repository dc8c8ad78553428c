"""The little Telegram that the sandbox keeps: one bot, its users and chats, and what happens between them.

Everything here is what Telegram would do; how it is asked, over HTTP or from Python, is decided elsewhere.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from bot.sandbox.telegram.answers import Json, bad_request
from bot.sandbox.telegram.chats import MESSAGES_KEPT, Chat, sent_by_bot
from bot.sandbox.telegram.formatting import entities_json, format_text
from bot.sandbox.telegram.updates import Updates

QUERY_SECONDS = 15
"""How long a tap on a button can be answered."""
QUERIES_KEPT = 10_000

_GROUP_IDS = -1_000
_SUPERGROUP_IDS = -1_000_000_000_000


class Tap(NamedTuple):
    """A tap on a button that the bot has not answered yet."""

    chat: Chat
    message_id: int
    at: float


class World:
    """All state of one bot. ``clock`` gives seconds that never go back."""

    def __init__(self, username: str, clock: Callable[[], float], messages_kept: int = MESSAGES_KEPT) -> None:
        self.bot: Json = {"id": 1, "is_bot": True, "first_name": "Sandbox", "username": username}
        self.clock = clock
        self.updates = Updates(clock)
        self.chats: dict[int, Chat] = {}
        self.users: dict[int, Json] = {self.bot["id"]: self.bot}
        self._messages_kept = messages_kept
        self._taps: OrderedDict[str, Tap] = OrderedDict()
        self._last_tap = 0
        self._last_message = 0
        self._last_user = 1_000
        self._last_group = 0

    def become(self, bot_id: int) -> None:
        """The bot's id is known, which its token tells."""
        del self.users[self.bot["id"]]
        self.bot = self.users[bot_id] = self.bot | {"id": bot_id}

    def close(self) -> None:
        """Let go whoever waits for something to happen."""
        self.updates.close()
        for chat in self.chats.values():
            chat.events.wake()

    def add_user(self, user_id: int | None = None, *, first_name: str, **more: str) -> Chat:
        """A user and the private chat with the bot, which the bot cannot use before the user wrote."""
        if user_id is None:
            user_id = self._last_user = self._unused(self._last_user)
        self._check_unused(user_id)
        names = {"first_name": first_name, **{name: value for name, value in more.items() if value}}
        user = self.users[user_id] = {"id": user_id, "is_bot": False, **names}
        about = {"id": user_id, **{name: names[name] for name in names if name != "language_code"}, "type": "private"}
        return self._add(Chat(about, {user_id: user}, messages_kept=self._messages_kept))

    def add_group(
        self, title: str, members: Iterable[int] = (), *, kind: str = "group", chat_id: int | None = None
    ) -> Chat:
        """A group, supergroup or channel with these users in it, the first of them its owner; the bot is added."""
        if chat_id is None:
            self._last_group += 1
            chat_id = (_GROUP_IDS if kind == "group" else _SUPERGROUP_IDS) - self._last_group
        self._check_unused(chat_id)
        people = {user_id: self.users[user_id] for user_id in members}
        chat = Chat({"id": chat_id, "title": title, "type": kind}, people, messages_kept=self._messages_kept)
        chat.admins.update(list(people)[:1])
        self._add(chat)
        chat.bot_status = "left"
        self.set_bot_status(chat, "administrator" if kind == "channel" else "member")
        return chat

    def chat(self, chat_id: int) -> Chat:
        """The chat with this id. Raises Refusal where there is none."""
        try:
            return self.chats[chat_id]
        except KeyError:
            raise bad_request("chat not found") from None

    def say(self, chat: Chat, text: str, user_id: int | None = None, reply_to: int | None = None) -> Json:
        """A user writes; who blocked the bot unblocks it by that. Raises Refusal where the text is no message."""
        author = self._author(chat, user_id)
        plain, entities = format_text(text, "")
        if chat.private and chat.bot_status == "kicked":
            self.set_bot_status(chat, "member")
        chat.started = True
        message = self._message(chat, author)
        if reply_to is not None and reply_to in chat.messages:
            message["reply_to_message"] = _without_reply(chat.messages[reply_to])
        message["text"] = plain
        if listed := entities_json(plain, entities, self.users):
            message["entities"] = listed
        self._show(chat, message)
        if self._hears(chat, message):
            self.updates.add("channel_post" if chat.kind == "channel" else "message", message)
        return message

    def tap(self, chat: Chat, message_id: int, data: str, user_id: int | None = None) -> str:
        """A user taps a button of this message, or makes a client claim so; the answer is the callback query's id."""
        message = chat.messages[message_id]
        self._last_tap += 1
        query_id = str(self._last_tap)
        self._taps[query_id] = Tap(chat, message_id, self.clock())
        if len(self._taps) > QUERIES_KEPT:
            self._taps.popitem(last=False)
        query = {
            "id": query_id,
            "from": self._author(chat, user_id) or self.bot,
            "message": message,
            "chat_instance": str(chat.id ^ self.bot["id"]),
            "data": data,
        }
        self.updates.add("callback_query", query)
        return query_id

    def answer(self, query_id: str, text: str, url: str, *, show_alert: bool) -> None:
        """The bot answers a tap. Raises Refusal where nobody waits for it, or no longer."""
        tap = self._taps.pop(query_id, None)
        if tap is None or self.clock() - tap.at > QUERY_SECONDS:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        answer: Json = {"callback_query_id": query_id, "message_id": tap.message_id}
        tap.chat.events.add("answer", answer | {"text": text, "show_alert": show_alert, "url": url})

    def post(self, chat: Chat, content: Json) -> Json:
        """The bot's message, as it stands in the chat from now on."""
        message = self._message(chat, self.bot if chat.kind != "channel" else None) | content
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

    def set_bot_status(self, chat: Chat, status: str, user_id: int | None = None) -> None:
        """Block, unblock, add or remove the bot; it hears of it."""
        if chat.bot_status == status:
            return
        old, chat.bot_status = chat.bot_status, status
        change = {
            "chat": chat.about,
            "from": self._author(chat, user_id) or self.bot,
            "date": int(time.time()),
            "old_chat_member": self.member(chat, self.bot, old),
            "new_chat_member": self.member(chat, self.bot, status),
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

    def member(self, chat: Chat, user: Json, status: str) -> Json:
        """The Bot API's ChatMember object."""
        member: Json = {"user": user, "status": status}
        if status == "kicked":
            member["until_date"] = 0
        elif status == "creator":
            member["is_anonymous"] = False
        elif status == "administrator":
            member |= {"can_be_edited": False, **dict.fromkeys(_RIGHTS[chat.kind == "channel"], True)}
            member |= {"is_anonymous": False}
        return member

    def status(self, chat: Chat, user_id: int) -> str:
        """How a user stands in a chat."""
        if user_id == self.bot["id"]:
            return chat.bot_status
        if user_id not in chat.people:
            return "left"
        return "creator" if user_id in chat.admins else "member"

    def _add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        return chat

    def _unused(self, number: int) -> int:
        number += 1
        while number in self.chats or number == self.bot["id"]:
            number += 1
        return number

    def _check_unused(self, chat_id: int) -> None:
        if chat_id in self.chats or chat_id == self.bot["id"]:
            raise bad_request(f"there is a chat {chat_id} already")

    def _author(self, chat: Chat, user_id: int | None) -> Json | None:
        if chat.kind == "channel":
            return None
        if user_id is None:
            return next(iter(chat.people.values()), None)
        if user_id not in self.users:
            raise bad_request("user not found")
        if not chat.private:
            chat.people.setdefault(user_id, self.users[user_id])
        return self.users[user_id]

    def _message(self, chat: Chat, author: Json | None) -> Json:
        self._last_message += 1
        message: Json = {"message_id": self._last_message, "date": int(time.time()), "chat": chat.about}
        return message | ({"from": author} if author is not None else {"sender_chat": chat.about})

    def _show(self, chat: Chat, message: Json) -> None:
        chat.keep(message)
        chat.events.add("message", message)

    def _hears(self, chat: Chat, message: Json) -> bool:
        """Whether the bot gets to see it, https://core.telegram.org/bots/features#privacy-mode."""
        if chat.bot_status in ("left", "kicked"):
            return False
        if chat.kind in ("private", "channel") or chat.bot_status == "administrator":
            return True
        if "reply_to_message" in message and sent_by_bot(message["reply_to_message"]):
            return True
        first = message.get("entities", [{}])[0]
        if first.get("type") != "bot_command" or first["offset"] != 0:
            return False
        _, at, name = message["text"][: first["length"]].partition("@")
        return not at or name.lower() == self.bot["username"].lower()


def _without_reply(message: Json) -> Json:
    return {name: value for name, value in message.items() if name != "reply_to_message"}


_BOTH = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_RIGHTS = {True: (*_BOTH, "can_post_messages", "can_edit_messages"), False: (*_BOTH, "can_pin_messages")}
"""What an administrator may do, in channels and elsewhere."""
