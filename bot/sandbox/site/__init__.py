"""A sample news site, *The Morning Lantern*, as WordPress would serve it: feed, article pages, paywall.

Its articles are invented and lie in ``articles/``, one file each, in the order in which they are published.
"""

from bot.sandbox.site.articles import Article, Story, load_stories
from bot.sandbox.site.press import Press
from bot.sandbox.site.server import Site

__all__ = ["Article", "Press", "Site", "Story", "load_stories"]
