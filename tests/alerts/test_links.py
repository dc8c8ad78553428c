from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.links import CAMPAIGN, marked

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
