import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import aiohttp
import pytest
from aiohttp import CookieJar
from sqlalchemy import insert, select

from bot.store import passes, statistics
from bot.store.database import Database
from bot.store.passes import Kind
from bot.store.schema import alerts, counts
from bot.store.statistics import Event, What
from bot.web.newsroom import door
from bot.web.newsroom.app import PATH, newsroom
from bot.web.newsroom.census import Census, Following
from bot.web.newsroom.page import Button, Chart, Share, Table
from bot.web.server import serving
from tests.browser import open_browser, take_screenshot
from tests.crowd import Crowd
from tests.crowd import fill as fill_with
from tests.handlers.conftest import one_database
from tests.make import NOW, a_feed, a_follower, an_article, news
from tests.web.outside import free_port

EDITOR, READER = 7, 1001
LINK = timedelta(minutes=10)


@dataclass
class Newsroom:
    """The pages as a browser gets them, and a clock to move."""

    database: Database
    client: aiohttp.ClientSession
    origin: str
    census: Census
    now: datetime = NOW

    async def link(self, editor: int = EDITOR) -> str:
        async with self.database.write() as connection:
            return await passes.issue(connection, Kind.LINK, editor, self.now, LINK)

    async def enter(self, key: str, **headers: str) -> int:
        headers = {"Origin": self.origin} | headers
        async with self.client.post(f"{self.origin}{PATH}/enter", data={"key": key}, headers=headers) as response:
            return response.status

    async def get(self, path: str = "") -> tuple[int, str]:
        async with self.client.get(f"{self.origin}{PATH}{path}") as response:
            return response.status, await response.text()

    async def post(self, path: str, origin: str | None = None, **form: str) -> int:
        headers = {"Origin": self.origin if origin is None else origin}
        async with self.client.post(f"{self.origin}{PATH}{path}", data=form, headers=headers) as response:
            return response.status


@pytest.fixture
async def room(database: Database) -> AsyncIterator[Newsroom]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        room = Newsroom(database, client, origin, Census(database))
        part = newsroom(database, lambda: room.now, room.census, [EDITOR], origin, "The Daily <Sample>")
        async with serving([], port, {PATH: part}):
            yield room


@pytest.fixture
async def inside(room: Newsroom) -> Newsroom:
    assert await room.enter(await room.link()) == 200
    return room


async def test_a_link_opens_a_session_once(room: Newsroom) -> None:
    key = await room.link()
    for _ in range(2):  # whoever fetches links ahead uses nothing up
        status, door = await room.get(f"/enter?key={key}")
        assert (status, key in door) == (200, True)
    assert (await room.get())[0] == 401
    assert await room.enter(key) == 200
    assert (await room.get())[0] == 200
    room.client.cookie_jar.clear()
    assert await room.enter(key) == 403
    assert (await room.get())[0] == 401


async def test_links_and_sessions_end(room: Newsroom) -> None:
    late, in_time = await room.link(), await room.link()
    room.now += LINK - timedelta(seconds=1)
    assert await room.enter(in_time) == 200
    room.now += timedelta(seconds=1)
    assert await room.enter(late) == 403
    room.now += timedelta(hours=12)
    assert (await room.get("/topics"))[0] == 401


@one_database
@pytest.mark.parametrize("key", ["", "made-up", "\x00", "x" * 5000])
async def test_a_key_made_up_opens_nothing(room: Newsroom, key: str) -> None:
    assert await room.enter(key) == 403


@one_database
async def test_a_form_that_drips_is_given_up(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "READ_SECONDS", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(room.origin.rpartition(":")[2]))
    head = f"POST {PATH}/enter HTTP/1.1\r\nHost: x\r\nOrigin: {room.origin}\r\nContent-Length: 100\r\n"
    writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nkey=".encode())
    assert (await reader.readline()).split()[1] == b"408"
    writer.close()


async def test_a_session_is_no_link_and_a_link_no_session(room: Newsroom) -> None:
    async with room.database.write() as connection:
        session = await passes.issue(connection, Kind.SESSION, EDITOR, NOW, LINK)
    assert await room.enter(session) == 403
    link = await room.link()
    room.client.cookie_jar.update_cookies({"newsroom": link})
    assert (await room.get())[0] == 401


async def test_who_is_no_editor_any_more_stays_outside(room: Newsroom) -> None:
    assert await room.enter(await room.link(READER)) == 403


async def test_leaving_ends_the_session_for_every_copy_of_it(inside: Newsroom) -> None:
    cookies = {cookie.key: cookie.value for cookie in inside.client.cookie_jar}
    assert await inside.post("/leave") == 200
    inside.client.cookie_jar.update_cookies(cookies)
    assert (await inside.get())[0] == 401


@one_database
@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "http://127.0.0.1:1"])
async def test_what_another_site_sends_changes_nothing(inside: Newsroom, origin: str) -> None:
    assert await inside.post("/leave", origin) == 403
    assert (await inside.get())[0] == 200
    assert await inside.enter(await inside.link(), Origin=origin) == 403


@one_database
@pytest.mark.parametrize("path", ["", "/enter", "/topics", "/style.css", "/nothing", "/topics/topics.csv", "/a/b/c"])
async def test_every_answer_forbids_frames_scripts_and_copies(room: Newsroom, path: str) -> None:
    async with room.client.get(f"{room.origin}{PATH}{path}") as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Frame-Options"] == "DENY"


@one_database
async def test_over_https_no_other_host_of_the_domain_can_plant_the_cookie(database: Database) -> None:
    port = free_port()
    part = newsroom(database, lambda: NOW, Census(database), [EDITOR], "https://bot.example", "Site")
    async with database.write() as connection:
        key = await passes.issue(connection, Kind.LINK, EDITOR, NOW, LINK)
    enter, origin = f"http://127.0.0.1:{port}{PATH}/enter", {"Origin": "https://bot.example"}
    async with (
        serving([], port, {PATH: part}),
        aiohttp.ClientSession() as client,
        client.post(enter, data={"key": key}, headers=origin, allow_redirects=False) as response,
    ):
        cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-newsroom=")
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"))


async def fill(database: Database) -> None:
    """Two articles, three readers, an alert that could not be sent, and what was counted."""
    async with database.write() as connection:
        await a_feed(connection)
        korea, _ = await a_follower(connection, READER, "North Korea", "Nothing <ever>")
        await a_follower(connection, READER + 1, "North Korea")
        hostile = an_article("one", headline="<script>alert(1)</script>", tags=("North Korea",), premium=True)
        one = await news(connection, hostile, [korea.id])
        await connection.execute(
            insert(alerts).values(
                chat_id=READER, article_id=one, state="failed", due_at=NOW, attempts=3, error="Bad Request: odd"
            )
        )
        await connection.execute(counts.delete())
        seen = {
            Event(What.SENT, 0, one): 40, Event(What.PROMPT, 0, one): 40, Event(What.SECONDS, 0, one): 120,
            Event(What.READ, korea.id, one): 2, Event(What.SUBSCRIBE, korea.id, one): 4, Event(What.ARTICLE, 0, one): 1,
            Event(What.FOLLOWED, korea.id): 2, Event(What.MATCH, korea.id): 1, Event(What.LEFT): 1,
        }  # fmt: skip
        await statistics.count(connection, NOW, seen)
        await statistics.count_search(connection, NOW, ["=cmd|calc"])
        await statistics.count_search(connection, NOW, ["Zembla"])


PAGES = {
    "": ["Readers", ">2<", "15.0%", "3.0 s"],
    "/topics": ["North Korea", "Nothing &lt;ever&gt;", "Followed, and nothing was published"],
    "/articles": ["&lt;script&gt;alert(1)", "tagged North Korea"],
    "/delivery": ["Bad Request: odd", "Try again"],
    "/feeds": ["http://127.0.0.1/feed/", "not read yet"],
    "/searches": ["zembla"],
}


@pytest.mark.parametrize(("path", "shown"), PAGES.items())
async def test_pages_show_what_is_in_the_store(inside: Newsroom, path: str, shown: list[str]) -> None:
    await fill(inside.database)
    status, page = await inside.get(path)
    assert status == 200
    assert [words for words in shown if words not in page] == []
    assert "<script" not in page


@pytest.mark.parametrize("path", PAGES)
async def test_pages_stand_on_an_empty_store(inside: Newsroom, path: str) -> None:
    assert (await inside.get(path))[0] == 200


async def test_each_table_is_a_csv_too(inside: Newsroom) -> None:
    await fill(inside.database)
    status, text = await inside.get("/topics/topics.csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert (status, rows[0][:2], rows[1][:2]) == (200, ["Topic", "Followers"], ["North Korea", "2"])
    assert (await inside.get("/overview/days.csv"))[0] == 200
    assert (await inside.get("/topics/nothing.csv"))[0] == 404
    assert (await inside.get("/nothing/topics.csv"))[0] == 404


def test_no_spreadsheet_takes_a_cell_for_a_formula() -> None:
    rows = (
        ("=1+1", -5, Share(0.25), NOW, Button("b", "a", 1)),
        ("@x", None, timedelta(seconds=2), "\tx", None),
        ("a; =1+1", "＝1", "a=1; b", " -1", None),
    )
    table = Table("t", "T", ("A", "B", "C", "D", "E"), rows, "")
    assert list(csv.reader(io.StringIO(table.csv()))) == [
        ["A", "B", "C", "D"],
        ["'=1+1", "-5", "0.25", "2026-03-01T12:00:00+00:00"],
        ["'@x", "", "2.0", "'\tx"],
        ["a;' =1+1", "'＝1", "a=1; b", "' -1"],
    ]


async def test_what_was_put_aside_can_be_tried_again(inside: Newsroom) -> None:
    await fill(inside.database)
    for value in ("", "x", "-1", "9" * 40):
        assert await inside.post("/delivery/retry", value=value) == 200
    async with inside.database.read() as connection:
        row = (await connection.execute(select(alerts))).one()
        assert row.state == "failed"
    assert await inside.post("/delivery/retry", value=str(row.id)) == 200
    async with inside.database.read() as connection:
        row = (await connection.execute(select(alerts))).one()
    assert (row.state, row.attempts, row.error) == ("due", 0, None)


@one_database
async def test_an_editor_enters_and_reads_in_a_browser(room: Newsroom) -> None:
    await fill(room.database)
    async with open_browser() as browser:
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(f"{room.origin}{PATH}/enter?key={await room.link()}")
        await page.get_by_role("button", name="Open the newsroom").click()
        for path, heading in (
            ("Topics", "What readers follow"),
            ("Delivery", "Put aside"),
            ("Overview", "The last 30"),
        ):
            await page.get_by_role("link", name=path, exact=True).click()
            await page.get_by_role("heading", name=heading).wait_for()
            assert await page.evaluate("document.documentElement.scrollWidth") == 390
            await take_screenshot(page, f"newsroom-{path.lower()}")
        await page.get_by_role("button", name="Leave").click()
        await page.get_by_text("You have left the newsroom.").wait_for()


@one_database
@pytest.mark.timeout(300)
async def test_the_pages_of_a_large_newsroom_fit_phones_and_desks(room: Newsroom) -> None:
    async with room.database.write() as connection:
        await fill_with(connection, NOW, Crowd(alerts_of_an_article=33))
    looks: list[tuple[int, int, Literal["light", "dark"]]] = [(390, 844, "dark"), (1280, 900, "light")]
    async with room.census.kept(), open_browser() as browser:
        for width, height, scheme in looks:
            page = await browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            await page.goto(f"{room.origin}{PATH}/enter?key={await room.link()}")
            await page.get_by_role("button", name="Open the newsroom").click()
            for name in PAGES:
                await page.goto(f"{room.origin}{PATH}{name}")
                await page.get_by_text("As of").wait_for()
                assert await page.evaluate("document.documentElement.scrollWidth") == width
                assert await page.evaluate(
                    "document.querySelector('nav').scrollWidth <= document.querySelector('nav').clientWidth"
                )
                await take_screenshot(page, f"newsroom-large{name.replace('/', '-')}-{width}-{scheme}")


def test_a_chart_of_nothing_says_so() -> None:
    assert Chart("Failed a day", (("01 Mar", 0), ("02 Mar", 0))).highest == 0


async def test_what_takes_long_to_count_is_counted_beforehand(database: Database) -> None:
    census = Census(database)
    async with database.write() as connection:
        (mali,) = await a_follower(connection, READER, "Mali")
        assert await census.following(connection) == Following(1, 1, {mali.id: 1})
    async with census.kept(), database.write() as connection:
        before = await census.following(connection)
        await a_follower(connection, READER + 1, "Mali")
        assert await census.following(connection) is before
    async with database.read() as connection:
        assert (await census.following(connection)).by_topic == {mali.id: 2}


@one_database
async def test_behind_a_path_of_the_sites_all_links_lead_there(database: Database) -> None:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    part = newsroom(database, lambda: NOW, Census(database), [EDITOR], f"{origin}/bot", "Site")
    async with (
        serving([], port, {f"/bot{PATH}": part}),
        aiohttp.ClientSession(cookie_jar=CookieJar(unsafe=True)) as client,
    ):
        room = Newsroom(database, client, origin, Census(database))
        enter = f"{origin}/bot{PATH}/enter"
        async with client.post(enter, data={"key": await room.link()}, headers={"Origin": origin}) as response:
            page = await response.text()
            assert (response.status, str(response.url)) == (200, f"{origin}/bot{PATH}")
    assert re.findall(r'(?:href|action)="(?!/bot/newsroom)[^"]*', page) == []
