"""Finds the sentences to be translated, for Babel, whose own way misses those that stand within an f-string.

https://babel.pocoo.org/en/latest/messages.html#writing-extraction-methods
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO

Found = tuple[int, str, tuple[str | None, ...], list[str]]
"""Line, function, its arguments (None for what is no plain string), comments for translators."""


def extract(
    file: IO[bytes],
    keywords: Collection[str],
    comment_tags: object,  # noqa: ARG001 - no sentence has a comment for translators
    options: Mapping[str, object],  # noqa: ARG001 - Babel gives them by name, and there are none
) -> Iterator[Found]:
    """Every call in a Python file of one of these functions, by its last name."""
    for call in ast.walk(ast.parse(file.read())):
        if not isinstance(call, ast.Call):
            continue
        name = str(getattr(call.func, "attr", "") or getattr(call.func, "id", ""))
        if name in keywords:
            texts = (part.value if isinstance(part, ast.Constant) else None for part in call.args)
            yield call.lineno, name, tuple(text if isinstance(text, str) else None for text in texts), []
