"""Where an article's alerts stand among those that are due: a number, the lowest first."""

from sqlalchemy import ColumnElement

_BREAKING = 1 << 60
"""More than articles are ever numbered, and within 64 bits."""


def rank(article_id: int, *, breaking: bool) -> int:
    """Of an article's alerts: breaking news come first, then the newest."""
    return -article_id - (_BREAKING if breaking else 0)


def article_of(rank: ColumnElement[int]) -> ColumnElement[int]:
    """The id of the article whose alerts have this rank."""
    return -rank % _BREAKING
