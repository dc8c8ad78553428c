"""The doctor's visit: makes the checks, one after another, and prints what they find as they find it."""

import json
from collections.abc import AsyncIterator, Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import logs
from bot.doctor.checks import CHECKS, Check
from bot.doctor.findings import Finding, Grade, Seen, bad
from bot.errors import SettingsError, TagalongError
from bot.feeds.plain import one_line
from bot.settings import Settings

NARROWEST = 100
"""Columns where the output is no terminal."""

_SIGNS = {Grade.GOOD: ("✓", "green"), Grade.NOTE: ("!", "yellow"), Grade.BAD: ("✗", "bold red")}


async def visit(checks: Iterable[Check] = CHECKS, *, as_json: bool = False) -> bool:
    """Make the checks and print what they find, for people or as one JSON object a finding; whether all is well."""
    printer = _JsonPrinter() if as_json else _Printer()
    try:
        settings = Settings.load()
    except SettingsError as error:
        logs.configure("error", "text")
        for line in str(error).splitlines():
            printer.print(bad("settings", line, "correct it where it is set: in the environment or in .env"))
        printer.end("the rest can be looked at when these are right")
        return False
    printer.secrets = settings.secrets
    logs.configure("error", "text", printer.secrets)
    for check in checks:
        async for finding in _findings(check, settings):
            printer.print(finding)
    printer.end()
    return not printer.worst


async def _findings(check: Check, settings: Settings) -> AsyncIterator[Finding]:
    """What the check finds; one that breaks is a finding too, and keeps no other from being made."""
    name = check.__name__.removeprefix("check_")
    try:
        async for finding in check(settings):
            yield finding
    except TagalongError as error:
        yield bad(name, str(error))
    except Exception as error:  # noqa: BLE001 - whatever ails the patient, the visit goes on and says it
        yield bad(name, f"it could not be checked: {type(error).__name__}: {error}"[:500])


class _Printer:
    """Prints findings, and remembers how many must be mended."""

    def __init__(self) -> None:
        self.secrets: tuple[str, ...] = ()
        self.worst = 0
        console = Console(highlight=False)
        self._console = (
            console if console.is_terminal else Console(highlight=False, width=max(console.width, NARROWEST))
        )

    def print(self, finding: Finding) -> None:
        """One line with a sign, its continuation under its beginning, and a table where articles were seen."""
        sign, style = _SIGNS[finding.grade]
        self.worst += finding.grade is Grade.BAD
        line = Table.grid(padding=(0, 1))
        line.add_row(
            Text(sign, style), self._text(f"{finding.about}: {'; '.join(filter(None, (finding.says, finding.todo)))}")
        )
        self._console.print(line)
        if finding.seen:
            self._console.print(self._table(finding.seen))

    def end(self, words: str = "") -> None:
        """The last line."""
        total = f"{self.worst} to mend" if self.worst else "all is well"
        self._console.print(self._text(f"{total}; {words}" if words else total), style="bold")

    def _table(self, seen: Iterable[Seen]) -> Table:
        table = Table(show_lines=False)
        for column, share in (("article", 3), ("premium", None), ("because", 3), ("its page adds", 3)):
            table.add_column(column, ratio=share)
        for article in seen:
            premium = "premium" if article.premium else "free"
            table.add_row(*map(self._text, (article.headline, premium, article.reason, article.added)))
        return table

    def _text(self, said: str) -> Text:
        return Text(self._clean(said))

    def _clean(self, said: str) -> str:
        for secret in self.secrets:
            said = said.replace(secret, "***")
        return one_line(said)


class _JsonPrinter(_Printer):
    """Prints findings for scripts: of each ``check``, ``grade``, ``says`` and ``todo``; the exit code is the total."""

    def print(self, finding: Finding) -> None:
        """One line."""
        self.worst += finding.grade is Grade.BAD
        said = {"check": finding.about, "grade": finding.grade, "says": finding.says, "todo": finding.todo}
        line = json.dumps({name: self._clean(words) for name, words in said.items()}, ensure_ascii=False)
        self._console.print(Text(line), soft_wrap=True)

    def end(self, words: str = "") -> None:
        """Nothing more."""
