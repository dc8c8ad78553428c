"""Alerts, from the fan-out to the tap on their button."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model.articles import StoredArticle
from bot.model.chats import ChatSettings, Rhythm


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
    settings: ChatSettings = field(default_factory=ChatSettings)
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
