from pathlib import Path

import pytest

from bot import language
from bot.language import translation
from tests.catalogues import write_catalogue


@pytest.fixture
def catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(language, "_CATALOGUES", tmp_path / "locale")
    translation.cache_clear()
    return tmp_path / "locale"


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


def test_the_catalogues_that_are_shipped_can_be_read() -> None:
    translation.cache_clear()
    shipped = {path.parts[-3] for path in language._CATALOGUES.glob("*/LC_MESSAGES/tagalong.mo")}
    for name in {"en", *shipped}:
        assert translation(name.replace("_", "-")).gettext("Read")
