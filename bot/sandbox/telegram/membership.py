"""Who is what in a chat, and what the bot gets to see there. Pure rules."""

from bot.sandbox.telegram.answers import Json
from bot.sandbox.telegram.chats import Chat, sent_by_bot

_RIGHTS = (
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
_CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages")
_GROUP_RIGHTS = ("can_pin_messages",)


def status_of(chat: Chat, user: Json) -> str:
    """How a user or the bot stands in a chat."""
    if user["is_bot"]:
        return chat.bot_status
    if user["id"] not in chat.people:
        return "left"
    if user["id"] == chat.owner and not chat.private:
        return "creator"
    return "administrator" if user["id"] in chat.admins else "member"


def chat_member(chat: Chat, user: Json, status: str) -> Json:
    """The Bot API's ChatMember object, https://core.telegram.org/bots/api#chatmember."""
    member: Json = {"user": user, "status": status}
    if status == "kicked":
        member["until_date"] = 0
    elif status == "creator":
        member["is_anonymous"] = False
    elif status == "administrator":
        rights = _RIGHTS + (_CHANNEL_RIGHTS if chat.kind == "channel" else _GROUP_RIGHTS)
        member |= {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(rights, True)}
    return member


def bot_sees(chat: Chat, message: Json, username: str) -> bool:
    """Whether the bot gets a message, https://core.telegram.org/bots/features#privacy-mode.

    In a group where it is no administrator: commands, unless they name another bot, and replies to the bot.
    """
    if chat.bot_status in ("left", "kicked"):
        return False
    if chat.kind in ("private", "channel") or chat.bot_status == "administrator":
        return True
    if sent_by_bot(message.get("reply_to_message", {})):
        return True
    first = message.get("entities", [{}])[0]
    if first.get("type") != "bot_command" or first["offset"] != 0:
        return False
    _, at, name = message["text"][: first["length"]].partition("@")
    return not at or name.lower() == username.lower()
