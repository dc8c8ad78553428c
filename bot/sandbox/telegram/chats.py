"""The chats of the sandbox: who is in them, what was said, and whether the bot may speak there."""

from collections import OrderedDict

from bot.sandbox.telegram.answers import Json, bad_request, refusal
from bot.sandbox.telegram.events import Events

MESSAGES_KEPT = 500
"""Per chat; older ones are forgotten."""
KINDS = ("private", "group", "supergroup", "channel")


class Chat:
    """One chat. ``about`` is the Bot API's Chat object, whose fields never change."""

    def __init__(self, about: Json, people: dict[int, Json], *, messages_kept: int = MESSAGES_KEPT) -> None:
        self.id: int = about["id"]
        self.kind: str = about["type"]
        self.about = about
        self.people = people
        """The users in it by id; in a private chat, the one user."""
        self.owner = next(iter(people), None)
        """Who made it, by id."""
        self.bot_status = "member"
        """``member``, ``administrator``, ``left`` or ``kicked``; in a private chat ``kicked`` means blocked."""
        self.started = self.kind != "private"
        """Whether the user ever wrote to the bot."""
        self.deactivated = False
        """Whether the user deleted the account."""
        self.migrated_to: int | None = None
        """The supergroup that a group became."""
        self.admins: set[int] = set()
        """Of the users in it, those who are administrators beside the owner."""
        self.is_forum = False
        self.threads: set[int] = set()
        """Those of a forum that nobody has deleted."""
        self.requests: dict[str, int] = {}
        """The buttons below the field for text that ask for a channel, with the number of the request."""
        self.messages: OrderedDict[int, Json] = OrderedDict()
        self.events = Events()
        self._messages_kept = messages_kept

    @property
    def private(self) -> bool:
        """Whether it is a chat with one user."""
        return self.kind == "private"

    def keep(self, message: Json) -> None:
        """Keep a message, new or edited; the oldest goes when there are too many."""
        self.messages[message["message_id"]] = message
        if len(self.messages) > self._messages_kept:
            self.messages.popitem(last=False)

    def quoted(self, message_id: int) -> Json:
        """A message as it stands in another that replies to it."""
        message = self.messages[message_id]
        return {name: value for name, value in message.items() if name != "reply_to_message"}

    def check_readable(self) -> None:
        """Raises Refusal where the bot may not even look at the chat."""
        if self.kind in ("supergroup", "channel"):
            self._check_member()

    def check_writable(self) -> None:
        """Raises Refusal where the bot may not write, in Telegram's words."""
        if self.migrated_to is not None:
            reason = "group chat was upgraded to a supergroup chat"
            raise bad_request(reason, migrate_to_chat_id=self.migrated_to)
        if not self.private:
            self._check_member()
            if self.kind == "channel" and self.bot_status != "administrator":
                raise bad_request("need administrator rights in the channel chat")
        elif self.deactivated:
            raise refusal(403, "user is deactivated")
        elif not self.started:
            raise refusal(403, "bot can't initiate conversation with a user")
        elif self.bot_status == "kicked":
            raise refusal(403, "bot was blocked by the user")

    def _check_member(self) -> None:
        if self.bot_status == "kicked":
            raise refusal(403, f"bot was kicked from the {self.kind} chat")
        if self.bot_status == "left":
            raise refusal(403, f"bot is not a member of the {self.kind} chat")


def sent_by_bot(message: Json) -> bool:
    """Whether the bot wrote it; in channels, where messages have no author, the bot may as well have."""
    return bool(message.get("from", {}).get("is_bot")) or "sender_chat" in message
