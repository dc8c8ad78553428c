"""Who may change what a group or a channel follows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telegram import ChatMember, ChatMemberAdministrator, ChatMemberOwner
from telegram.error import BadRequest, Forbidden

from bot.model import Chat, ChatKind
from bot.telegram.application import TelegramBot

TRUSTED = timedelta(minutes=2)
"""How long Telegram's word that somebody is an admin holds. That somebody is none is asked each time anew."""
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Admins:
    """The admins that Telegram named lately."""

    _until: dict[tuple[int, int], datetime] = field(default_factory=dict)

    async def has(self, bot: TelegramBot, chat: Chat, user_id: int, now: datetime) -> bool:
        """Whether the user may change what the chat follows; not where the bot cannot look."""
        one = chat.id, user_id
        if self._until.get(one, now) > now:
            return True
        self._until.pop(one, None)
        try:
            member = await bot.get_chat_member(chat.id, user_id)
        except (BadRequest, Forbidden):
            return False
        if not may_change(member, chat.kind):
            return False
        if len(self._until) >= REMEMBERED:
            del self._until[next(iter(self._until))]
        self._until[one] = now + TRUSTED
        return True


def may_change(member: ChatMember, kind: ChatKind) -> bool:
    """Whether a member may: an owner or admin; in a channel one who may also write there."""
    if isinstance(member, ChatMemberAdministrator):
        return kind is not ChatKind.CHANNEL or bool(member.can_post_messages)
    return isinstance(member, ChatMemberOwner)
