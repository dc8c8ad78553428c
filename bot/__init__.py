"""Tagalong: the Telegram bot with which a news site's readers follow topics."""

__version__ = "0.1.0"
