"""What this process counts for Prometheus, each thing named once: stages add to it, ``bot/web/metrics.py`` shows it.

Labels have few values, all known here or in the code: never a reader, a topic or an address. Names follow
https://prometheus.io/docs/practices/naming/.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

from bot import __version__

REGISTRY = CollectorRegistry()

# when each series began: as many series again, which nobody asks for
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives it no types


def _counter(name: str, says: str, label: str = "", values: Iterable[str] = ()) -> Counter:
    """A counter, at 0 for each of the label's values: what has not happened yet is to be seen, too."""
    counter = Counter(f"tagalong_{name}", says, [label] if label else (), registry=REGISTRY)
    for value in values:
        counter.labels(value)
    return counter


ARTICLES = _counter("articles", "Articles taken in as news")
MATCHES = _counter("matches", "Topics found in articles that came as news")
ALERTS = _counter("alerts", "What became of alerts", "outcome", ("sent", "corrected", "failed", "rested", "again"))
"""``failed`` for good; ``rested`` because the chat is gone; ``again`` is an attempt that will be repeated."""
ALERT_DELAY = Histogram(
    "tagalong_alert_delay_seconds",
    "From an article's publication to Telegram having the alert, but for those that readers put off",
    buckets=(1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 24 * 3600),
    registry=REGISTRY,
)
POLLS = _counter("polls", "Looks at feeds", "result", ("changed", "unchanged", "failed"))
TELEGRAM_CALLS = _counter(
    "telegram_calls",
    "Calls to Telegram",
    "result",
    ("ok", "refused", "too_many_requests", "unauthorized", "unreachable"),
)
"""``unauthorized``: it does not know the token; ``unreachable``: no answer, or one that it cannot serve now."""
UPDATES = _counter("updates", "Updates by webhook", "result", ("handled", "repeated", "too_early", "refused"))
"""``repeated`` was handled before; ``too_early`` is still being handled; ``refused`` was no update or had no secret."""
COMMANDS = _counter("commands", "What readers say or press", "command")
TAPS = _counter("taps", "Buttons that were followed to the site", "lead", ("read", "subscribe", "sign_in"))

Info("tagalong_build", "The version that runs", registry=REGISTRY).info({"version": __version__})
ProcessCollector(registry=REGISTRY)
