from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.pace import LONGEST_BACK_OFF, SHORTEST_HINT, every, pause


@given(
    st.integers(0, 5000),
    st.floats(1, 86400),
    st.floats(0, 1),
    st.none() | st.timedeltas(timedelta(0), timedelta(hours=1)),
)
def test_pauses_stay_within_bounds(failures: int, seconds: float, chance: float, asked: timedelta | None) -> None:
    usual = timedelta(seconds=seconds)
    wait = pause(usual, failures, asked, chance)
    asked = asked or timedelta(0)
    assert max(usual * 0.9, asked) <= wait <= max(usual, LONGEST_BACK_OFF, asked)
    if not failures:
        assert wait <= max(usual, asked)


@given(st.floats(1, 86400), st.none() | st.integers(0, 10**9))
def test_a_hint_only_brings_a_feed_forward(seconds: float, hint: int | None) -> None:
    set_to = timedelta(seconds=seconds)
    usual = every(set_to, hint)
    assert usual <= set_to
    assert usual == set_to or (usual >= SHORTEST_HINT and usual.total_seconds() == hint)
