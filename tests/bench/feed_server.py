"""The feeds of the benchmark of polls, in a process of their own: ``python -m tests.bench.feed_server``.

It prints its ports. Each is a site with any number of feeds: ``/unmodified/…`` answers 304 to whoever has its ETag,
``/same/…`` always sends the same 50 kB, ``/changed/…`` each time 50 kB in which only the time is another.
"""

import asyncio
import itertools
import json

from aiohttp import web

SITES = 50
ITEMS = 10
"""As many as WordPress has; one where only the poll is measured, which begins with storing what is there."""
SIZE = 50_000
_HEAD = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Lantern</title>'
    "<link>http://127.0.0.1/</link><lastBuildDate>{when}</lastBuildDate>"
)
_ITEM = (
    "<item><title>Headline {n} of the day</title><link>http://127.0.0.1/{n}/</link><guid>http://127.0.0.1/?p={n}</guid>"
    "<pubDate>Sun, 01 Mar 2026 12:{n:02}:00 +0000</pubDate><category>World</category><category>Mali</category>"
    "<description>&lt;p&gt;{teaser}&lt;/p&gt;</description><content:encoded><![CDATA[{body}]]></content:encoded></item>"
)
_PARAGRAPH = "<p>The ferry to the islands, <em>said to be late</em>, leaves at <a href='/ferry/'>eight</a>.</p>\n"
_times = itertools.count()


def _feed(when: str, size: int = SIZE, items: int = ITEMS) -> bytes:
    teaser = "The ferry to the islands will leave an hour later than before from Monday on, the harbour says. " * 2
    body = _PARAGRAPH * (size // items // len(_PARAGRAPH) - 6)
    told = "".join(_ITEM.format(n=n, teaser=f"{n}: {teaser}", body=body) for n in reversed(range(items)))
    return f"{_HEAD.format(when=when)}{told}</channel></rss>".encode()


_SAME = _feed("Sun, 01 Mar 2026 12:00:00 +0000", items=1)
_FIRST = _feed("Sun, 01 Mar 2026 12:00:00 +0000", size=0, items=1)


async def _answer(request: web.Request) -> web.Response:
    match request.match_info["case"]:
        case "unmodified" if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        case "unmodified":
            return web.Response(body=_FIRST, content_type="application/rss+xml", headers={"ETag": '"1"'})
        case "changed":
            return web.Response(body=_feed(f"{next(_times)}"), content_type="application/rss+xml")
    return web.Response(body=_SAME, content_type="application/rss+xml")


async def main() -> None:
    """Serve until killed."""
    app = web.Application()
    app.router.add_get("/{case}/{number}", _answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    for _ in range(SITES):
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps([address[1] for address in runner.addresses]), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
