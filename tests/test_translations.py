"""The catalogues that are shipped: whole, and with the same braces, tags and commands as the sentences in the code."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import bot.language
import handlers
from bot.language import available, translation

ROOT = Path(bot.language.__file__).parents[1]
TO_KEEP = re.compile(r"\{\w*\}|</?\w+>|/[a-z]+\b|[+🔔🔕🔒‹›▸]")
"""What a sentence has and its translation must have: braces, tags, commands, signs."""

FOUND_BY = [("**.py", "bot.locale.sentences:extract")]
"""As pyproject.toml has it for ``make translations``."""

Sentence = str | tuple[str, ...]


@cache
def sentences() -> frozenset[Sentence]:
    """Every sentence in the code, as a translator's tools find it."""
    found = set()
    for folder in (Path(bot.language.__file__).parent, Path(handlers.__file__).parent):
        for _, _, message, _, _ in extract_from_dir(folder, FOUND_BY):
            found.add(message)
    return frozenset(found)


def catalogue(name: str) -> Catalog:
    with (ROOT / "bot" / "locale" / name / "LC_MESSAGES" / "tagalong.po").open("rb") as file:
        return read_po(file, locale=name, abort_invalid=True)


def forms(said: Sequence[str] | None) -> tuple[str, ...]:
    """The one form of a sentence, or its singular and plurals."""
    return (said,) if isinstance(said, str) else tuple(said or ())


def pairs(name: str) -> Iterator[tuple[str, str]]:
    """What is said in English, and how in this language; for plurals, every form beside the plural."""
    for message in catalogue(name):
        if message.id:
            yield from ((forms(message.id)[-1], form) for form in forms(message.string))


def test_there_are_the_languages_that_the_readme_names() -> None:
    assert set(available()) == {"af", "es", "fr"}


@pytest.mark.parametrize("name", available())
def test_every_sentence_is_translated(name: str) -> None:
    translated = {message.id: message for message in catalogue(name) if message.id}
    missing = sentences() - translated.keys()
    assert not missing, f"`make translations`, then say in {name}: {missing}"
    assert not translated.keys() - sentences(), "`make translations` takes away what nobody says any more"
    empty = [message.id for message in translated.values() if message.fuzzy or not all(forms(message.string))]
    assert not empty, f"not said in {name} yet: {empty}"


@pytest.mark.parametrize("name", available())
def test_braces_tags_commands_and_breaks_are_kept(name: str) -> None:
    for english, translated in pairs(name):
        kept, found = Counter(TO_KEEP.findall(english)), Counter(TO_KEEP.findall(translated))
        assert found == kept, f"{name}: {translated!r}"
        assert translated.count("\n") == english.count("\n"), f"{name}: {translated!r}"
        assert translated.strip() == translated, f"{name}: {translated!r}"


@pytest.mark.parametrize("name", available())
def test_plurals_go_by_the_languages_own_rule(name: str) -> None:
    assert catalogue(name).plural_expr == Catalog(locale=name).plural_expr
    hours = [translation(name).ngettext("{number} day", "{number} days", number) for number in (0, 1, 2)]
    assert hours[1] != hours[2]
    assert hours[0] == hours[1 if name == "fr" else 2]


@pytest.mark.parametrize("name", available())
def test_buttons_stay_short(name: str) -> None:
    for english, translated in pairs(name):
        if "{" not in english and len(english) <= 16:
            assert len(translated) <= 40, f"{name}: {translated!r}"


@pytest.mark.parametrize("name", available())
def test_it_is_set_as_the_language_sets_its_signs(name: str) -> None:
    said = [translated for _, translated in pairs(name)]
    assert [each for each in said if re.search(r"\w'\w|'n\b|\.\.\.", each)] == []
    if name == "fr":
        assert [
            each for each in said if re.search("(?<!\u202f)[?!;]|(?<!\u00a0):(?!//)", re.sub("<[^>]+>", "", each))
        ] == []
    if name == "es":
        assert [each for each in said if each.count("¿") != each.count("?") or each.count("¡") != each.count("!")] == []
