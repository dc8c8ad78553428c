"""The bot and the application around it, as this service wants them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from telegram import LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import RetryAfter
from telegram.ext import Application, BaseRateLimiter, BaseUpdateProcessor, Defaults, ExtBot

from bot.telegram.request import AiohttpRequest

UPDATES = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER, Update.INLINE_QUERY)
"""The kinds of update that the handlers understand."""

AT_ONCE = 64
"""Updates handled side by side."""
WAITING = 100_000
"""Updates that may wait for their turn in the processor: more than ever come before memory is the problem."""
MOST_OF_ONE = 100
"""Updates of one chat that may wait for their turn. Who sends more at once is not waiting for answers."""
REMEMBERED = 1000
LONGEST_WAIT = timedelta(seconds=30)
"""How long a reply waits for Telegram's leave; what a reader asked is stale after that."""

LONGEST_HALT = timedelta(hours=1)
"""Longer than Telegram ever asks to wait; a number beyond is nonsense, and to be asked again costs little."""

_MESSAGES = ("send", "edit", "copy", "forward")
"""How the methods are called that count towards Telegram's limits."""
NOT_PATIENT = "not patient"
"""Given as ``rate_limit_args``, it lets RetryAfter through to a caller that paces its messages itself."""

TelegramBot = ExtBot[Any]
TelegramApplication = Application[Any, Any, Any, Any, Any, Any]


def make_bot(token: str, api_url: str) -> TelegramBot:
    """The bot, speaking HTML, without link previews, over aiohttp; it answers a question that is deleted too."""
    requests = AiohttpRequest()  # for updates, too: long_poll asks for them as for everything else
    return ExtBot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=requests,
        get_updates_request=requests,
        defaults=Defaults(
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            allow_sending_without_reply=True,
        ),
        rate_limiter=PatientReplies(),
    )


def make_application(bot: TelegramBot) -> TelegramApplication:
    """The application that hands the bot's updates to its handlers, each chat's in order."""
    return Application.builder().bot(bot).updater(None).concurrent_updates(InOrder(AT_ONCE)).build()


async def handle(application: TelegramApplication, update: Update) -> None:
    """Let the handlers answer an update, after its chat's earlier ones; what goes wrong they report themselves."""
    await application.update_processor.process_update(update, application.process_update(update))


class _Lane:
    """One chat's updates: one at a time, and how many there are."""

    __slots__ = ("__weakref__", "length", "turn")

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.length = 0


class InOrder(BaseUpdateProcessor):
    """Handles one chat's updates one after another and all chats' side by side, and none twice.

    What comes from no chat, such as an inline query, waits for its sender's turn. Of a chat that floods us all beyond
    MOST_OF_ONE is left out, so that no reader takes more than a share of the memory.

    Telegram repeats updates whose receipt it has not seen confirmed; their ids are unique and sequential,
    https://core.telegram.org/bots/api#update.
    """

    def __init__(self, at_once: int) -> None:
        # The library's own limit counts those that wait for their chat's turn too: one chat that sends a lot, or whose
        # answers Telegram holds back, would keep all others waiting.
        super().__init__(WAITING)
        self._at_once = asyncio.Semaphore(at_once)
        self._lanes: WeakValueDictionary[int, _Lane] = WeakValueDictionary()
        self._seen: dict[int, None] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle the update when its chat's earlier ones are done."""
        source = (update.effective_chat or update.effective_user) if isinstance(update, Update) else None
        lane = self._lanes.setdefault(source.id, _Lane()) if source else _Lane()
        known = isinstance(update, Update) and self._is_known(update.update_id)
        if known or lane.length >= MOST_OF_ONE:
            if isinstance(coroutine, Coroutine):
                coroutine.close()
            return
        lane.length += 1
        try:
            async with lane.turn, self._at_once:
                await coroutine
        finally:
            lane.length -= 1

    def _is_known(self, update_id: int) -> bool:
        if update_id in self._seen:
            return True
        self._seen[update_id] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return False

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""


class PatientReplies(BaseRateLimiter[str]):
    """Lets a reply that Telegram refuses with 429 wait and try again: it may be one of many that wait.

    ``sent`` counts the messages, by chat, that went out beside alerts and count towards Telegram's limits; under 0
    those that name no chat by its number. Whoever writes them down takes them off.
    """

    def __init__(self) -> None:
        self.sent: Counter[int] = Counter()

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> Any:
        """Make the request; on RetryAfter make it again when Telegram says so, for up to LONGEST_WAIT in all."""
        if rate_limit_args != NOT_PATIENT and endpoint.startswith(_MESSAGES) and endpoint != "sendChatAction":
            chat_id = data.get("chat_id")
            self.sent[chat_id if isinstance(chat_id, int) else 0] += 1
        waited = timedelta(0)
        while True:
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as refusal:
                wait = refusal_lasts(refusal)
                if rate_limit_args == NOT_PATIENT or waited + wait > LONGEST_WAIT:
                    raise
            waited += wait
            await asyncio.sleep(wait.total_seconds())


def refusal_lasts(refusal: RetryAfter) -> timedelta:
    """How long Telegram wants to be left alone, within reason."""
    wait = refusal.retry_after
    return min(wait if isinstance(wait, timedelta) else timedelta(seconds=wait), LONGEST_HALT)
