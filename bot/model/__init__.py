"""The frozen types that the stages hand on. All times are aware and in UTC.

Feed ──fetch──▶ Fetched ──parse──▶ FeedContents(Article…) ──store──▶ FannedOut ──claim──▶ Alert(StoredArticle)
"""

from bot.model.alerts import Alert, FannedOut, Lead, Pace, Tap
from bot.model.articles import Article, Body, Feed, FeedContents, Fetched, Link, StoredArticle, Telling, Topic
from bot.model.chats import Chat, ChatKind, ChatSettings, Preview, Rhythm, time_zone

__all__ = [
    "Alert",
    "Article",
    "Body",
    "Chat",
    "ChatKind",
    "ChatSettings",
    "FannedOut",
    "Feed",
    "FeedContents",
    "Fetched",
    "Lead",
    "Link",
    "Pace",
    "Preview",
    "Rhythm",
    "StoredArticle",
    "Tap",
    "Telling",
    "Topic",
    "time_zone",
]
