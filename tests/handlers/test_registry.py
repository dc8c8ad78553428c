"""Every button that the bot makes has somebody who answers it."""

from collections.abc import Iterator

from bot.telegram.presses import Press
from handlers.registry import TAPS


def kinds(root: type[Press]) -> Iterator[type[Press]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_kind_of_press_is_answered() -> None:
    ours = {kind.WORD for kind in kinds(Press) if kind.WORD and kind.__module__.startswith(("bot.", "handlers."))}
    assert ours == {kind.WORD for kind in TAPS}
