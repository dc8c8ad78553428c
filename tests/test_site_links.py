"""Links that the site puts beside its tags: as the command prints them, and as the WordPress plugin makes them."""

import asyncio
import io
import json
import re
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from bot.errors import SettingsError, StoreOutdated, TelegramUnreachable
from bot.sandbox.telegram import TOKEN, BotApiServer
from bot.settings import Settings
from bot.site_links import Form, print_links
from bot.store.database import Database
from bot.topics.deep_links import payload
from tests.handlers.conftest import one_database
from tests.make import a_feed, an_article, news
from tests.process import ROOT, running

NAMES = ["North Korea", "Q & A", "Côte d'Ivoire", "“Élections” <2026>", "عراق", "北朝鮮", "x" * 47, "x" * 48, "ü" * 40]


def settings(database: Database, server: BotApiServer) -> Settings:
    return Settings.model_validate(
        {"bot_token": TOKEN, "bot_api_url": server.url, "database_url": f"sqlite:///{database.address}"}
    )


async def write_of(database: Database, *names: str) -> None:
    async with database.write() as connection:
        await a_feed(connection)
    for at, name in enumerate(names):
        async with database.write() as connection:
            await news(connection, an_article(f"{at}", tags=[name]), [])


@one_database
@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("text", "Q & A\thttps://t.me/sandbox_bot?start=_USAmIEE"),
        (
            "html",
            '<a href="https://t.me/sandbox_bot?start=_USAmIEE" rel="nofollow noopener">'
            "Follow Q &amp; A on Telegram</a>",
        ),
        ("json", '{"topic": "Q & A", "link": "https://t.me/sandbox_bot?start=_USAmIEE"}'),
    ],
)
async def test_each_tag_gets_a_link(database: Database, form: Form, line: str) -> None:
    await write_of(database, "Q & A")
    out = io.StringIO()
    async with BotApiServer(TOKEN) as server:
        await print_links(settings(database, server), form, out)
    assert out.getvalue() == line + "\n"


@one_database
async def test_the_command_prints_them_while_the_bot_may_run(database: Database) -> None:
    await write_of(database, *NAMES[:3])
    async with BotApiServer(TOKEN) as server:
        environment = {
            "BOT_TOKEN": TOKEN, "BOT_API_URL": server.url, "DATABASE_URL": f"sqlite:///{database.address}"
        }  # fmt: skip
        with database.alone():
            async with running(["-m", "bot", "links", "--as", "json"], environment) as process:
                assert await process.end() == 0, process.output
    assert {json.loads(line)["topic"] for line in process.output.splitlines()} == set(NAMES[:3])


async def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path) -> None:
    async with BotApiServer(TOKEN) as server:
        empty = {"bot_api_url": server.url, "database_url": f"sqlite:///{tmp_path}/new.db"}
        with pytest.raises(StoreOutdated, match="migrate"):
            await print_links(Settings.model_validate({"bot_token": TOKEN, **empty}), "text", io.StringIO())
        with pytest.raises(SettingsError, match="BOT_TOKEN is refused"):
            await print_links(Settings.model_validate({"bot_token": "1:wrong", **empty}), "text", io.StringIO())
    with pytest.raises(TelegramUnreachable, match="does not say"):
        await print_links(Settings.model_validate({"bot_token": TOKEN, **empty}), "text", io.StringIO())


async def php(script: str, *arguments: str) -> str:
    """What a script prints that has the plugin in it, in a WordPress of a few lines."""
    if shutil.which("php") is None:
        pytest.skip("no PHP: the plugin for WordPress is not run")
    wordpress = Path(__file__).with_name("wordpress.php")
    command = ("php", "-d", "display_errors=stderr", "-r", f"require '{wordpress}'; {script}", "--", *arguments)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    said, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    return said.decode()


async def test_plugin_and_bot_make_the_same_payload() -> None:
    written = await php("foreach (array_slice($argv, 1) as $n) echo tagalong_link(esc_html($n)), PHP_EOL;", *NAMES)
    assert re.findall(r"start=([\w-]+)", written) == [payload(name) for name in NAMES]


async def test_plugin_puts_a_link_beside_each_tag_and_escapes_its_name() -> None:
    script = """
        $links = ['<a href="/tag/nk/" rel="tag">North Korea</a>', '<a href="/tag/q/" rel="tag">Q &amp; A "x"</a>'];
        echo implode(PHP_EOL, apply('term_links-post_tag', $links));
    """
    first, second = (await php(script)).splitlines()
    link = '<a class="tagalong-follow" href="https://t.me/sample_bot?start=_Tm9ydGggS29yZWE" rel="nofollow noopener"'
    assert first.startswith(f'<a href="/tag/nk/" rel="tag">North Korea</a> {link}')
    assert 'aria-label="Follow on Telegram: Q &amp; A &quot;x&quot;">Follow on Telegram</a>' in second


@pytest.mark.parametrize("shown_by", ["get_the_archive_description", "render_block_core/query-title"])
async def test_plugin_puts_a_link_on_a_tags_page_and_on_no_other(shown_by: str) -> None:
    assert f"start={payload('North Korea')}" in await php(f"echo apply('{shown_by}', 'Tag');")
    assert await php(f"$tag = ''; echo apply('{shown_by}', 'Tag');") == "Tag"


async def test_plugin_adds_nothing_before_it_knows_the_bot_and_to_what_it_does_not_understand() -> None:
    script = "$bot = ''; echo json_encode(apply('term_links-post_tag', ['<a>1</a>']));"
    assert json.loads(await php(script)) == ["<a>1</a>"]
    assert await php("$bot = ''; echo apply('get_the_archive_description', 'Tag');") == "Tag"
    assert await php("echo json_encode(apply('term_links-post_tag', null));") == "null"


async def test_plugin_says_when_a_bots_name_is_none() -> None:
    script = "echo json_encode([tagalong_sanitize($argv[1]), count($errors)]);"
    assert json.loads(await php(script, "@sample_bot")) == ["sample_bot", 0]
    assert json.loads(await php(script, "no name")) == ["", 1]
    assert json.loads(await php(script, " ")) == ["", 0]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("@sample_bot", "sample_bot"),
        (" https://t.me/sample_bot ", "sample_bot"),
        ("t.me/sample_bot", "sample_bot"),
        ("sample_bot", "sample_bot"),
        ('"><script>', ""),
        ("a b", ""),
        ("sample_bot\n", "sample_bot"),
        ("", ""),
    ],
)
async def test_plugin_takes_a_bots_name_as_people_type_it(typed: str, name: str) -> None:
    assert await php("echo tagalong_bot_name($argv[1]);", typed) == name
