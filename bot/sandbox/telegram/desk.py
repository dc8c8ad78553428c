"""Where a call is worked on: everything that the methods share."""

import itertools
import re
from dataclasses import dataclass, field

from bot.sandbox.telegram.answers import Json, Refusal, too_many_requests
from bot.sandbox.telegram.arguments import File
from bot.sandbox.telegram.chats import Chat
from bot.sandbox.telegram.limits import Limiter
from bot.sandbox.telegram.webhook import Webhook
from bot.sandbox.telegram.world import World

FILES_KEPT = 100

_NUMBERS = itertools.count(1)
_TOKEN = re.compile("([1-9][0-9]{0,15}):[A-Za-z0-9_-]{1,64}")


@dataclass(slots=True)
class Desk:
    """One bot's desk."""

    world: World
    limiter: Limiter
    webhook: Webhook
    token: str | None = None
    """What the bot calls with; None until it called, where any bot may."""
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    """The bot's commands by scope and language."""
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    """The bot's ``description`` and ``short_description`` by name and language."""

    files: dict[str, File] = field(default_factory=dict)
    """What the bot sent, by id; the last ones."""

    def keep(self, file: File) -> str:
        """Keep a file; its id."""
        number = str(next(_NUMBERS))
        self.files[number] = file
        if len(self.files) > FILES_KEPT:
            del self.files[next(iter(self.files))]
        return number

    def admit(self, token: str) -> None:
        """Check a call's token, or take it on where it is the first. Raises Refusal."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise Refusal(404, "Not Found")
        if self.token is None:
            self.token = token
            self.world.become(int(found.group(1)))
        if token != self.token:
            raise Refusal(401, "Unauthorized")

    def count(self, chat: Chat, *, paid: bool = False) -> None:
        """Count a message sent or edited. Raises Refusal where that is one too many."""
        seconds = self.limiter.admit(chat.id, self.world.clock(), group=not chat.private, paid=paid)
        if seconds:
            raise too_many_requests(seconds)
