"""Where the page is served, and the newsstand's own little interface."""

from pathlib import Path

from aiohttp import web

from bot.sandbox.site import Press

STATIC = Path(__file__).with_name("static")
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {site}; connect-src 'self'"
"""https://www.w3.org/TR/CSP3/; pictures come from the sample site, too."""

_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_FILES = {path.name: path for path in STATIC.iterdir() if path.suffix in _KINDS}
_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


class Page:
    """The chat page at ``/``, with a newsstand for this press: ``BotApiServer(extend=page.extend)``.

    ``GET /newsstand`` is the press's state; ``POST /newsstand/publish`` and ``POST /newsstand/automatic`` with
    ``{"on": true}`` change it and answer with the new one.
    """

    def __init__(self, press: Press) -> None:
        self._press = press

    def extend(self, app: web.Application) -> None:
        """Add the page's routes."""
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/page/{name}", self._file),
                web.get("/newsstand", self._state),
                web.post("/newsstand/publish", self._publish),
                web.post("/newsstand/automatic", self._automatic),
            ]
        )

    async def _index(self, _: web.Request) -> web.StreamResponse:
        self._press.look()
        return self._served("index.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return self._served(request.match_info["name"])

    async def _state(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self._press.state())

    async def _publish(self, _: web.Request) -> web.StreamResponse:
        self._press.publish()
        return web.json_response(self._press.state())

    async def _automatic(self, request: web.Request) -> web.StreamResponse:
        try:
            wanted = await request.json()
        except ValueError:
            wanted = None
        if wanted not in ({"on": True}, {"on": False}):
            raise web.HTTPBadRequest(text='The body must be {"on": true} or {"on": false}.')
        if not wanted["on"]:
            self._press.pause()
        elif self._press.site.waiting:
            self._press.start()
        return web.json_response(self._press.state())

    def _served(self, name: str) -> web.Response:
        if name not in _FILES:
            raise web.HTTPNotFound
        path = _FILES[name]
        headers = _HEADERS | {"Content-Security-Policy": POLICY.format(site=self._press.site.url)}
        return web.Response(body=path.read_bytes(), content_type=_KINDS[path.suffix], charset="utf-8", headers=headers)
