"""The reader's language: every sentence that a reader sees passes through here."""

import gettext
from functools import cache
from pathlib import Path

_CATALOGUES = Path(__file__).parent / "locale"


@cache
def translation(language: str | None) -> gettext.NullTranslations:
    """The catalogue for a language as Telegram gives it (an IETF tag, "pt-br"); English where there is none."""
    if language is None or not language.replace("-", "").isalnum():
        return gettext.NullTranslations()
    main, _, region = language.partition("-")
    wanted = [f"{main.lower()}_{region.upper()}", main.lower()] if region else [main.lower()]
    return gettext.translation("tagalong", _CATALOGUES, wanted, fallback=True)
