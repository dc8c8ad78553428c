"""The site's feed, RSS 2.0 as WordPress writes it: categories and tags alike, the whole text even of premium articles.

https://www.rssboard.org/rss-specification and https://developer.wordpress.org/reference/files/wp-includes/feed-rss2.php/
"""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from bot.sandbox.site.articles import Article
from bot.sandbox.site.markup import Markup, cdata, el, join, void

ITEMS = 10
"""On one page of the feed, as WordPress has it by default."""

_NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "atom": "http://www.w3.org/2005/Atom",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def render_feed(name: str, about: str, base: str, articles: Sequence[Article], built_at: datetime) -> bytes:
    """One page of the feed, newest first; ``base`` is the site's address without a slash at its end."""
    channel = el(
        "channel",
        el("title", name),
        void("atom:link", href=f"{base}/feed/", rel="self", type="application/rss+xml"),
        el("link", base + "/"),
        el("description", about),
        el("lastBuildDate", format_datetime(built_at)),
        el("language", "en-GB"),
        el("sy:updatePeriod", "hourly"),
        el("sy:updateFrequency", "1"),
        el("generator", "https://wordpress.org/?v=6.8"),
        *(_item(name, base, article) for article in articles),
    )
    namespaces = "".join(f' xmlns:{prefix}="{address}"' for prefix, address in _NAMESPACES.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<rss version="2.0"{namespaces}>{channel}</rss>\n'.encode()


def _item(name: str, base: str, article: Article) -> Markup:
    story, link = article.story, base + article.path
    post = el("p", "The post ", el("a", story.headline, href=link), " appeared first on ", _home(name, base), ".")
    text = join(*(el("p", paragraph) for paragraph in (story.teaser, *story.paragraphs)), post)
    return el(
        "item",
        el("title", story.headline),
        el("link", link),
        el("dc:creator", cdata(story.byline)),
        el("pubDate", format_datetime(article.published_at)),
        *(el("category", cdata(category)) for category in (*story.categories, *story.tags)),
        el("guid", f"{base}/?p={article.id}", isPermaLink="false"),
        el("description", cdata(join(el("p", story.teaser, " […]"), "\n", post))),
        el("content:encoded", cdata(text)),
    )


def _home(name: str, base: str) -> Markup:
    return el("a", name, href=base + "/")
