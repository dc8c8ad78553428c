from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.dates import format_date

from bot import language
from bot.language import forget_catalogues, translation
from tests.catalogues import write_catalogue


@pytest.fixture
def catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(language, "_CATALOGUES", tmp_path / "locale")
    forget_catalogues()
    yield tmp_path / "locale"
    forget_catalogues()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("de", "Lesen"),
        ("DE", "Lesen"),
        ("de-AT", "Lesen"),
        ("pt-br", "Ler"),
        ("pt", "Read"),
        ("zh-hans", "阅读"),
        ("zh-hans-cn", "阅读"),
        ("en", "Read"),
        ("xx", "Read"),
        ("", "Read"),
        (None, "Read"),
        ("../de", "Read"),
        ("de/LC_MESSAGES", "Read"),
        ("de\0", "Read"),
        ("-", "Read"),
        ("--", "Read"),
        ("x" * 5000, "Read"),
    ],
)
def test_the_nearest_language_there_is(catalogues: Path, told: str | None, expected: str) -> None:
    for name, read in {"de": "Lesen", "pt_BR": "Ler", "zh_Hans": "阅读"}.items():
        write_catalogue(catalogues, name, {"Read": read})
    assert translation(told).gettext("Read") == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [("en", "1 Mar 2026"), ("en-us", "Mar 1, 2026"), ("de-AT", "01.03.2026"), ("de", "01.03.2026"),
     (None, "1 Mar 2026"), ("ja", "1 Mar 2026"), ("en-zz", "1 Mar 2026"), ("xx", "1 Mar 2026")],
)  # fmt: skip
def test_dates_are_in_the_language_of_the_sentences(catalogues: Path, told: str | None, expected: str) -> None:
    write_catalogue(catalogues, "de", {"Read": "Lesen"})
    write_catalogue(catalogues, "xx", {"Read": "⟦Read⟧"})
    assert format_date(date(2026, 3, 1), "medium", locale=translation(told).locale) == expected


def test_plurals_follow_the_catalogues_rule(catalogues: Path) -> None:
    write_catalogue(catalogues, "fr", {("{number} topic", "{number} topics"): ("{number} sujet", "{number} sujets")})
    assert translation("fr").ngettext("{number} topic", "{number} topics", 2) == "{number} sujets"
