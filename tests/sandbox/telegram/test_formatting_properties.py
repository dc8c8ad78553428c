"""What holds of every HTML: it never breaks the server, and its entities never break the text."""

from html import escape

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telegram import Message

from bot.sandbox.telegram import User
from bot.sandbox.telegram.answers import Refusal
from bot.sandbox.telegram.formatting import entities_json, format_text
from tests.sandbox.telegram.calling import Http, unknown_fields

PEN = "🖋"  # one character, two UTF-16 units
STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
TAGS = ("b", "i", "code", "pre", "a", "blockquote")
PIECES = [f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]
PIECES += ["<a href='a.example'>", "</>", "&lt;", "&#x1F58B;", "&", "<", ">", "\r", "\n", " ", PEN, "@bob1", "x"]
markup = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=20).map("".join)


@st.composite
def well_formed(draw: st.DrawFn, depth: int = 0) -> str:
    """HTML whose tags are all closed in order."""
    pieces = []
    for _ in range(draw(st.integers(0, 4))):
        tag = draw(st.sampled_from(["", "b", "i", "u", "s", "code", "pre", "blockquote", "tg-spoiler"]))
        content = draw(well_formed(depth + 1)) if depth < 4 else ""
        pieces.append(f"<{tag}>{content}</{tag}>" if tag else escape(draw(st.text(max_size=6))))
    return "".join(pieces)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=markup)
async def test_no_html_whatever_makes_the_server_fall_over(http: Http, ada: User, source: str) -> None:
    answer = await http.call("sendMessage", chat_id=ada.id, text=source, parse_mode="HTML")
    assert answer["ok"] or answer["error_code"] == 400
    if answer["ok"]:
        assert unknown_fields(Message.de_json(answer["result"])) == {}


@given(text=st.text(alphabet=st.characters(exclude_categories=["C", "Z", "M"]) | st.sampled_from("<>&\"'"), min_size=1))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert format_text(f"<b>{escape(text)}</b>", "HTML")[0] == text


@given(source=well_formed() | markup)
def test_entities_lie_within_the_text_in_order_and_never_cross(source: str) -> None:
    try:
        text, found = format_text(source, "HTML")
    except Refusal:
        return
    units = len(text.encode("utf-16-le")) // 2
    entities = [(e["offset"], e["offset"] + e["length"], e["type"]) for e in entities_json(text, found, {})]
    assert entities == sorted(entities, key=lambda entity: (entity[0], -entity[1]))
    for number, (start, end, kind) in enumerate(entities):
        assert 0 <= start < end <= units
        text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")  # no edge within a surrogate pair
        for start_2, end_2, kind_2 in entities[number + 1 :]:
            assert start_2 >= end or (end_2 <= end and kind_2 != kind)
            if start_2 < end:
                assert kind not in {"code", "pre"}
                assert kind in STYLES | QUOTES or kind_2 in STYLES


@given(source=well_formed())
def test_styles_are_kept_wherever_there_is_no_code(source: str) -> None:
    try:
        text, found = format_text(f"<u>{source}</u>", "HTML")
    except Refusal:
        return
    styled = {place for e in found if e.type == "underline" for place in range(e.offset, e.end)}
    code = {place for e in found if e.type in {"code", "pre"} for place in range(e.offset, e.end)}
    assert styled == set(range(len(text))) - code
