"""Every sentence that a reader sees can be found by a translator's tools, and is said in the reader's language."""

import ast
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import bot.alerts.digest
import bot.alerts.message
import handlers
from bot import language
from bot.alerts.message import Site, render
from bot.language import forget_catalogues, translation
from bot.sandbox.telegram import BotApiServer, User
from bot.store.database import Database
from tests.catalogues import Sentence, write_catalogue
from tests.make import an_alert, an_article, news

SOURCES = [
    *Path(handlers.__file__).parent.glob("*.py"),
    Path(bot.alerts.message.__file__),
    Path(bot.alerts.digest.__file__),
]


def calls(source: Path) -> Iterator[ast.Call]:
    """The calls of gettext in a file."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name in {"_", "gettext", "ngettext"}:
                yield node


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_translators_tools_find_every_sentence(source: Path) -> None:
    for call in calls(source):
        sentences = call.args[:2] if len(call.args) > 1 else call.args  # singular and plural, or the one there is
        assert all(isinstance(sentence, ast.Constant) for sentence in sentences), f"{source.name}:{call.lineno}"


@pytest.fixture
def marked_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language that says everything in brackets."""
    sentences: dict[Sentence, Sentence] = {}
    for source in SOURCES:
        for call in calls(source):
            said = [str(argument.value) for argument in call.args[:2] if isinstance(argument, ast.Constant)]
            english = said[0] if len(said) == 1 else tuple(said)
            sentences[english] = tuple(f"⟦{text}⟧" for text in said) if len(said) > 1 else f"⟦{said[0]}⟧"
    write_catalogue(tmp_path / "locale", "xx", sentences)
    monkeypatch.setattr(language, "_CATALOGUES", tmp_path / "locale")
    forget_catalogues()
    yield "xx"
    forget_catalogues()


def outside_the_brackets(text: str) -> str:
    """The letters of a text that no translation said."""
    depth, found = 0, ""
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        found += character if depth == 0 and character.isalnum() else ""
    return found


@pytest.mark.parametrize("follows_per_chat", [25])
async def test_every_answer_is_in_the_readers_language(
    database: Database, telegram: BotApiServer, talking: None, marked_language: str, follows_per_chat: int
) -> None:
    async with database.write() as connection:
        await news(connection, an_article(tags=["North Korea", "Mali"]), [])
    ada = telegram.user(1001, language_code=marked_language)
    seen: list[str] = []
    many = ", ".join(f"Topic {number}" for number in range(20))
    for words in (
        "/start", "/help", "/follow", "/unfollow", "/topics", "/nonsense", "🚀", "Mali", "x" * 500, f"{many}, one more",
        "/follow Mali, Chad", "/follow Mali", f"/follow {many}", "/unfollow Togo", "/unfollow Mali",
        "/follow Mali", "/unfollow Mali", "/follow the",
        "/follow korea", "/follow (mali AND", "/follow Rain", f"/follow {many.replace('Topic', 'Theme')}", "/topics",
    ):  # fmt: skip
        await answered(ada, words)
    for label in ("Chad", "⟦🔕 For a day⟧", "⟦🔔 Unmute⟧", "⟦Tags only⟧", "⟦Stop Chad⟧", "⟦+ Follow again⟧", "⟦‹ Back⟧",
                  "›", "⟦Stop all …⟧", "⟦Yes, stop all⟧", "⟦Undo⟧", "⟦See my topics⟧"):  # fmt: skip
        await ada.tap(ada.received[-1], label)
        await ada.wait_for(partial(differs, ada.received[-1]))
        seen.append(ada.received[-1]["text"])
    await answered(ada, "/unfollow Rain")
    await answered(ada, "Togo")
    await ada.tap(ada.received[-1], "⟦+ Follow⟧")
    await ada.wait_for_text("⟦You now follow Togo.")
    await (await ada.tap(ada.received[-1], "nonsense", forged=True)).answer()
    answers = [event.data["text"] for event in ada.chat.events.after(0) if event.kind == "answer"]
    names = re.compile(r"(Topic|Theme) \d+|Chad|korea|Rain|🔕| · ")
    for said in [*filter(None, answers), *seen, *(message["text"] for message in ada.received)]:
        assert outside_the_brackets(names.sub("", said)) == ""


def differs(before: dict[str, Any], message: dict[str, Any]) -> bool:
    return message["message_id"] == before["message_id"] and message != before


async def answered(ada: User, words: str) -> None:
    said = await ada.say(words)
    await ada.wait_for(lambda message: message["message_id"] > said["message_id"])


@pytest.mark.parametrize("premium", [False, True])
def test_an_alert_is_in_the_readers_language(marked_language: str, premium: bool) -> None:
    alert = an_alert(headline="1", teaser="", byline="Jane Doe", tags=["Mali"], premium=premium)
    message = render(alert, Site(), translation(marked_language))
    assert outside_the_brackets(message.text.replace("<b>1</b>", "").replace("<i>", "").replace("</i>", "")) == ""
    assert all(button.text.startswith("⟦") for button in message.keyboard.inline_keyboard[0])
