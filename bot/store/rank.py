"""Where an article's alerts stand among those that may go: a number, the lowest first."""

_BREAKING = 1 << 60
"""More than articles are ever numbered, and within 64 bits."""


def rank(article_id: int, *, breaking: bool) -> int:
    """Of an article's alerts: breaking news come first, then the newest."""
    return -article_id - (_BREAKING if breaking else 0)
