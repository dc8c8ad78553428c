"""``python -m bot feed``: what the bot sees in feeds, wherever they are; with no database and no Telegram."""

import json
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import anyio
import anyio.to_thread
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.addresses import without_password
from bot.errors import FeedError, FeedTooLarge, FeedUnreachable
from bot.feeds.connecting import SiteConnector
from bot.feeds.fetching import MAX_BYTES, Fetcher
from bot.feeds.parsing import read_feed_apart
from bot.feeds.plain import one_line
from bot.feeds.premium import PremiumRules
from bot.model import Article, FeedContents, Fetched

STDIN = "-"


async def print_all(sources: Sequence[str], rules: PremiumRules, *, as_json: bool) -> bool:
    """Print what each source says, in their order; whether all could be read.

    A source is a web address, a file, or ``-`` for what comes by standard input. One that cannot be read is a line on
    standard error.
    """
    all_read = True
    async with SiteConnector(filter(_is_on_the_web, sources)) as connector, Fetcher(connector) as fetcher:
        for source in sources:
            try:
                contents = await _contents(source, fetcher, rules)
            except FeedError as error:
                typer.echo(_complaint(source, error), err=True)
                all_read = False
            else:
                _print_json(source, contents) if as_json else _print_table(source, contents)
    return all_read


async def _contents(source: str, fetcher: Fetcher, rules: PremiumRules) -> FeedContents:
    fetched = await _fetch(source, fetcher)
    return await read_feed_apart(fetched.body, url=fetched.url, content_type=fetched.content_type, rules=rules)


def _print_json(source: str, contents: FeedContents) -> None:
    lines = (json.dumps(_facts(source, article), ensure_ascii=False) + "\n" for article in contents.articles)
    # half a character, which file names can hold, is written as JSON writes it
    typer.echo("".join(lines).encode(errors="backslashreplace"), nl=False)


def _print_table(source: str, contents: FeedContents) -> None:
    table = Table(title=Text(contents.title or _shown(source)), show_lines=True)
    table.add_column("published", max_width=10)
    table.add_column("headline, teaser", ratio=1)
    table.add_column("tags", max_width=20)
    table.add_column("author", max_width=16)
    for article in contents.articles:
        table.add_row(*map(Text, _cells(article)))
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal of few characters shows what it has
    console = Console()
    console.print(table)
    for reason in contents.skipped:
        console.print(Text(f"left out: {reason}"))


def _complaint(source: str, error: FeedError) -> str:
    """One line that names the source and says why it cannot be read."""
    said, named = one_line(str(error)), one_line(_shown(source))
    return said if named in said else f"{named}: {said}"


async def _fetch(source: str, fetcher: Fetcher) -> Fetched:
    if _is_on_the_web(source):
        try:
            fetched = await fetcher.fetch(source)
        except ValueError:
            raise FeedUnreachable(f"{source} is no web address") from None
        if fetched is None:
            raise FeedUnreachable(f"{source} sends nothing new, though nothing of it is known here")
        return fetched
    return Fetched(url=source, body=await anyio.to_thread.run_sync(_read, source))


def _read(source: str) -> bytes:
    try:
        if source == STDIN:
            return _bounded(source, sys.stdin.buffer)
        with Path(source).open("rb") as file:
            return _bounded(source, file)
    except FileNotFoundError:
        raise FeedUnreachable(f"{source} is no file; what is on the web begins with http:// or https://") from None
    except OSError as error:
        raise FeedUnreachable(f"{source} cannot be read: {error.strerror or type(error).__name__}") from None


def _bounded(source: str, file: BinaryIO) -> bytes:
    body = file.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise FeedTooLarge(f"{source} has more than {MAX_BYTES // 1024**2} MB, which no feed needs")
    return body


def _is_on_the_web(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _shown(source: str) -> str:
    """The source without its password."""
    try:
        return without_password(source) if _is_on_the_web(source) else source
    except ValueError:
        return source


def _facts(source: str, article: Article) -> dict[str, object]:
    return {
        "feed": source,
        "id": article.guid or article.link,
        "link": article.link,
        "title": article.headline,
        "teaser": article.teaser,
        "tags": article.tags,
        "premium": article.premium,
        "author": article.byline,
        "published": article.published_at.isoformat() if article.published_at else None,
        "image": article.image,
        "also_read": [{"title": link.title, "url": link.url} for link in article.also_read],
    }


def _cells(article: Article) -> tuple[str, str, str, str]:
    wall = "🔒 " if article.premium else ""
    told = "\n".join(filter(None, (f"{wall}{article.headline}", article.teaser, *_further(article))))
    when = article.published_at.strftime("%Y-%m-%d %H:%M") if article.published_at else ""
    return when, told, ", ".join(article.tags), article.byline or ""


def _further(article: Article) -> list[str]:
    return [f"→ {link.title}" for link in article.also_read]
