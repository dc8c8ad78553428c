"""Of premium articles nothing of the text leaves: not in messages, not in the log, not in what commands print.

Every article is taken for premium here. What is behind the wall is found by means of the test's own: whatever run of
eight words stands in an entry's content and in no title and no summary of its feed.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from gettext import NullTranslations
from pathlib import Path

import feedparser
import pytest
import structlog
from aiohttp import web

from bot.alerts.message import Site, render
from bot.database_url import engine_url
from bot.feeds.polling import Poller
from bot.feeds.premium import PremiumRules
from bot.feeds.printing import print_all
from bot.model import Alert, Article, StoredArticle, Topic
from bot.store import feeds
from bot.store.database import Database
from tests.conftest import SHARED_DATA
from tests.feeds.connected import a_fetcher
from tests.make import NOW
from tests.web_server import serving

RUN = 8
"""Words in a row that are taken for a piece of the text, and not for chance."""
ALL_PREMIUM, ALL_FREE = PremiumRules(urls=("*",)), PremiumRules(categories=())

Runs = set[tuple[str, ...]]


def runs(text: str) -> Runs:
    """All runs of words in the text, whatever stands between them."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def runs_of_html(markup: str) -> Runs:
    """The same of HTML, whether its tags part words or not."""
    return runs(html.unescape(re.sub(r"<[^>]*>", " ", markup))) | runs(html.unescape(re.sub(r"<[^>]*>", "", markup)))


def behind_the_wall(body: bytes) -> Runs:
    """What of a feed only members may read."""
    found = feedparser.parse(body, response_headers={"content-type": "application/xml"}, sanitize_html=False)
    secret: Runs = set()
    public: Runs = set()
    for entry in found.entries:
        secret |= {run for part in entry.get("content", ()) for run in runs_of_html(part["value"])}
        summary = entry.get("summary", "") if "summary_detail" in entry else ""
        public |= runs_of_html(entry.get("title", "")) | runs_of_html(summary)
    return secret - public


def messages(articles: Iterable[Article]) -> str:
    """What readers see of the articles, buttons and addresses included."""
    seen = []
    for article in articles:
        topics = tuple(Topic(at, tag, tag) for at, tag in enumerate(article.tags))
        stored = StoredArticle(
            id=1,
            link=article.link,
            headline=article.headline,
            teaser=article.teaser,
            premium=article.premium,
            byline=article.byline,
            topics=topics,
            seen_at=NOW,
            image=article.image,
            also_read=article.also_read,
        )
        message = render(Alert(1, 1, "en", stored, frozenset(), attempts=1), Site(), NullTranslations())
        seen.append(
            html.unescape(re.sub(r"</?[bi]>", "", message.text)) + str(message.keyboard.to_dict()) + str(article)
        )
    return "\n".join(seen)


@dataclass
class Told:
    """What has left the bot."""

    articles: list[Article]
    log: str


async def poll(bodies: Mapping[str, bytes], rules: PremiumRules, folder: Path) -> Told:
    """Poll feeds with these bodies from a server, as the bot does."""
    taken: list[Article] = []

    async def take(feed_id: int, articles: Sequence[Article], *, as_news: bool, site: str | None) -> int:
        taken.extend(articles)
        return len(articles)

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=bodies[request.match_info["path"]], content_type="application/xml")

    with structlog.testing.capture_logs() as log:
        async with (
            serving(answer) as url,
            Database(engine_url(f"sqlite:///{folder}/leaks.db")) as database,
            a_fetcher(url) as fetcher,
        ):
            await database.migrate()
            urls = [f"{url}/{name}" for name in bodies]
            poller = Poller(database, fetcher, take, urls, timedelta(minutes=1), rules, lambda: NOW)
            async with database.write() as connection:
                await feeds.register(connection, urls, NOW)
                due = await feeds.claim_due(connection, urls, NOW, timedelta(minutes=1))
            for feed in due:
                await poller._poll_or_report(feed)
    assert len([entry for entry in log if entry["event"] == "feed polled"]) == len(bodies)
    return Told(taken, "\n".join(map(str, log)))


async def printed(files: Iterable[Path], capsys: pytest.CaptureFixture[str], *, as_json: bool) -> str:
    """What ``bot feed`` writes about these files, all of them premium."""
    await print_all(list(map(str, files)), ALL_PREMIUM, as_json=as_json)
    output, complaints = capsys.readouterr()
    assert output
    return output + complaints


SECRET = " ".join(f"secret{number}" for number in range(40))
SLUG = SECRET.replace(" ", "-")
SENTENCES = f"{SECRET.capitalize()}. <b>More</b> {SECRET[::-1]}."
CONTENTS = {
    "sentences": f"<p>{SENTENCES}</p>",
    "a byline": f"<p>By Jane Doe / Reporter</p><p>{SENTENCES}</p>",
    "a byline joined": f"By Jane Doe / Reporter {SENTENCES}",
    "a byline that is text": f"<p>By {SECRET.title()}</p>",
    "links": f'<p>ALSO READ: <a href="/b/">{SECRET}</a></p><p>Lees ook: <a href="/{SLUG}">c</a></p>',
    "a picture": f'<img src="/{SLUG}.png" alt="{SECRET}"><p>{SENTENCES}</p>',
    "a summary": f"<description>{SENTENCES}</description>",
}
ENTRIES = {
    "rss": "<item><title>Rain</title><link>https://x.example/{n}</link>{summary}"
    "<content:encoded><![CDATA[{content}]]></content:encoded></item>",
    "content first": "<item><content:encoded><![CDATA[{content}]]></content:encoded>{summary}"
    "<title>Rain</title><link>https://x.example/{n}</link></item>",
    "no title": "<item><link>https://x.example/{n}</link>{summary}"
    "<content:encoded><![CDATA[{content}]]></content:encoded></item>",
    "no link": "<item><title>Rain</title>{summary}<content:encoded><![CDATA[{content}]]></content:encoded></item>",
    "xhtml": "<item><title>Rain</title><link>https://x.example/{n}</link><xhtml:body>{content}</xhtml:body></item>",
    "atom": '<entry xmlns="http://www.w3.org/2005/Atom"><title>Rain</title><id>tag:{n}</id>'
    '<link href="https://x.example/{n}"/>{summary}<content type="xhtml"><div>{content}</div></content></entry>',
    "broken": "<item><title>Rain & <b>wind</title><link>https://x.example/{n}</link><width/>"
    "<content:encoded><![CDATA[{content}]]></content:encoded></item>",
}
SUMMARIES = ("", "<description>It rained.</description>", "<description/>")
FRAME = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:xhtml="http://www.w3.org/1999/xhtml">'
    "<channel><title>The Paper</title>{}</channel></rss>"
)


def written() -> dict[str, bytes]:
    """Feeds of every kind of entry with every kind of content; and each once more as far as it came over the line."""
    bodies = {}
    for name, entry in ENTRIES.items():
        entries = [
            entry.format(content=content, summary=summary, n=f"{number}-{at}")
            for number, content in enumerate(CONTENTS.values())
            for at, summary in enumerate(SUMMARIES)
        ]
        whole = FRAME.format("".join(entries)).encode()
        bodies[name.replace(" ", "-")] = whole
        bodies[f"{name.replace(' ', '-')}-cut"] = whole[: whole.rindex(b"secret20")]
    return bodies


def is_secret(run: tuple[str, ...]) -> bool:
    return all(re.fullmatch(r"secret\d+|\d+terces", word) for word in run)


async def test_of_feeds_of_every_form_nothing_leaves(tmp_path: Path) -> None:
    told = await poll(written(), ALL_PREMIUM, tmp_path)
    assert len(told.articles) > 100
    assert all(article.premium for article in told.articles)
    for output in (messages(told.articles), told.log):
        assert not [run for run in runs(output) if is_secret(run)]
        assert "secret" not in output.casefold()


async def test_were_the_articles_free_the_same_would_be_found_in_messages(tmp_path: Path) -> None:
    told = await poll(written(), ALL_FREE, tmp_path)
    assert [run for run in runs(messages(told.articles)) if is_secret(run)]
    assert not [run for run in runs(told.log) if is_secret(run)]


async def test_of_feeds_of_every_form_nothing_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    files = []
    for name, body in written().items():
        files.append(tmp_path / name)
        files[-1].write_bytes(body)
    for as_json in (True, False):
        assert "secret" not in (await printed(files, capsys, as_json=as_json)).casefold()


REAL = sorted((SHARED_DATA / "feeds").glob("*"))


@pytest.mark.skipif(not REAL, reason="shared data is not here")
async def test_of_real_feeds_nothing_leaves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret: Runs = set()
    for path in REAL:
        secret |= behind_the_wall(path.read_bytes())
    assert len(secret) > 10_000
    told = await poll({path.name: path.read_bytes() for path in REAL}, ALL_PREMIUM, tmp_path)
    assert len(told.articles) > 400
    for output in (messages(told.articles), told.log, await printed(REAL, capsys, as_json=True)):
        assert not runs(output) & secret
    free = await poll({path.name: path.read_bytes() for path in REAL[1::2]}, ALL_FREE, tmp_path)
    assert runs(messages(free.articles)) & secret, "the measure would find what leaks"
    assert not runs(free.log) & secret
