"""Catalogues of translations, as translators write them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

Sentence = str | Sequence[str]
"""A sentence, or its singular and its plurals."""


def write_catalogue(folder: Path, name: str, sentences: Mapping[Sentence, Sentence]) -> None:
    """Write the catalogue of a language, English sentences with what they are in it."""
    catalogue = Catalog(charset="utf-8")
    for english, translated in sentences.items():
        catalogue.add(_form(english), _form(translated))
    path = folder / name / "LC_MESSAGES" / "tagalong.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalogue)


def _form(sentence: Sentence) -> str | tuple[str, ...]:
    return sentence if isinstance(sentence, str) else tuple(sentence)
