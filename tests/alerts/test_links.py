from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.links import CAMPAIGN, Links, marked
from bot.feeds.hosts import Hosts
from bot.model import Lead, Tap
from tests.make import an_alert

OURS = "utm_source=telegram&utm_medium=bot&utm_campaign=topic-alert"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://news.example/a/", f"https://news.example/a/?{OURS}"),
        ("https://news.example", f"https://news.example?{OURS}"),
        ("https://news.example/?p=12", f"https://news.example/?p=12&{OURS}"),
        ("https://news.example/a?b=%20c+d&b=2#part-2", f"https://news.example/a?b=%20c+d&b=2&{OURS}#part-2"),
        ("https://news.example/a#part", f"https://news.example/a?{OURS}#part"),
        ("https://news.example/a?flag&x=", f"https://news.example/a?flag&x=&{OURS}"),
        ("https://news.example/a?utm_source=rss&utm_medium=feed&x=1", f"https://news.example/a?x=1&{OURS}"),
        ("https://news.example/a?utm_content=top", f"https://news.example/a?utm_content=top&{OURS}"),
        ("https://news.example/a?", f"https://news.example/a?{OURS}"),
    ],
)
def test_links_are_marked(link: str, expected: str) -> None:
    assert marked(link) == expected


@pytest.mark.parametrize(
    "link", ["http://[1", "https://", "javascript:alert(1)", "ftp://news.example/a", "//news.example/a", "", "news"]
)
def test_what_is_no_web_address_is_no_link(link: str) -> None:
    assert marked(link) is None


words = st.text(alphabet="abcXYZ019%-._~+ü", max_size=8)


@given(st.lists(st.tuples(words.filter(bool), words), max_size=5), words)
def test_a_links_own_query_and_fragment_stay(pairs: list[tuple[str, str]], fragment: str) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    link = f"https://news.example/a?{query}#{fragment}"
    result = marked(link)
    assert result is not None
    parts = urlsplit(result)
    assert parts.query.startswith(query)
    assert parts.fragment == fragment
    assert dict(parse_qsl(parts.query)).items() >= CAMPAIGN.items()
    assert marked(result) == result


HOSTS = Hosts.of(["https://news.example/feed/", "http://127.0.0.1:8080/feed/"])
LINKS = Links("https://bot.example", b"key", HOSTS)
ARTICLE = "https://www.news.example/2026/11/a-story/?p=1#part"
ALERT = replace(an_alert(number=12345), topic_id=77)
START = "https://bot.example/t/"


def code(lead: Lead = Lead.READ, target: str = ARTICLE, links: Links = LINKS) -> str:
    link = links.counted(lead, target, ALERT)
    assert link is not None
    assert link.startswith(START)
    return link.removeprefix(START)


@pytest.mark.parametrize("lead", Lead)
def test_a_counted_link_says_where_it_leads_and_what_to_count(lead: Lead) -> None:
    assert LINKS.read(code(lead)) == Tap(lead, f"https://www.news.example/2026/11/a-story/?p=1&{OURS}#part", 1, 77, 0)


def test_readers_are_told_apart_only_where_the_operator_says_so() -> None:
    assert "12345" not in code()
    apart = replace(LINKS, per_reader=True)
    assert (tap := apart.read(code(links=apart))) is not None
    assert tap.alert_id == 12345


@given(st.integers(0, 200), st.characters())
def test_a_counted_link_that_was_changed_leads_nowhere(at: int, instead: str) -> None:
    made = code()
    changed = made[: at % len(made)] + instead + made[at % len(made) + 1 :]
    assert changed == made or LINKS.read(changed) is None


@pytest.mark.parametrize(
    "forged",
    ["", ".", "r.1.1.0..", code()[:-1], code() + "A", code() + "\n", code().replace("r.1", "s.1"), code() * 50],
)
def test_what_we_never_made_leads_nowhere(forged: str) -> None:
    assert LINKS.read(forged) is None
    assert replace(LINKS, key=b"another").read(code()) is None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "https://news.example.evil.example/", "https://evilnews.example/", "http://10.0.0.1/",
        "http://127.0.0.1:9090/", "https://evil.example/?https://news.example/", "https://evil.example#@news.example/",
        "https://evil.example\\@news.example/", "https://news.example\\@evil.example/",
    ],
)  # fmt: skip
def test_to_other_sites_links_lead_straight_and_never_over_us(target: str) -> None:
    assert LINKS.counted(Lead.READ, target, ALERT) == marked(target)
    everywhere = replace(LINKS, hosts=Hosts.of([target, "https://evil.example/", "http://10.0.0.1/"]))
    made = everywhere.counted(Lead.READ, target, ALERT) or ""
    assert LINKS.read(made.removeprefix(START)) is None


def test_who_left_the_site_is_no_longer_led_to() -> None:
    assert replace(LINKS, hosts=Hosts.of(["https://other.example/feed/"])).read(code()) is None


def test_a_link_too_long_for_a_button_leads_straight() -> None:
    long = "https://news.example/" + "x" * 1500
    assert LINKS.counted(Lead.READ, long, ALERT) == marked(long)
    assert LINKS.counted(Lead.READ, "news", ALERT) is None


@given(words, words)
def test_any_address_of_the_site_comes_back_as_browsers_take_it(path: str, query: str) -> None:
    tap = LINKS.read(code(target=f"https://news.example/{path}?q={query}"))
    assert tap is not None
    assert tap.address.isascii()
    assert tap.address.startswith("https://news.example/")
    assert tap.address.endswith(OURS)
