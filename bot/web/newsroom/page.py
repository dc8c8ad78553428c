"""What a page of the newsroom shows, as data: figures, charts and tables. How it looks, the template knows."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Button:
    """What can be done about a row: ``action``, below PATH, is where its form goes, ``value`` what it sends."""

    label: str
    action: str
    value: int


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 1 for all of it."""

    value: float


Cell = str | int | float | datetime | timedelta | Share | Link | Button | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that matters, and what it is beside."""

    label: str
    value: Cell
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """One bar a day, the oldest first."""

    title: str
    days: tuple[tuple[str, int], ...]

    @property
    def highest(self) -> int:
        """What the tallest bar stands for."""
        return max((value for _, value in self.days), default=0)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the names of their columns. ``name`` is its CSV's; ``empty`` is said where it has none."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    note: str | None = None

    def csv(self) -> str:
        """The table as RFC 4180 has it, with an apostrophe before what a spreadsheet would take for a formula.

        https://owasp.org/www-community/attacks/CSV_Injection
        """
        out = io.StringIO()
        writer = csv.writer(out)
        kept = [at for at in range(len(self.columns)) if not any(isinstance(row[at], Button) for row in self.rows)]
        writer.writerow([self.columns[at] for at in kept])
        writer.writerows([[_plain(row[at]) for at in kept] for row in self.rows])
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Page:
    """A page; ``name`` is the end of its address."""

    name: str
    title: str
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


def _plain(cell: Cell) -> str | int | float:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.astimezone(UTC).isoformat(timespec="seconds")
        case timedelta():
            return round(cell.total_seconds(), 1)
        case Share():
            return round(cell.value, 4)
        case Link():
            return _plain(cell.text)
        case Button():
            return cell.label
        case str():
            return _FORMULA.sub("'", cell)
        case _:
            return cell


_FORMULA = re.compile(r"(?:^|(?<=;))(?=\s*[=+\-@＝＋－＠]|[\t\r\n])")
"""Where one would begin: in many countries spreadsheets divide cells at semicolons."""
