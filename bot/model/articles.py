"""Feeds, and the articles that they bring."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as the store knows it: where it is, and what the next poll needs."""

    id: int
    url: str
    title: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    filled_at: datetime | None = None
    """When the first successful poll filled the archive; until then nothing of the feed is news."""
    failures: int = 0
    """Polls that failed since the last one that did not."""
    failing_since: datetime | None = None
    told_at: datetime | None = None
    """When the admins were told that it is dead."""
    moved_to: str | None = None
    """Where it went for good, as its server says."""
    hint_seconds: int | None = None
    """How often it says that it changes."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a feed's server answered: the bytes, unpacked, and what to send along next time."""

    url: str
    """The address that answered, after redirects."""
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    """The address that answered, where every redirect on the way there is for good."""
    max_age: timedelta | None = None
    """How long the server says that the answer holds."""
    links: tuple[str | None, str | None] = (None, None)
    """Its hub, and the address by which that knows it, as the headers say."""


@dataclass(frozen=True, slots=True)
class Link:
    """A headline and where it leads."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Body:
    """What an article itself says, as far as its feed carries it, for the matcher alone.

    Most of it is behind the paywall: it is never stored, shown or logged, and where it is printed it says nothing.
    """

    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Article:
    """What may be known of an article outside the paywall. Everything is plain text, cleaned and bounded."""

    keys: tuple[str, ...]
    """Whatever identifies it; two articles that share one key are the same."""
    link: str
    headline: str
    teaser: str
    """The summary; empty where the feed gives none."""
    tags: tuple[str, ...]
    """As the newsroom spells them, without those that only say that the article is premium."""
    premium: bool
    byline: str | None
    published_at: datetime | None
    image: str | None = None
    """The address of its picture."""
    also_read: tuple[Link, ...] = ()
    """Other articles to which the newsroom leads from within the text, at most two."""
    guid: str | None = None
    """What its feed calls it, where it does."""
    teaser_from_content: bool = False
    """Whether the teaser is the beginning of the article itself: if that turns out to be premium, it must go."""
    body: Body = Body()
    page_missed: bool = False
    """Whether its page could not be read just now, but may be later: only it may know some topics, or the premium."""

    @property
    def fingerprint(self) -> str:
        """A hash of what readers are told; where the feed's changes, the article was edited."""
        return hashlib.sha256(repr((self.headline, self.teaser, self.premium)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Telling:
    """How a stored article is told, to find the same story under another address."""

    headline: str
    teaser: str
    article_id: int


@dataclass(frozen=True, slots=True)
class FeedContents:
    """What a feed's bytes say: its title, its site, its articles, newest first as feeds have them."""

    title: str | None
    site: str | None
    articles: tuple[Article, ...]
    skipped: tuple[str, ...] = ()
    """One sentence for each entry that cannot be alerted, naming it and why."""
    every: timedelta | None = None
    """How often the feed says that it changes."""
    hub: str | None = None
    """Where it can be subscribed to by WebSub."""
    self_url: str | None = None
    """The address by which the hub knows it."""
    is_whole: bool = True
    """Whether it does not break off in the middle."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What readers follow. Its key is its folded name: two spellings with one key are one topic."""

    id: int
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article in the store, with its tags as topics."""

    id: int
    link: str
    headline: str
    teaser: str
    premium: bool
    byline: str | None
    topics: tuple[Topic, ...]
    seen_at: datetime
    image: str | None = None
    also_read: tuple[Link, ...] = ()
    revision: int = 0
    """Counts what readers are to see corrected."""
    withdrawn: bool = False
    """Whether the site took it back, or an editor stopped it."""
    held_back: bool = False
    """Whether an editor stopped it."""
    published_at: datetime | None = None
    """When the site says that it appeared; None where it does not say."""
