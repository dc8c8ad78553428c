"""The least that an aiohttp server can do, in a process of its own: ``python -m tests.bench.bare_server PORT``.

Whatever it is asked, it redirects.
"""

import asyncio
import sys

from aiohttp import web

TARGET = "https://news.example/2026/11/24/a-story-of-some-length/?utm_source=telegram&utm_medium=bot"


async def redirect(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": TARGET})


async def main(port: int) -> None:
    app = web.Application()
    app.router.add_get("/t/{code}", redirect)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("serves", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
