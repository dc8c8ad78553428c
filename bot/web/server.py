"""One aiohttp server for everything that is called from outside."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.errors import SettingsError

log = structlog.stdlib.get_logger()

SHUTDOWN_SECONDS = 5.0
MAX_BODY = 1024 * 1024


def starting(routes: Iterable[web.RouteDef], start: str) -> list[web.RouteDef]:
    """The routes, with this before their paths."""
    return [web.route(route.method, start + route.path, route.handler, **route.kwargs) for route in routes]


@asynccontextmanager
async def serving(
    routes: Iterable[web.RouteDef],
    port: int,
    parts: Mapping[str, web.Application] = MappingProxyType({}),
    *,
    host: str | None = None,
    name: str = "PORT",
) -> AsyncIterator[None]:
    """Serve ``routes``, and each of ``parts`` below its path, on ``host``, or else on every address of this machine's.

    At the end, finish what is under way. Raises SettingsError where the port, set as ``name``, cannot be had.
    """
    app = web.Application(client_max_size=MAX_BODY, middlewares=[_refuse_falsely_packed])
    app.on_response_prepare.append(_sign)
    app.add_routes(routes)
    for path, part in parts.items():
        app.add_subapp(path, part)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            where = f"{port} at {host}" if host else f"{port}"
            raise SettingsError(f"{name} {where} cannot be used: {error.strerror}; choose another") from error
        log.info("web server listens", port=port)
        yield
    finally:
        await runner.cleanup()


@web.middleware
async def _refuse_falsely_packed(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.RequestPayloadError:
        raise web.HTTPBadRequest(text="this is not packed as it says\n") from None


async def _sign(_: web.Request, response: web.StreamResponse) -> None:
    """Name us, not the versions of what we are built on; and let no browser take an answer for what it is not."""
    response.headers["Server"] = "Tagalong"
    response.headers["X-Content-Type-Options"] = "nosniff"
