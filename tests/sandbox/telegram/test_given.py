"""Entities that the bot sends itself, in UTF-16 units, instead of HTML."""

from typing import Any

import pytest
from telegram import Message, MessageEntity, User

from bot.sandbox.telegram import User as Reader
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Http, Json, unknown_fields

PEN = "🖋"  # one character, two UTF-16 units
BOLD = {"type": "bold", "offset": 0, "length": 1}


async def test_every_entity_that_a_bot_may_send_comes_back(bot: TelegramBot, ada: Reader) -> None:
    plain = ("bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre")
    kinds: list[tuple[str, dict[str, Any]]] = [(kind, {}) for kind in (*plain, "blockquote", "expandable_blockquote")]
    kinds += [
        ("pre", {"language": "python"}),
        ("text_link", {"url": "http://a.example/"}),
        ("text_mention", {"user": User(ada.id, "Ada", is_bot=False)}),
        ("custom_emoji", {"custom_emoji_id": "5368324170671202286"}),
    ]
    sent = [MessageEntity(kind, 2 * place, 1, **more) for place, (kind, more) in enumerate(kinds)]
    message = await bot.send_message(ada.id, "x " * len(kinds), parse_mode=None, entities=sent)
    assert list(message.entities) == sent
    assert unknown_fields(message) == {}


async def test_a_moment_keeps_its_time_and_format(http: Http, ada: Reader) -> None:
    moment = {"type": "date_time", "offset": 0, "length": 1, "unix_time": 1647531900, "date_time_format": "wDT"}
    message = await http.result("sendMessage", chat_id=ada.id, text="x", entities=[moment])
    assert message["entities"] == [moment]
    assert unknown_fields(Message.de_json(message)) == {}


@pytest.mark.parametrize(
    "entities",
    [
        [BOLD | {"length": 0}],
        [BOLD | {"type": "text_link", "url": "http://localhost"}],
        [BOLD | {"type": "text_mention", "user": {"id": 4711}}],
        [BOLD | {"type": "mention"}],  # it is found, or it is none
        {"type": "bold"},
        "no JSON",
    ],
)
async def test_what_counts_for_nothing_is_left_out(http: Http, ada: Reader, entities: object) -> None:
    message = await http.result("sendMessage", chat_id=ada.id, text="x", entities=entities)
    assert "entities" not in message


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        (7, "expected an Object"),
        ({"type": "bold", "length": 1}, 'Can\'t find field "offset"'),
        (BOLD | {"length": "x"}, 'Field "length" must be a valid Number'),
        (BOLD | {"length": 1 << 31}, 'Field "length" must be a valid Number'),
        (BOLD | {"offset": True}, 'Field "offset" must be a Number'),
        (BOLD | {"offset": None}, 'Field "offset" must be a Number'),
        (BOLD | {"type": ""}, "Type is not specified"),
        (BOLD | {"type": "loud"}, "Unsupported type specified"),
        (BOLD | {"type": ["bold"]}, 'Field "type" must be of type String'),
        (BOLD | {"type": "\ud800"}, 'Field "type" must be encoded in UTF-8'),
        (BOLD | {"type": "text_link"}, 'Can\'t find field "url"'),
        (BOLD | {"type": "text_mention"}, 'Can\'t find field "user"'),
        (BOLD | {"type": "text_mention", "user": 1001}, 'Field "user" must be of type Object'),
        (BOLD | {"type": "custom_emoji", "custom_emoji_id": "x"}, 'Field "custom_emoji_id" must be a valid Number'),
        (BOLD | {"type": "date_time", "unix_time": 1, "date_time_format": "x"}, "Invalid date-time format specified"),
    ],
)
async def test_a_malformed_entity_is_named(http: Http, ada: Reader, entity: object, reason: str) -> None:
    refusal = await http.refusal("sendMessage", chat_id=ada.id, text="x", entities=[entity])
    assert refusal.removeprefix("can't parse MessageEntity: ").lower() == reason.lower()


@pytest.mark.parametrize(
    ("offset", "length", "reason"),
    [
        (-1, 1, "receive an entity with incorrect offset -1"),
        (0, -1, "receive an entity with incorrect length -1"),
        (0, 2_000_000, "receive an entity with incorrect length 2000000"),
        (5, 1, "entity begins after the end of the text at UTF-16 offset 5"),
        (3, 2, "entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 5"),
        (2, 1, "entity begins in a middle of a UTF-16 symbol at byte offset 5"),
        (0, 2, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 5"),
    ],
)
async def test_an_entity_covers_whole_characters_of_the_text(
    http: Http, ada: Reader, offset: int, length: int, reason: str
) -> None:
    entity: Json = {"type": "bold", "offset": offset, "length": length}
    assert await http.refusal("sendMessage", chat_id=ada.id, text=f"a{PEN}b", entities=[entity]) == reason


async def test_entities_that_overlap_are_put_in_order(bot: TelegramBot, ada: Reader) -> None:
    given = [MessageEntity("italic", 1, 3), MessageEntity("bold", 0, 2), MessageEntity("code", 2, 1)]
    message = await bot.send_message(ada.id, "abcd", parse_mode=None, entities=given)
    found = [(entity.type, entity.offset, entity.length) for entity in message.entities]
    assert found == [("bold", 0, 1), ("bold", 1, 1), ("italic", 1, 1), ("code", 2, 1), ("italic", 3, 1)]


async def test_where_a_parse_mode_counts_entities_do_not(http: Http, ada: Reader) -> None:
    beyond = BOLD | {"length": 99}
    sent = await http.result("sendMessage", chat_id=ada.id, text="<i>a</i>", parse_mode="HTML", entities=[beyond])
    assert sent["entities"] == [BOLD | {"type": "italic"}]
    reason = await http.refusal("sendMessage", chat_id=ada.id, text="a", parse_mode="None", entities=[beyond])
    assert reason.startswith("entity beginning at UTF-16 offset 0 ends after the end of the text")
