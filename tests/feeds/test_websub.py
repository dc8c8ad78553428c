import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.websub import (
    JITTER,
    LAST_RETRY,
    LEASE,
    LONGEST_LEASE,
    METHODS,
    SAFETY_NET,
    SHORTEST_RENEWAL,
    Confirmed,
    Denied,
    Ended,
    Forged,
    Gone,
    PollNow,
    Take,
    agreed,
    back_off,
    between_polls,
    granted,
    heed,
    meaning,
    renewal,
    signed,
)
from bot.store.websub import State, Subscription
from tests.make import NOW

HUB, TOPIC, FEED = "https://hub.example/", "https://paper.example/feed/", "https://paper.example/feed/"
LIVE = Subscription(
    1, 1, FEED, HUB, TOPIC, "token", "secret", "https://bot.example/websub/token", State.LIVE, NOW, NOW + LEASE, 0
)  # fmt: skip
BODY = b"<rss/>"


def signature(body: bytes = BODY, *, method: str = "sha256", key: bytes = b"secret") -> str:
    return f"{method}={hmac.new(key, body, method).hexdigest()}"


@pytest.mark.parametrize(
    ("in_headers", "in_feed", "expected"),
    [
        ((None, None), (None, None), None),
        ((None, TOPIC), (None, TOPIC), None),
        ((None, None), (HUB, TOPIC), (HUB, TOPIC)),
        (("https://first.example/", None), (HUB, TOPIC), ("https://first.example/", TOPIC)),
        ((None, "https://first.example/f"), (HUB, TOPIC), (HUB, "https://first.example/f")),
        ((None, None), (HUB, None), (HUB, "https://feed.example/")),
        ((None, None), (HUB, "javascript:1"), (HUB, "https://feed.example/")),
        ((None, None), (HUB, "https://me:pw@paper.example/f"), (HUB, "https://paper.example/f")),
        ((None, None), ("https://me:pw@hub.example/", TOPIC), None),
        ((None, None), ("file:///etc/passwd", TOPIC), None),
        ((None, None), ("https://[::1", TOPIC), None),
    ],
)
def test_headers_go_before_the_feed_and_only_web_addresses_count(
    in_headers: tuple[str | None, str | None], in_feed: tuple[str | None, str | None], expected: tuple[str, str] | None
) -> None:
    assert agreed(in_headers, in_feed, "https://reader:s3cret@feed.example/") == expected


def question(mode: str = "subscribe", **more: str) -> dict[str, str]:
    return {f"hub.{name}": value for name, value in {"mode": mode, "topic": TOPIC, "challenge": "c", **more}.items()}


@pytest.mark.parametrize(
    ("state", "asked", "said", "meant"),
    [
        (State.WANTED, True, question(lease_seconds="60"), Confirmed("c", timedelta(seconds=60))),
        (State.LIVE, True, question(lease_seconds="60"), Confirmed("c", timedelta(seconds=60))),
        (State.WANTED, True, question(), Confirmed("c", LEASE)),
        (State.WANTED, False, question(), None),
        (State.DENIED, True, question(), None),
        (State.UNWANTED, True, question(), None),
        (State.UNWANTED, True, question("unsubscribe"), Ended("c")),
        (State.UNWANTED, False, question("unsubscribe"), None),
        (State.WANTED, True, question("unsubscribe"), None),
        (State.LIVE, True, question("unsubscribe"), None),
        (State.LIVE, True, question(topic=TOPIC + "x"), None),
        (State.UNWANTED, True, question("unsubscribe", topic=""), None),
        (State.WANTED, True, question(challenge=""), None),
        (State.WANTED, True, question("publish"), None),
        (State.WANTED, True, {}, None),
        (State.WANTED, True, question("denied", reason="no"), Denied("no")),
        (State.LIVE, True, question("denied"), Denied("")),
        (State.UNWANTED, True, question("denied"), Denied("")),
        (State.LIVE, True, question("denied", topic="https://else.example/"), None),
        (State.WANTED, False, question("denied"), None),
    ],
)
def test_only_what_was_asked_for_is_agreed_to(state: State, asked: bool, said: dict[str, str], meant: Any) -> None:
    assert meaning(replace(LIVE, state=state, asked_at=NOW if asked else None), said) == meant


@pytest.mark.parametrize(
    ("told", "lease"),
    [
        ("864000", LEASE),
        (" 60 ", timedelta(minutes=1)),
        ("0", timedelta(0)),
        ("-1", timedelta(0)),
        ("-" + "9" * 5000, timedelta(0)),
        ("9" * 10, LONGEST_LEASE),
        ("9" * 5000, LONGEST_LEASE),
        ("", LEASE),
        ("1e3", LEASE),
        ("forever", LEASE),
    ],
)
def test_what_a_hub_grants(told: str, lease: timedelta) -> None:
    assert granted(told) == lease


@given(st.text())
def test_no_lease_is_out_of_bounds(told: str) -> None:
    assert timedelta(0) <= granted(told) <= LONGEST_LEASE


@pytest.mark.parametrize("method", METHODS)
def test_calls_are_signed_in_four_ways(method: str) -> None:
    right = signature(method=method)
    assert signed("secret", right, BODY)
    assert signed("secret", right.upper(), BODY)
    for wrong in (right[:-1], right + "0", right.replace(method, "md5"), signature(method=method, key=b"Secret")):
        assert not signed("secret", wrong, BODY)
    assert not signed("secret", right, BODY + b" ")


@pytest.mark.parametrize(
    "wrong", ["", "=", "sha1", "sha1=", "sha256=\udcff\u00fc", "new=x", "__init__=x", "sha256" + "=" * 9000]
)
def test_what_is_no_signature(wrong: str) -> None:
    assert not signed("secret", wrong, BODY)


@given(st.text(), st.binary())
def test_nobody_guesses_a_signature(told: str, body: bytes) -> None:
    assert not signed("secret", told, body)
    assert not signed("secret", f"sha1={told}", body)


CALL = {"X-Hub-Signature": signature(), "Content-Type": "application/rss+xml"}
TAKEN = Take(BODY, "application/rss+xml")


@pytest.mark.parametrize(
    ("subscription", "heard"),
    [
        (None, Gone()),
        (LIVE, TAKEN),
        (replace(LIVE, state=State.WANTED, expires_at=None), TAKEN),
        (replace(LIVE, expires_at=NOW - timedelta(days=400)), TAKEN),
        (replace(LIVE, state=State.DENIED), Gone()),
        (replace(LIVE, state=State.UNWANTED), Gone()),
        (replace(LIVE, secret="another"), Forged()),
        (replace(LIVE, hub="http://hub.example/"), PollNow()),
        (replace(LIVE, hub="http://hub.example/", feed_url="http://paper.example/feed/"), TAKEN),
        (replace(LIVE, feed_url="http://paper.example/feed/"), TAKEN),
    ],
)
def test_what_a_call_asks_of_us(subscription: Subscription | None, heard: Any) -> None:
    assert heed(subscription, CALL, BODY) == heard


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_a_call_without_content_only_says_that_there_is_news(body: bytes) -> None:
    assert heed(LIVE, {"X-Hub-Signature": signature(body)}, body) == PollNow()
    assert heed(LIVE, {}, body) == Forged()


@given(st.timedeltas(timedelta(0), LONGEST_LEASE), st.floats(0, 1))
def test_a_lease_is_renewed_before_it_ends_and_never_in_a_hurry(lease: timedelta, chance: float) -> None:
    wait = renewal(lease, chance)
    assert wait >= SHORTEST_RENEWAL
    if lease > 2 * SHORTEST_RENEWAL:
        assert lease * 0.69 < wait < lease * 0.81


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_hub_that_fails_is_asked_less_and_less_often_but_never_given_up(failures: int, chance: float) -> None:
    wait = back_off(failures, chance)
    assert timedelta(seconds=50) < wait <= LAST_RETRY
    assert back_off(failures + 1, 0) >= back_off(failures, 0)
    assert wait >= back_off(failures, 0) * (1 - JITTER)


@pytest.mark.parametrize(
    ("seconds", "left", "expected"),
    [
        (60, None, timedelta(seconds=60)),
        (60, timedelta(days=1), SAFETY_NET),
        (60, timedelta(minutes=3), timedelta(minutes=3)),
        (60, timedelta(seconds=3), timedelta(seconds=60)),
        (60, timedelta(days=-3), timedelta(seconds=60)),
        (1800, timedelta(days=1), timedelta(seconds=1800)),
    ],
)
def test_polling_is_the_safety_net_while_a_hub_calls(
    seconds: float, left: timedelta | None, expected: timedelta
) -> None:
    assert between_polls(timedelta(seconds=seconds), left) == expected
