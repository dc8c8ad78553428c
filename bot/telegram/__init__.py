"""Telegram: python-telegram-bot, set up for this service."""

import os

# Spans of time come as timedelta, as they will for everybody in the library's next version.
# https://docs.python-telegram-bot.org/en/stable/telegram.error.retryafter.html
os.environ.setdefault("PTB_TIMEDELTA", "true")
