"""How the newsroom's pages say numbers and spans of time."""

from datetime import timedelta

from bot.web.newsroom.page import Cell, Share


def said(cell: Cell) -> str:
    """A number, a share or a span of time as people read it."""
    match cell:
        case timedelta():
            return _span(cell)
        case Share():
            return f"{cell.value:.1%}"
        case float():
            return f"{cell:,.1f}"
        case int():
            return f"{cell:,}".replace("-", "−")
        case _:
            return str(cell)


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def signed(number: int) -> str:
    """A difference."""
    return f"+{number:,}" if number > 0 else said(number)
