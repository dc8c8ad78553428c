"""How long a feed with whole articles in it takes to parse; the peer is feedparser as it comes, with its cleaning."""

import statistics
import time
from collections.abc import Callable
from io import BytesIO

import feedparser

from bot.feeds.parsing import read_feed
from bot.feeds.premium import PremiumRules
from tests.bench.figures import Figure

SIZE = 240_000
ARTICLES = 20
ROUNDS = 9
LIMIT_MS = 60
"""What feedparser was measured to need for such a feed, with cleaning and resolving."""
PART = 0.5
"""Of the peer's time, measured in the same run, that ours may take: it makes articles of what the peer only cleans."""
URL = "http://127.0.0.1/feed/"
_SENTENCE = 'The <a href="/tide/{n}">tide</a> &amp; the <em>wind</em> turned at the quay&#8217;s end, said the pilot. '
_ITEM = (
    "<item><title>Headline {n}</title><link>http://127.0.0.1/{n}/</link><guid>{n}</guid><category>World</category>"
    "<description><![CDATA[<p>{summary} [&#8230;]</p>]]></description>"
    "<content:encoded><![CDATA[{content}]]></content:encoded></item>"
)


async def measure() -> list[Figure]:
    """The median of some rounds, ours and the peer's by turns."""
    body = _feed()
    ours, peers = [], []
    for _ in range(ROUNDS):
        ours.append(_milliseconds(lambda: read_feed(body, url=URL, content_type=None, rules=PremiumRules())))
        peers.append(_milliseconds(lambda: feedparser.parse(BytesIO(body), response_headers={"content-location": URL})))
    mine, peer = statistics.median(ours), statistics.median(peers)
    return [
        Figure(f"parsing {len(body) / 1000:.0f} kB of feed with whole articles", mine, LIMIT_MS),
        Figure("the same, beside feedparser with its cleaning and resolving", mine, peer * PART),
    ]


def _milliseconds(work: Callable[[], object]) -> float:
    """Of the processor's time: what else runs on the machine says nothing of a parser."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def _feed() -> bytes:
    paragraph = f"<p>{_SENTENCE * 4}</p>"
    paragraphs = SIZE // ARTICLES // len(paragraph)
    items = (
        _ITEM.format(n=n, summary=_SENTENCE.format(n=n), content=(paragraph * paragraphs).format(n=n))
        for n in range(ARTICLES)
    )
    namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return f'<rss version="2.0" {namespace}><channel><title>T</title>{"".join(items)}</channel></rss>'.encode()
