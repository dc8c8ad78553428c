"""Health: what a platform asks to know whether the process lives."""

from aiohttp import web


def routes() -> list[web.RouteDef]:
    """``GET /healthz`` answers 200 as long as the process takes part in the world."""
    return [web.get("/healthz", _alive)]


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")
