"""``python -m bot feed`` as somebody starts it: a process, what it writes, its exit code."""

import asyncio
import gzip
import json
import os
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.web_server import serving

ROOT = Path(__file__).parents[1]
WORDPRESS = Path(__file__).parent / "data" / "wordpress.xml"
WITHIN = 40.0
"""Seconds that it may take on a busy machine."""


@dataclass
class Ended:
    """How a command ended."""

    code: int
    output: str
    complaints: list[str]

    @property
    def articles(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.splitlines()]


async def feed(*arguments: str, stdin: bytes = b"", **environment: str) -> Ended:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "feed", *arguments),
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    async with asyncio.timeout(WITHIN):
        output, complaints = await process.communicate(stdin)
    assert process.returncode is not None
    return Ended(process.returncode, output.decode(), complaints.decode().splitlines())


def rss(*items: str) -> str:
    return (
        f'<rss version="2.0"><channel><title>T</title><link>https://x.example/</link>{"".join(items)}</channel></rss>'
    )


async def test_each_article_is_an_object_with_all_that_is_known_of_it() -> None:
    ended = await feed(str(WORDPRESS), "--json")
    assert (ended.code, ended.complaints) == (0, [])
    first, second, third, fourth = ended.articles
    assert first == {
        "feed": str(WORDPRESS),
        "id": "https://harbour.example/?p=771",
        "link": "https://harbour.example/2026/03/pilots-and-tugs/?utm_source=rss",
        "title": "Pilots & tugs: who brings the big ships in?",
        "teaser": "Nobody steers a tanker alone. The harbour’s pilots & their tugs…",
        "tags": ["World", "North Korea", "Kim Jong-Un", "R&D"],
        "premium": True,
        "author": "Mira Okafor",
        "published": "2026-03-01T09:30:00+00:00",
        "image": "https://harbour.example/tug.jpg",
        "also_read": [{"title": "The last lighthouse", "url": "https://harbour.example/x/"}],
    }
    assert (second["premium"], second["author"], third["id"]) == (False, "Editorial staff", "772")
    assert (fourth["published"], fourth["image"], fourth["also_read"], fourth["tags"]) == (None, None, [], [])


async def test_what_cannot_be_read_is_one_line_and_the_others_are_read_all_the_same(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/feed/":
            return web.Response(body=gzip.compress(WORDPRESS.read_bytes()), headers={"Content-Encoding": "gzip"})
        return web.Response(status=404 if request.path == "/none" else 200, text="<html>Sign in</html>")

    (tmp_path / "large").write_bytes(b" " * (10 * 1024 * 1024 + 1))
    (tmp_path / "two\nlines").write_text("no feed")
    plain = tmp_path / "plain.xml"
    plain.write_text(rss("<item><title>From a file</title><link>/a/</link></item>"))
    async with serving(answer) as url:
        broken = ["missing.xml", str(tmp_path), "large", "two\nlines", f"{url}/none", f"{url}/page", "http://[", "-"]
        ended = await feed(*broken, f"{url}/feed/", str(plain), "--json", stdin=b"")
    assert ended.code == 1
    assert len(ended.complaints) == len(broken)
    for source, complaint in zip(broken, ended.complaints, strict=True):
        assert complaint.startswith(" ".join(source.split()))
    assert "404" in ended.complaints[4]
    assert "it is a web page" in ended.complaints[5]
    assert [article["feed"] for article in ended.articles] == [f"{url}/feed/"] * 4 + [str(plain)]
    assert (ended.articles[4]["id"], ended.articles[4]["link"]) == ("https://x.example/a/",) * 2


async def test_standard_input_is_read_and_what_is_written_is_utf_8_wherever() -> None:
    item = "<item><title>Владимир &#x1F600;</title><link>https://x.example/</link><guid>1</guid></item>"
    ended = await feed("--json", "-", stdin=rss(item).encode(), PYTHONIOENCODING="ascii")
    assert ended.code == 0
    assert "Владимир 😀" in ended.output
    assert [(article["feed"], article["id"]) for article in ended.articles] == [("-", "1")]


async def test_the_publishers_rules_decide_what_is_premium(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[premium]\nurls = ["https://harbour.example/notes/*"]\n')
    ended = await feed("--json", str(WORDPRESS), PREMIUM_CATEGORIES="Sport", SITE_FILE=str(tmp_path / "site.toml"))
    assert [article["premium"] for article in ended.articles] == [False, True, False, True]
    assert ended.articles[1]["tags"] == []
    assert ended.articles[2]["teaser"] == "Secret sentence three, which is the whole article."
    (tmp_path / "site.toml").write_text("[premium")
    ended = await feed("--json", str(WORDPRESS), SITE_FILE=str(tmp_path / "site.toml"))
    assert ended.code == 1
    assert "site.toml" in ended.complaints[0]


async def test_for_people_it_is_a_table() -> None:
    ended = await feed(str(WORDPRESS), "missing.xml", COLUMNS="200")
    assert ended.code == 1
    assert len(ended.complaints) == 1
    for shown in (
        "The Harbour Post – World",
        "🔒 Pilots & tugs",
        "Free <b>swimming</b> on Sunday",
        "Kim Jong-Un",
        "Mira Okafor",
        "2026-03-01",
        "→ The last lighthouse",
        "left out: “Neither link nor address”",
    ):
        assert shown in ended.output


async def test_in_an_encoding_that_lacks_characters_the_table_is_shown_without_them() -> None:
    ended = await feed(str(WORDPRESS), PYTHONIOENCODING="ascii")
    assert ended.code == 0
    assert "Pilots & tugs" in ended.output


async def test_without_a_feed_it_says_how_it_is_used() -> None:
    ended = await feed()
    assert ended.code == 2
    assert ended.output == ""
