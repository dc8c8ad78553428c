"""HTML as Telegram reads it: which tags, which entities, where they begin and end, and what is refused how."""

from typing import Any

import pytest
from telegram import Message
from telegram.error import BadRequest

from bot.sandbox.telegram import User
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Http, Json, unknown_fields

PEN = "🖋"  # one character, two UTF-16 units

Entity = tuple[str, int, int]


def plain(message: Json) -> list[Entity]:
    """The entities of a message without what only some types have."""
    return [(entity["type"], entity["offset"], entity["length"]) for entity in message.get("entities", [])]


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain", "plain", []),
        ("<b>a</b><strong>b</strong>", "ab", [("bold", 0, 2)]),
        ("<i>a</i> <em>b</em>", "a b", [("italic", 0, 1), ("italic", 2, 1)]),
        ("<u>a</u> <ins>b</ins>", "a b", [("underline", 0, 1), ("underline", 2, 1)]),
        (
            "<s>a</s> <strike>b</strike> <del>c</del>",
            "a b c",
            [("strikethrough", 0, 1), ("strikethrough", 2, 1), ("strikethrough", 4, 1)],
        ),
        (
            "<tg-spoiler>a</tg-spoiler> <span class='tg-spoiler'>b</span>",
            "a b",
            [("spoiler", 0, 1), ("spoiler", 2, 1)],
        ),
        ("<blockquote>a</blockquote>", "a", [("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("<B>shouted</B>", "shouted", [("bold", 0, 7)]),
        ("<b >wide</b >", "wide", [("bold", 0, 4)]),
        ("<b>short</>", "short", [("bold", 0, 5)]),
        ("<b class=x on>attributes</b>", "attributes", [("bold", 0, 10)]),
        (f"{PEN}<b>{PEN}{PEN}</b>", PEN * 3, [("bold", 2, 4)]),
        ("a<b></b>c", "ac", []),
        ("<b>bold <i>both</i></b>", "bold both", [("bold", 0, 5), ("bold", 5, 4), ("italic", 5, 4)]),
        ("<i>a<b>b</b></i>", "ab", [("italic", 0, 1), ("bold", 1, 1), ("italic", 1, 1)]),
        ("<b>a<code>b</code>c</b>", "abc", [("bold", 0, 1), ("code", 1, 1), ("bold", 2, 1)]),
        ("<code>a<b>b</b></code>", "ab", [("code", 0, 2)]),
        ("<blockquote>a <b>b</b></blockquote>", "a b", [("blockquote", 0, 3), ("bold", 2, 1)]),
        ("<b>a</b>\n\n<i>b</i>", "a\n\nb", [("bold", 0, 1), ("italic", 3, 1)]),
        ("  <b> trimmed </b>  ", " trimmed", [("bold", 0, 8)]),
        ("a\tb\x07c\rd", "a b cd", []),
        ("<b>a\r</b>b", "ab", [("bold", 0, 1)]),
        ("<b>\r</b>b", "b", []),
        ("a\u200e\u200f\u200e b", "a\u200c\u200c\u200e b", []),
        ("a&lt;b&gt; &amp;amp; &quot;c&quot;", 'a<b> &amp; "c"', []),
        (
            "&lt;b &#65;&#x42;&#x1F58B; &ge; &#0; &#x110000; &;",
            f"<b AB{PEN} &ge; &#0; &#x110000; &;",
            [("hashtag", 19, 8)],
        ),
        ("&apos;&nbsp;", "&apos;&nbsp;", []),
        ("&ltx", "&ltx", []),
        ("&lt x", "< x", []),
    ],
)
async def test_html_becomes_text_and_entities(
    bot: TelegramBot, ada: User, source: str, text: str, entities: list[Entity]
) -> None:
    message = await bot.send_message(ada.id, source)
    assert message.text == text
    assert plain(message.to_dict()) == entities
    assert unknown_fields(message) == {}
    assert ada.received[-1]["text"] == text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            '<a href="https://a.example/b?c=d&amp;e#f">x</a>',
            {"type": "text_link", "url": "https://a.example/b?c=d&e#f"},
        ),
        ("<a href='HTTP://A.Example'>x</a>", {"type": "text_link", "url": "http://a.example/"}),
        ("<a href=a.example>x</a>", {"type": "text_link", "url": "http://a.example/"}),
        ('<a href="tg://user?id=1001">x</a>', {"type": "text_mention", "user": 1001}),
        ('<a href="tg://user?id=4711">x</a>', None),  # whom nobody knows
        ('<a href="http://localhost/">x</a>', None),
        ('<a href="javascript:alert(1)">x</a>', None),
        ("<a>x</a>", None),
        ("<pre>x</pre>", {"type": "pre"}),
        ('<pre><code class="language-python">x</code></pre>', {"type": "pre", "language": "python"}),
        ('<code class="language-python"><pre>x</pre></code>', {"type": "pre", "language": "python"}),
        ('<code class="language-python">x</code>', {"type": "code"}),
        ('<code class="python">x</code>', {"type": "code"}),
        ('<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>', {"type": "custom_emoji"}),
        ('<tg-time unix="1647531900" format="wDT">x</tg-time>', {"type": "date_time", "unix_time": 1647531900}),
        ('<tg-time unix="0">x</tg-time>', None),
    ],
)
async def test_tags_with_attributes_say_more(http: Http, ada: User, source: str, expected: Json | None) -> None:
    message = await http.result("sendMessage", chat_id=ada.id, text=source, parse_mode="HTML")
    entities = message.get("entities", [])
    found: Any = None
    if expected is not None:
        found = {name: entities[0][name] for name in expected}
        found |= {"user": found["user"]["id"]} if "user" in found else {}
    assert (message["text"], found, len(entities)) == ("x", expected, 0 if expected is None else 1)
    assert unknown_fields(Message.de_json(message)) == {}


async def test_a_link_may_be_its_own_address(http: Http, ada: User) -> None:
    message = await http.result("sendMessage", chat_id=ada.id, text="<a>a.example/b</a>", parse_mode="html")
    assert message["entities"] == [{"offset": 0, "length": 11, "type": "text_link", "url": "http://a.example/b"}]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        (f"{PEN}</b>", "Unexpected end tag at byte offset 4"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("a<br/>", 'Unsupported start tag "br/" at byte offset 1'),
        ("<a", "Unclosed start tag at byte offset 0"),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href='x", "Unclosed start tag at byte offset 0"),
        ("<a href=x", "Unclosed start tag at byte offset 0"),
        ("<a href=x?y>z</a>", "Unexpected end of name token at byte offset 8"),
        ("<a =x>z</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>a</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("<tg-emoji emoji-id='x'>a</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("<tg-time unix=1 format='rt'>a</tg-time>", "Invalid date format used"),
        (
            "&#xD83D;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
async def test_wrong_html_is_refused_in_telegrams_words(http: Http, ada: User, source: str, reason: str) -> None:
    refusal = await http.refusal("sendMessage", chat_id=ada.id, text=source, parse_mode="HTML")
    assert refusal == f"can't parse entities: {reason}"
    assert ada.received == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start@some_bot and /x", ["bot_command /start@some_bot", "bot_command /x"]),
        ("a/b //c /d/e", []),
        ("@ada @bob1 @gif @Vid a@bob1", ["mention @bob1", "mention @gif", "mention @Vid"]),
        ("#one #2 #3d a#b", ["hashtag #one", "hashtag #3d"]),
        ("$USD $1INCH $usd", ["cashtag $USD", "cashtag $1INCH"]),
        ("see https://a.example/b?c.", ["url https://a.example/b?c"]),
        ("see news.example.com/x, tg://resolve?domain=x", ["url news.example.com/x", "url tg://resolve?domain=x"]),
        ("https://a.example/@bob1", ["url https://a.example/@bob1"]),
        ("ada@example.org", ["email ada@example.org"]),
    ],
)
async def test_what_stands_in_the_text_is_found(http: Http, ada: User, text: str, found: list[str]) -> None:
    message = await http.result("sendMessage", chat_id=ada.id, text=text)
    assert [f"{kind} {text[start : start + length]}" for kind, start, length in plain(message)] == found


@pytest.mark.parametrize(
    ("source", "entities"),
    [
        ("<b>see @bob1</b>", [("bold", 0, 4), ("mention", 4, 5), ("bold", 4, 5)]),
        ("<code>@bob1</code>", [("code", 0, 5)]),
        ("<a href='a.example'>@bob1</a>", [("text_link", 0, 5)]),
        ("<blockquote>@bob1</blockquote>", [("blockquote", 0, 5), ("mention", 0, 5)]),
        ("<blockquote>@b</blockquote>ob1", [("blockquote", 0, 2)]),
    ],
)
async def test_what_is_found_gives_way_to_what_the_bot_says(
    http: Http, ada: User, source: str, entities: list[Entity]
) -> None:
    assert plain(await http.result("sendMessage", chat_id=ada.id, text=source, parse_mode="HTML")) == entities


@pytest.mark.parametrize("source", ["", " ", "\n\n", "<b></b>", "\u200b", "\u2800", "\x00\x01"])
async def test_a_message_has_something_to_see(http: Http, ada: User, source: str) -> None:
    reason = await http.refusal("sendMessage", chat_id=ada.id, text=source, parse_mode="HTML")
    assert reason == ("text must be non-empty" if source else "message text is empty")


@pytest.mark.parametrize("character", ["x", PEN, "ж"])
async def test_the_limit_counts_utf16_units_after_parsing(bot: TelegramBot, ada: User, character: str) -> None:
    units = len(character.encode("utf-16-le")) // 2
    longest = character * (4096 // units)
    assert (await bot.send_message(ada.id, f"<b>{longest}</b>")).text == longest
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(ada.id, longest + "x")
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.edit_message_text(longest + "x", ada.id, ada.received[-1]["message_id"])


async def test_a_source_of_more_than_32_kb_is_refused_unread(http: Http, ada: User) -> None:
    assert await http.refusal("sendMessage", chat_id=ada.id, text="ж" * 16_385) == "text is too long"


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("MarkdownV2", "this sandbox parses HTML only; send parse_mode HTML, or entities"),
        ("XML", "unsupported parse_mode"),
    ],
)
async def test_other_parse_modes_are_refused(http: Http, ada: User, mode: str, reason: str) -> None:
    assert await http.refusal("sendMessage", chat_id=ada.id, text="*x*", parse_mode=mode) == reason


async def test_half_a_surrogate_pair_is_no_text(http: Http, ada: User) -> None:
    reason = await http.refusal("sendMessage", chat_id=ada.id, text="\ud83d")
    assert reason == "strings must be encoded in UTF-8"
