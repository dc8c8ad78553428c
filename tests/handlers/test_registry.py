"""Every button that the bot makes has somebody who answers it."""

from collections.abc import Iterator

from bot.metrics import REGISTRY
from bot.telegram.application import TelegramApplication
from bot.telegram.presses import Press
from handlers.registry import TAPS
from tests.handlers.conftest import one_database


def kinds(root: type[Press]) -> Iterator[type[Press]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_kind_of_press_is_answered() -> None:
    ours = {kind.WORD for kind in kinds(Press) if kind.WORD and kind.__module__.startswith(("bot.", "handlers."))}
    assert ours == {kind.WORD for kind in TAPS}


@one_database
async def test_commands_that_nobody_has_given_yet_are_seen_in_the_metrics(bot: TelegramApplication) -> None:
    for command in ("unfollow", "latest"):
        assert REGISTRY.get_sample_value("tagalong_commands_total", {"command": command}) is not None
