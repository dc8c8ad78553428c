"""An article whose page is on a server of this machine, and what becomes of it."""

import pytest
from aiohttp import web

from bot.feeds import pages
from bot.feeds.pages import Completed
from bot.feeds.premium import PremiumRules
from bot.model import Article
from tests.feeds.connected import some_pages
from tests.web_server import Answer, serving

RULES = PremiumRules()
STANDFIRST = "The first in four years."
PAGE = f'<meta property="og:description" content="{STANDFIRST}"><p>Behind the paywall stand these words.</p>'


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first page of a process waits for another one to start, which on a busy machine takes its time."""
    monkeypatch.setattr(pages, "WHOLE_SECONDS", 30.0)


def article(link: str) -> Article:
    return Article(
        keys=(), link=link, headline="Harvest", teaser="", tags=(), premium=False, byline=None, published_at=None
    )


async def a_page(_: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


async def look(answer: Answer, path: str = "/a/") -> Completed:
    """What becomes of an article whose feed and page are on this server."""
    async with serving(answer) as site, some_pages(f"{site}/feed/", RULES) as reader:
        return await reader.look(article(site + path))
