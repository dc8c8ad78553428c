"""The site over HTTP, on this machine only."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox.site import pages
from bot.sandbox.site.articles import FIRST_ID, Article, Story, load_stories, slug
from bot.sandbox.site.feed import ITEMS, render_feed
from bot.sandbox.site.pages import Paper
from bot.sandbox.site.pictures import picture

NAME = "The Morning Lantern"
ABOUT = "News by first light"
ARCHIVE = 10
"""Articles that are there from the start."""
BETWEEN = timedelta(minutes=47)
"""Between two articles of the archive."""

_STYLE = Path(__file__).with_name("style.css")


class Site:
    """The sample site, as an async context manager. ``port`` 0 means any free one."""

    def __init__(
        self,
        stories: Sequence[Story] | None = None,
        *,
        archive: int = ARCHIVE,
        name: str = NAME,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self._host, self._port = host, port
        self._clock = clock
        self.feed_read = asyncio.Event()
        """Set when somebody has read the feed."""
        self.follow: str | None = None
        """What deep links to the bot begin with, as soon as that is known; until then the pages have none."""
        self._stories = load_stories() if stories is None else tuple(stories)
        start = clock().replace(microsecond=0)
        self._articles = [
            Article(FIRST_ID + number, story, start - BETWEEN * (archive - number))
            for number, story in enumerate(self._stories[:archive])
        ]

    @property
    def url(self) -> str:
        """Its address, without a slash at the end; known once it started."""
        return f"http://{self._host}:{self._port}"

    @property
    def articles(self) -> list[Article]:
        """What is published, newest first."""
        return self._articles[::-1]

    @property
    def waiting(self) -> int:
        """How many articles are still to come."""
        return len(self._stories) - len(self._articles)

    def publish_next(self) -> Article | None:
        """Publish the next article, dated now; None when all are out."""
        if not self.waiting:
            return None
        number = len(self._articles)
        article = Article(FIRST_ID + number, self._stories[number], self._clock().replace(microsecond=0))
        self._articles.append(article)
        return article

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def application(self) -> web.Application:
        """Its pages and its feed."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._front_page),
                web.get("/feed/", self._feed),
                web.get("/style.css", self._style),
                web.get("/subscribe/", self._subscribe),
                web.get("/sign-in/", self._sign_in),
                web.get("/pictures/{id}.svg", self._picture),
                web.get("/tag/{slug}/", self._tag),
                web.get("/category/{slug}/", self._category),
                web.get("/{path:.*}", self._article),
            ]
        )
        return app

    @property
    def _paper(self) -> Paper:
        return Paper(self.name, ABOUT, self.url, self.follow)

    async def _front_page(self, request: web.Request) -> web.StreamResponse:
        if "p" in request.query:  # what a guid leads to
            for article in self._articles:
                if request.query["p"] == str(article.id):
                    raise web.HTTPMovedPermanently(article.path)
            return self._missing()
        return _html(pages.front_page(self._paper, self.articles))

    async def _article(self, request: web.Request) -> web.StreamResponse:
        for article in self._articles:
            if request.path == article.path:
                return _html(pages.article_page(self._paper, article, self.articles[:4]))
        return self._missing()

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        for article in self._articles:
            if request.path == article.picture:
                return web.Response(text=picture(article), content_type="image/svg+xml")
        return self._missing()

    async def _tag(self, request: web.Request) -> web.StreamResponse:
        return self._list("Topic", request.match_info["slug"], lambda story: story.tags)

    async def _category(self, request: web.Request) -> web.StreamResponse:
        return self._list("Section", request.match_info["slug"], lambda story: story.categories)

    def _list(self, kind: str, wanted: str, names: Callable[[Story], tuple[str, ...]]) -> web.Response:
        found = {name: None for story in self._stories for name in names(story) if slug(name) == wanted}
        for name in found:
            articles = [article for article in self.articles if name in names(article.story)]
            return _html(pages.list_page(self._paper, kind, name, articles))
        return self._missing()

    async def _subscribe(self, _: web.Request) -> web.StreamResponse:
        return _html(pages.subscribe_page(self._paper))

    async def _sign_in(self, _: web.Request) -> web.StreamResponse:
        return _html(pages.sign_in_page(self._paper))

    async def _style(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(_STYLE)

    def _missing(self) -> web.Response:
        return _html(pages.missing_page(self._paper), status=404)

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        number = request.query.get("paged", "1")
        first = (int(number[:9]) - 1) * ITEMS if number.isdecimal() else 0
        items = self.articles[max(first, 0) : first + ITEMS]
        if not items:
            return self._missing()
        built_at = self._articles[-1].published_at
        body = render_feed(self.name, ABOUT, self.url, items, built_at)
        self.feed_read.set()
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Last-Modified": format_datetime(built_at, usegmt=True)}
        if _unchanged(request, etag, built_at):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="application/rss+xml", charset="UTF-8", headers=headers)


def _unchanged(request: web.Request, etag: str, changed_at: datetime) -> bool:
    """Whether who asks has it already, https://www.rfc-editor.org/rfc/rfc9110#name-precedence-of-preconditions."""
    if asked := request.headers.get("If-None-Match"):
        return etag in (tag.strip().removeprefix("W/") for tag in asked.split(","))
    return request.if_modified_since is not None and changed_at <= request.if_modified_since


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")
