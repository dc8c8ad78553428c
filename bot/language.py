"""The reader's language: every sentence that a reader sees passes through here."""

import gettext
from functools import lru_cache
from pathlib import Path

SCRIPT = 4
"""Letters in the name of a script within a language tag, as in zh-hans; regions have two or three."""

_CATALOGUES = Path(__file__).parent / "locale"


@lru_cache(maxsize=256)  # clients may say any language
def translation(language: str | None) -> gettext.NullTranslations:
    """The catalogue for a language as Telegram gives it (an IETF tag, "pt-br"); English where there is none.

    Of "zh-hans-cn" the nearest there is of ``zh_Hans_CN``, ``zh_Hans`` and ``zh``.
    """
    if language is None or not language.replace("-", "").isalnum():
        return gettext.NullTranslations()
    main, *more = language.split("-")
    parts = [main.lower(), *(part.title() if len(part) == SCRIPT else part.upper() for part in more)]
    wanted = ["_".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return gettext.translation("tagalong", _CATALOGUES, wanted, fallback=True)
