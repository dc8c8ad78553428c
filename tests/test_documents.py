"""What README.md and .env.example say of settings and commands is all that there is, and all that they name exists."""

import re
import tomllib

import pytest
import typer

from bot import __version__
from bot.cli import app
from bot.settings import Settings
from handlers.registry import COMMANDS
from tests.process import ROOT

README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SETTINGS = {name.upper() for name in Settings.model_fields}


def table(heading: str) -> str:
    """The first column of the first table below this heading."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(row.split("|")[1] for row in section.splitlines() if row.startswith("|"))


def test_the_program_says_the_version_that_is_installed() -> None:
    assert __version__ == PROJECT["version"]


def test_the_table_of_settings_names_each_and_no_other() -> None:
    assert set(re.findall(r"`([A-Z_]+)`", table("Settings"))) == SETTINGS


def test_the_example_of_settings_names_each_once_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()
    assert sorted(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == sorted(SETTINGS)


def test_what_the_example_shows_of_settings_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    example = (ROOT / ".env.example").read_text()
    for name, value in re.findall(r"^#?([A-Z_]+)=(.+)$", example, re.MULTILINE):
        if not name.endswith("_FILE"):  # of which there are none here
            monkeypatch.setenv(name, value)
    Settings()


def test_each_command_of_the_operator_is_described() -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    rows = [row for row in table("Commands").splitlines() if "python -m bot" in row]
    assert {name for row in rows for name in re.findall(r"(?:`python -m bot |· `)(\w+)", row)} == commands


def test_each_command_of_readers_and_editors_is_described() -> None:
    described = {name for heading in ("Commands", "For the newsroom") for name in re.findall(r"/(\w+)", table(heading))}
    assert described == set(COMMANDS) - {"start", "help"}
