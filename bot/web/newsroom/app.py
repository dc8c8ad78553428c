"""The newsroom as a part of the web server: its routes, its templates, its one stylesheet."""

import re
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.model import ChatSettings
from bot.store import chats, outbox
from bot.store.database import Database
from bot.web.newsroom import pages
from bot.web.newsroom.census import Census
from bot.web.newsroom.door import EDITOR, Door, field
from bot.web.newsroom.page import Button, Cell, Link, Page, Share
from bot.web.newsroom.pages import Source
from bot.web.newsroom.wording import said

PATH = "/newsroom"
"""Below PUBLIC_URL."""
ENTRANCE = f"{PATH}/enter"
"""Where the link leads that the bot gives to an editor, with its key."""

MAX_FORM = 16 * 1024
_HERE = Path(__file__).parent
_STYLE = (_HERE / "style.css").read_text()
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


class Newsroom:
    """Shows the pages; ``base`` is the path at which browsers find them."""

    def __init__(self, database: Database, clock: Callable[[], datetime], census: Census, base: str) -> None:
        self._database = database
        self._clock = clock
        self._census = census
        self._base = base

    async def page(self, request: web.Request) -> web.StreamResponse:
        """``GET <name>``: a page; without a name, the first."""
        name = request.match_info.get("name", "")
        if name not in pages.PAGES:
            raise web.HTTPNotFound(text="there is no such page\n")
        page = await self._make(name)
        async with self._database.read() as connection:
            chosen = await chats.settings(connection, [request[EDITOR]])
        zone = chosen.get(request[EDITOR], ChatSettings()).time_zone
        menu = [(name, title) for name, (title, _) in pages.PAGES.items()]
        shown = {"page": page, "pages": menu, "zone": zone, "now": self._clock(), "said": partial(_said, zone)}
        return aiohttp_jinja2.render_template("page.html", request, shown)

    async def csv(self, request: web.Request) -> web.StreamResponse:
        """``GET <page>/<table>.csv``: one of its tables."""
        name = request.match_info["name"].removesuffix("overview")
        if name not in pages.PAGES:
            raise web.HTTPNotFound(text="there is no such page\n")
        page = await self._make(name)
        wanted = request.match_info["table"]
        for table in page.tables:
            if table.name == wanted:
                attached = {"Content-Disposition": f'attachment; filename="{table.name}.csv"'}
                return web.Response(text=table.csv(), content_type="text/csv", headers=attached)
        raise web.HTTPNotFound(text="there is no such table\n")

    async def retry(self, request: web.Request) -> web.StreamResponse:
        """``POST delivery/retry``: let an alert that was put aside be tried again."""
        value = await field(request, "value")
        if value and _NUMBER.fullmatch(value):
            async with self._database.write() as connection:
                await outbox.retry(connection, int(value), self._clock())
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": f"{self._base}/delivery"})

    async def style(self, _: web.Request) -> web.StreamResponse:
        """``GET style.css``."""
        return web.Response(text=_STYLE, content_type="text/css")

    async def _make(self, name: str) -> Page:
        _, make = pages.PAGES[name]
        async with self._database.read() as connection:
            return await make(Source(connection, self._clock(), self._census))


def newsroom(
    database: Database,
    clock: Callable[[], datetime],
    census: Census,
    editors: Collection[int],
    public_url: str,
    site: str,
) -> web.Application:
    """The part of the web server that belongs below PATH."""
    base = urlsplit(public_url).path + PATH  # a proxy may have taken away the path under which it calls us
    door, room = Door(database, clock, editors, public_url, base), Newsroom(database, clock, census, base)
    app = web.Application(middlewares=[door.guard], client_max_size=MAX_FORM)
    loader = jinja2.FileSystemLoader(_HERE / "templates")
    tests = {"link": _is(Link), "button": _is(Button), "measure": _is((int, float, timedelta, Share))}
    environment = aiohttp_jinja2.setup(app, loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.tests.update(tests)
    environment.globals.update(site=site, base=base)
    app.add_routes(
        [
            web.get("", room.page),
            web.get("/style.css", room.style, name="style"),
            web.get("/enter", door.show, name="door"),
            web.post("/enter", door.enter, name="enter"),
            web.post("/leave", door.leave),
            web.post("/delivery/retry", room.retry),
            web.get("/{name}", room.page),
            web.get("/{name}/{table}.csv", room.csv),
        ]
    )
    return app


def _is(kind: type | tuple[type, ...]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)


def _said(zone: ZoneInfo, cell: Cell) -> str:
    return f"{cell.astimezone(zone):%d %b %H:%M}" if isinstance(cell, datetime) else said(cell)
