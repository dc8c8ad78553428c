"""The checks of feeds and of the pages of their newest articles."""

from collections.abc import AsyncIterator
from datetime import datetime

from bot.addresses import without_password
from bot.doctor.findings import Finding, Grade, Seen, bad, good, note
from bot.errors import FeedError
from bot.feeds.connecting import SiteConnector
from bot.feeds.fetching import Fetcher
from bot.feeds.pages import Completed, Pages
from bot.feeds.parsing import read_feed_apart
from bot.feeds.premium import PremiumRules
from bot.model import Article, FeedContents
from bot.settings import Settings

NEWEST = 10
"""Articles of each feed whose pages are read."""


async def check_feeds(settings: Settings) -> AsyncIterator[Finding]:
    """Whether each feed can be read, and what the bot makes of its newest articles."""
    if not settings.feed_urls:
        return
    rules = PremiumRules.of(settings.premium_categories, settings.site.premium)
    async with (
        SiteConnector(settings.feeds) as connector,
        Fetcher(connector) as fetcher,
        Pages(connector, settings.feeds, rules, settings.site.site.hosts) as pages,
    ):
        for url in settings.feeds:
            address = without_password(url)
            about = f"feed {address}"
            try:
                contents = await _contents(fetcher, url, rules)
            except FeedError as error:
                yield bad(
                    about,
                    str(error).removeprefix(address).lstrip(),
                    "try it with `python -m bot feed`, or correct FEED_URLS",
                )
                continue
            yield _what_it_holds(about, contents)
            for reason in contents.skipped:
                yield note(about, f"left out: {reason}", "mend it at the site, if it ought to be told")
            if contents.articles:
                completed = [
                    (article, await pages.look(article, site=contents.site)) for article in contents.articles[:NEWEST]
                ]
                yield _what_pages_say(about, completed)


async def _contents(fetcher: Fetcher, url: str, rules: PremiumRules) -> FeedContents:
    fetched = await fetcher.fetch(url)
    if fetched is None:
        raise FeedError(f"{without_password(url)} sends nothing new, though nothing of it is known here")
    return await read_feed_apart(fetched.body, url=fetched.url, content_type=fetched.content_type, rules=rules)


def _what_it_holds(about: str, contents: FeedContents) -> Finding:
    if not contents.articles:
        return note(about, "it can be read, but holds no article", "see that it is the right one")
    dates = [article.published_at for article in contents.articles if article.published_at]
    newest = f"the newest of {_shown(max(dates))}" if dates else "none with a date"
    hub = f"the hub {without_password(contents.hub)}" if contents.hub else "no hub, so it is polled"
    return good(about, f"“{contents.title or 'no title'}”, {len(contents.articles)} articles, {newest}; {hub}")


def _what_pages_say(about: str, completed: list[tuple[Article, Completed]]) -> Finding:
    seen = tuple(
        Seen(one.article.headline, one.article.premium, one.verdict.reason, _added(before, one))
        for before, one in completed
    )
    unread = [one.unread for _, one in completed if one.unread]
    if len(unread) == len(completed):
        says = f"no page of its newest articles could be read ({unread[0]}): alerts go out with what the feed says"
        todo = "if the site keeps this bot out, allow its User-Agent, which begins with Tagalong"
        return Finding(about, Grade.NOTE, says, todo, seen)
    if not any(one.article.premium for _, one in completed):
        says = "none of its newest articles is premium"
        todo = "if one should be, say in SITE_FILE below [premium] by what"
        return Finding(about, Grade.NOTE, says, todo, seen)
    return Finding(about, Grade.GOOD, "its newest articles, premium or not and why", seen=seen)


def _added(before: Article, completed: Completed) -> str:
    """What the page added, or why it did not."""
    after = completed.article
    if completed.unread:
        return f"not read: {completed.unread}"
    tags = [tag for tag in after.tags if tag not in before.tags]
    parts = {
        f"topics {', '.join(tags)}": bool(tags),
        "premium": after.premium and not before.premium,
        "byline": after.byline != before.byline,
        "picture": after.image != before.image,
        "teaser": after.teaser != before.teaser,
    }
    return "; ".join(name for name, added in parts.items() if added) or "nothing"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
