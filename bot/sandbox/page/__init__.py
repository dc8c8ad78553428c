"""The chat page: two readers' phones side by side, and the sample paper's newsstand above them.

It is served by the local Bot API server and talks to its ``/client/…``; see ``static/``. No build step, no framework,
nothing from elsewhere: the Content-Security-Policy holds the browser to this machine.
"""

from bot.sandbox.page.routes import Page

__all__ = ["Page"]
