"""The frozen types that the stages hand on. All times are aware and in UTC.

Feed ──fetch──▶ Fetched ──parse──▶ FeedContents(Article…) ──store──▶ FannedOut ──claim──▶ Alert(StoredArticle)
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


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


class ChatKind(StrEnum):
    """Telegram's kinds of chat, https://core.telegram.org/bots/api#chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that follows, or might: its Telegram id, its kind, and its language where Telegram tells it."""

    id: int
    kind: ChatKind
    language: str | None = None


class Rhythm(StrEnum):
    """How often a chat's alerts go out: each at once, or together in a digest."""

    NOW = "now"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class Preview(StrEnum):
    """How an article's picture is shown with its alert."""

    ABOVE = "above"
    SMALL = "small"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a chat chose: when alerts may reach it, and how they look. Times of day are minutes after its midnight."""

    zone: str | None = None
    """Its time zone's name in the tz database; UTC where it has not said."""
    quiet_from: int | None = None
    quiet_until: int | None = None
    """Both or neither; quiet hours go over midnight where they end before they begin."""
    digest: Rhythm = Rhythm.NOW
    digest_at: int | None = None
    """When daily and weekly digests come."""
    digest_day: int | None = None
    """On which day weekly ones do; 0 is Monday."""
    daily_cap: int | None = None
    """How many alerts a day come at once; the others come together the next morning."""
    muted_until: datetime | None = None
    silent: bool = False
    """Whether messages come without a sound."""
    preview: Preview = Preview.ABOVE
    member: bool = False
    """Whether its reader has a subscription, so wants to read and not to subscribe."""

    @property
    def time_zone(self) -> ZoneInfo:
        """UTC where it has none, or one that the tz database has dropped."""
        try:
            return ZoneInfo(self.zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Alert:
    """One article for one chat, claimed for sending."""

    id: int
    chat_id: int
    language: str | None
    article: StoredArticle
    followed: frozenset[int]
    """The ids of those of the article's topics that the chat follows."""
    attempts: int
    """How often it has been claimed, this time included."""
    message_id: int | None = None
    """The message that is to be corrected; None for an alert that is still to be sent."""
    thread_id: int | None = None
    """The thread of the chat in which it is posted."""
    held: bool = False
    """Whether it waited for its chat's time, and goes out together with what else did."""
    settings: ChatSettings = ChatSettings()
    """What its chat chose."""
    topic_id: int = 0
    """The topic for which it came, of several one; 0 where its chat follows none of them any more."""

    def delay(self, now: datetime) -> timedelta | None:
        """How long after its article's publication it leaves now; None where its chat wanted to wait."""
        if self.held or self.settings.digest is not Rhythm.NOW:
            return None
        return max(now - (self.article.published_at or self.article.seen_at), timedelta(0))


class Lead(StrEnum):
    """What a button leads to."""

    READ = "read"
    SUBSCRIBE = "subscribe"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Tap:
    """A counted link that was followed."""

    lead: Lead
    address: str
    """Where it leads: a marked address of the site's, in ASCII."""
    article_id: int
    topic_id: int
    alert_id: int
    """0 unless readers are told apart."""


@dataclass(frozen=True, slots=True)
class FannedOut:
    """What one chunk of a fan-out did for one article."""

    article_id: int
    headline: str
    alerts: int
    done: bool
    """Whether every follower of the article now has an alert in the outbox."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the bot may send: a token bucket, where a token is a message, and Telegram's last word."""

    tokens: float
    counted_at: datetime
    halted_until: datetime | None = None
    rate: float | None = None
    """Messages a second that Telegram was last seen to take; None for as many as are set."""
    slowed_at: datetime | None = None
    """When a refusal last lowered it."""
