"""``python -m bot topics`` as a process, on a database that the bot has filled."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from bot.store.database import Database
from tests.make import a_follower, an_article, news
from tests.process import ROOT

BEATS = (("Pyongyang", "North Korea"), ("Scrum", "Rugby"), ("Levy", "Budget"), ("Gown", "Fashion"))


@pytest.fixture
async def environment(tmp_path: Path, migrated_sqlite: Path) -> dict[str, str]:
    path = shutil.copy(migrated_sqlite, tmp_path / "tagalong.db")
    async with Database(make_url(f"sqlite+aiosqlite:///{path}")) as database, database.write() as connection:
        for number in range(40):
            words, tag = BEATS[number % len(BEATS)]
            headline = f"{words} on day{number}"
            await news(connection, an_article(str(number), headline=headline, teaser="", tags=[tag]), [])
        await a_follower(connection, 1, "North Korea", "Trade war")
    site = tmp_path / "site.toml"
    site.write_text(
        '[topics.aliases]\n"North Korea" = ["DPRK"]\n[topics.not_aliases]\n"North Korea" = ["North Koreans"]\n'
        'Rugby = ["scrum"]\n'
    )
    return {"DATABASE_URL": f"sqlite:///{path}", "SITE_FILE": str(site), "COLUMNS": "160", "PATH": "/usr/bin:/bin"}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "topics", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)


def test_each_topic_is_shown_with_all_that_stands_for_it(environment: dict[str, str]) -> None:
    done = run(environment, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = {line["topic"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert set(found) == {"North Korea", "Rugby", "Budget", "Fashion", "Trade war"}
    korea = found["North Korea"]
    assert (korea["spellings"], korea["followers"], korea["aliases"]) == (["North Korea"], 1, ["DPRK"])
    assert korea["country"] == ["north korean"]
    assert korea["learned"][0]["words"] == "pyongyang"
    assert korea["learned"][0]["weight"] > 0
    assert found["Rugby"]["learned"] == []
    assert found["Trade war"]["spellings"] == []


def test_topics_are_found_by_words_of_their_name_as_a_table(environment: dict[str, str]) -> None:
    done = run(environment, "KOREA")
    assert "pyongyang" in done.stdout
    assert "DPRK" in done.stdout
    assert "Rugby" not in done.stdout


def test_a_name_that_no_topic_has_is_named(environment: dict[str, str]) -> None:
    done = run(environment, "Atlantis")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "No topic has 'Atlantis' in its name\n"
