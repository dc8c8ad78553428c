"""Entities that a bot sends itself, in ``entities`` and not as HTML, https://core.telegram.org/bots/api#messageentity."""

from bot.sandbox.telegram.answers import Json, Refusal, bad_request
from bot.sandbox.telegram.arguments import Arguments, loads
from bot.sandbox.telegram.fields import expect_object, integer_field, object_field, text_field
from bot.sandbox.telegram.links import WrongLink, check_link
from bot.sandbox.telegram.tags import DATE_FORMAT, Entity

_PLAIN = frozenset(
    {"bold", "italic", "underline", "strikethrough", "spoiler", "code", "blockquote", "expandable_blockquote"}
)
_FOUND = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"})
"""What Telegram finds by itself and nobody has to send."""
_FARTHEST = 1_000_000


def given_entities(arguments: Arguments, text: str) -> list[Entity]:
    """The call's ``entities`` for this text, in code points. Like Telegram, ignore what is no list."""
    try:
        values = loads(arguments.text("entities"))
    except ValueError:
        return []
    if not isinstance(values, list):
        return []
    wide = text.encode("utf-16-le")

    def place(units: int) -> int:
        return len(wide[: 2 * units].decode("utf-16-le", "ignore"))

    entities = []
    for value in values:
        offset, length, kind, extra = _entity(value)
        start, end = place(offset), place(offset + length)
        if kind and end > start:
            entities.append(Entity(kind, start, end - start, extra))
    return entities


def _entity(value: object) -> tuple[int, int, str, dict[str, str | int]]:
    try:
        given = expect_object(value, "expected an Object")
        offset, length = (integer_field(given, name, required=True) for name in ("offset", "length"))
        kind, extra = _kind(given)
    except Refusal as wrong:
        reason = wrong.description.removeprefix("Bad Request: ")
        raise bad_request(f"Can't parse MessageEntity: {reason}") from None
    for number, what in ((offset, "offset"), (length, "length")):
        if not 0 <= number <= _FARTHEST:
            raise bad_request(f"Receive an entity with incorrect {what} {number}")
    return offset, length, kind, extra


def _kind(given: Json) -> tuple[str, dict[str, str | int]]:
    """The type and what it needs; the type is empty where the entity counts for nothing."""
    kind = text_field(given, "type", required=True)
    if kind in _PLAIN:
        return kind, {}
    if kind in _FOUND:
        return "", {}
    if kind == "pre":
        language = text_field(given, "language")
        return kind, {"language": language} if language else {}
    if kind == "text_link":
        try:
            return kind, {"url": check_link(text_field(given, "url", required=True))}
        except WrongLink:
            return "", {}
    if kind == "text_mention":
        return kind, {"user": integer_field(object_field(given, "user"), "id", required=True, bound=1 << 63)}
    if kind == "custom_emoji":
        return kind, {"custom_emoji_id": str(integer_field(given, "custom_emoji_id", required=True, bound=1 << 63))}
    if kind == "date_time":
        form = text_field(given, "date_time_format")
        if not DATE_FORMAT.fullmatch(form):
            raise bad_request("Invalid date-time format specified")
        return kind, {"unix_time": integer_field(given, "unix_time", required=True), "date_time_format": form}
    raise bad_request("Unsupported type specified" if kind else "Type is not specified")
