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
    places = _Places(text)
    entities = []
    for value in values:
        offset, length, kind, extra = _entity(value)
        if kind and length:
            start, end = places.span(offset, length)
            entities.append(Entity(kind, start, end - start, extra))
    return entities


class _Places:
    """Where a text's UTF-16 units are, in code points."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._wide = text.encode("utf-16-le")

    def span(self, offset: int, length: int) -> tuple[int, int]:
        """The first code point and the one behind the last. Raises Refusal where an edge is no edge of a character."""
        units, end = len(self._wide) // 2, offset + length
        if offset > units:
            raise bad_request(f"Entity begins after the end of the text at UTF-16 offset {offset}")
        if end > units:
            reason = f"Entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {end}"
            raise bad_request(reason)
        return self._at(offset, "Entity begins"), self._at(end, f"Entity beginning at UTF-16 offset {offset} ends")

    def _at(self, unit: int, what: str) -> int:
        place = len(self._wide[: 2 * unit].decode("utf-16-le", "ignore"))
        if b"\xdc" <= self._wide[2 * unit + 1 : 2 * unit + 2] <= b"\xdf":  # the second half of a surrogate pair
            after = len(self._text[: place + 1].encode())
            raise bad_request(f"{what} in a middle of a UTF-16 symbol at byte offset {after}")
        return place


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
