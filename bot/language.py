"""The reader's language: every sentence that a reader sees passes through here, and every date and number.

The catalogues are read as translators write them, ``locale/<language>/LC_MESSAGES/tagalong.po``: there is no compiled
file that could be forgotten. Each is read once, when its first reader comes.
"""

import gettext
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH = "en"
"""The language in which the sentences stand in the code."""
SCRIPT = 4
"""Letters in the name of a script within a language tag, as in zh-hans; regions have two or three."""

_CATALOGUES = Path(__file__).parent / "locale"
_WORLD_ENGLISH = Locale("en", "001")
"""English with the day before the month, as most of its readers write it."""


class Language(gettext.GNUTranslations):
    """A language's sentences, by ``gettext`` and ``ngettext``, and ``locale``, its way with dates and numbers."""

    def __init__(self, compiled: bytes, locale: Locale) -> None:
        super().__init__(BytesIO(compiled))
        self.locale = locale

    @property
    def tag(self) -> str:
        """Its name as an IETF tag, such as ``fr`` or ``pt-BR``."""
        return str(self.locale).replace("_", "-") if self.locale != _WORLD_ENGLISH else ENGLISH


@lru_cache(maxsize=256)  # clients may say any language
def translation(language: str | None) -> Language:
    """The language that a reader has as Telegram gives it (an IETF tag, "pt-br"); English where there is no catalogue.

    Of "zh-hans-cn" the nearest there is of ``zh_Hans_CN``, ``zh_Hans`` and ``zh``.
    """
    there = {ENGLISH, *available()}
    wanted = _wanted(language or ENGLISH)
    name = next((name for name in wanted if name in there), ENGLISH)
    return Language(_compiled(name), _locale(wanted if name in wanted else [], name))


@lru_cache(maxsize=1)
def available() -> tuple[str, ...]:
    """The languages that have a catalogue, as gettext writes them, in alphabetical order."""
    return tuple(sorted(path.parts[-3] for path in _CATALOGUES.glob("*/LC_MESSAGES/tagalong.po")))


def forget_catalogues() -> None:
    """Read the catalogues anew."""
    for cached in (translation, available, _compiled):
        cached.cache_clear()


@lru_cache
def _compiled(name: str) -> bytes:
    path = _CATALOGUES / name / "LC_MESSAGES" / "tagalong.po"
    compiled = BytesIO()
    if path.is_file():
        with path.open("rb") as file:
            write_mo(compiled, read_po(file))
    else:
        write_mo(compiled, Catalog())
    return compiled.getvalue()


def _wanted(language: str) -> list[str]:
    """The names that the language's catalogue may have, the nearest first."""
    if not language.replace("-", "").isalnum():
        return []
    main, *more = language.split("-")
    parts = [main.lower(), *(part.title() if len(part) == SCRIPT else part.upper() for part in more)]
    return ["_".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _locale(wanted: list[str], name: str) -> Locale:
    """The reader's own locale where Babel knows it: of one language, regions write dates in their own ways."""
    for candidate in [*wanted, name]:
        if candidate == ENGLISH:
            break
        try:
            return Locale.parse(candidate, resolve_likely_subtags=False)
        except (UnknownLocaleError, ValueError):
            continue
    return _WORLD_ENGLISH
