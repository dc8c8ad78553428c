"""WebSub, https://www.w3.org/TR/websub/: the rules by which a feed's hub is found, asked, believed and relied upon.

``subscribing.py`` asks hubs, ``hubs.py`` carries the question, ``pings.py`` is what they call.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from bot.addresses import without_password
from bot.feeds.addresses import absolute
from bot.store.websub import State, Subscription

LEASE = timedelta(days=10)
"""What hubs are asked for, as the specification has it by default; what they grant counts."""
LONGEST_LEASE = timedelta(days=30)
"""A hub that grants more is asked again after it all the same: it may have forgotten."""
SHORTEST_RENEWAL = timedelta(minutes=5)
"""No hub is asked more often to go on, however little it grants."""
FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(hours=6)
AFTER_DENIAL = timedelta(days=1)
JITTER = 0.1
SAFETY_NET = timedelta(minutes=15)
"""The time between two polls of a feed whose hub calls: hubs lose calls, and lie."""
METHODS = ("sha1", "sha256", "sha384", "sha512")
"""By which calls may be signed, https://www.w3.org/TR/websub/#recognized-algorithm-names."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The hub wants to hear that we asked for what it does, and then does it for this long."""

    challenge: str
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Ended:
    """The hub wants to hear that we asked it to end a subscription."""

    challenge: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The hub says that it will not call, or no more."""

    reason: str


@dataclass(frozen=True, slots=True)
class Take:
    """The call carries the feed's content."""

    body: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True)
class PollNow:
    """The call says that there is news, but not what, or not in a way that could be believed."""


@dataclass(frozen=True, slots=True)
class Forged:
    """The call is not signed by the hub."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing is expected from the hub, or nobody of that token is known."""


def agreed(
    in_headers: tuple[str | None, str | None], in_feed: tuple[str | None, str | None], url: str
) -> tuple[str, str] | None:
    """The feed's hub, and the address by which the hub knows the feed; None where it has none.

    What headers say goes before what the feed says, https://www.w3.org/TR/websub/#discovery. A feed that names a hub
    and not itself is known by its ``url``. A name and a password are nobody else's business.
    """
    hub, topic = (header or feed for header, feed in zip(in_headers, in_feed, strict=True))
    hub, topic = absolute(hub or ""), absolute(topic or "") or absolute(url)
    if hub is None or topic is None or "@" in urlsplit(hub).netloc:
        return None
    return hub, without_password(topic)


def meaning(subscription: Subscription, question: Mapping[str, str]) -> Confirmed | Ended | Denied | None:
    """What a hub means that asks or tells something at our address; None where that is none of its business.

    See https://www.w3.org/TR/websub/#hub-verifies-intent.
    """
    mode, challenge = question.get("hub.mode"), question.get("hub.challenge", "")
    unwanted = subscription.state is State.UNWANTED
    if question.get("hub.topic") != subscription.topic or subscription.asked_at is None:
        return None
    if mode == "denied":
        return Denied(question.get("hub.reason", ""))
    if not challenge or mode != ("unsubscribe" if unwanted else "subscribe") or subscription.state is State.DENIED:
        return None
    return Ended(challenge) if unwanted else Confirmed(challenge, granted(question.get("hub.lease_seconds", "")))


def granted(lease_seconds: str) -> timedelta:
    """How long the hub will call: nothing where it grants less, what we asked for where it does not say."""
    try:
        seconds = int(lease_seconds[:20])  # whose digits are a number beyond any lease where there are more
    except ValueError:
        return LEASE
    return timedelta(seconds=min(max(seconds, 0), LONGEST_LEASE.total_seconds()))


def heed(subscription: Subscription | None, headers: Mapping[str, str], body: bytes) -> Take | PollNow | Forged | Gone:
    """What a hub's call asks of us, https://www.w3.org/TR/websub/#content-distribution.

    It counts if it is signed, also after the lease: a hub that calls for longer than it promised is welcome. A body
    is taken for the feed's only where nobody on the way to or from the hub could have read the secret or changed the
    question more easily than the feed itself: from a hub without TLS, a feed with it is looked at instead.
    """
    if subscription is None or subscription.state in {State.DENIED, State.UNWANTED}:
        return Gone()
    if not signed(subscription.secret, headers.get("X-Hub-Signature", ""), body):
        return Forged()
    safe = has_tls(subscription.hub) or not has_tls(subscription.feed_url)
    return Take(body, headers.get("Content-Type")) if safe and body.strip() else PollNow()


def signed(secret: str, signature: str, body: bytes) -> bool:
    """Whether this is the body's signature, as ``method=hexadecimal digits``; compared in constant time."""
    method, _, told = signature.partition("=")
    if method.strip().lower() not in METHODS:
        return False
    right = hmac.new(secret.encode(), body, getattr(hashlib, method.strip().lower())).hexdigest()
    return hmac.compare_digest(right.encode(), told.strip().lower().encode(errors="surrogateescape"))


def has_tls(url: str) -> bool:
    """Whether what is said to this address is heard by nobody else."""
    return url.lower().startswith("https:")


def renewal(lease: timedelta, chance: float) -> timedelta:
    """How long after a hub granted this lease it is asked to go on; ``chance`` in 0..1 spreads subscriptions."""
    return max(lease * (0.8 - JITTER * chance), SHORTEST_RENEWAL)


def back_off(failures: int, chance: float) -> timedelta:
    """How long to wait before a hub is asked again that was asked in vain so often, this time included."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 20)), LAST_RETRY) * (1 - JITTER * chance)


def between_polls(every: timedelta, left: timedelta | None) -> timedelta:
    """How long to wait until a feed's next poll, whose hub can be relied upon for as long as is ``left`` of its lease.

    Never less than ``every``, which the operator set. None is left where there is no hub, or none to rely upon.
    """
    return max(every, min(SAFETY_NET, left or timedelta(0)))
