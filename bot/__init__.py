"""Tagalong: the Telegram bot with which a news site's readers follow topics."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("tagalong")
except PackageNotFoundError:  # run from a checkout, as the Makefile and the Procfile do
    __version__ = "0.1.0"
