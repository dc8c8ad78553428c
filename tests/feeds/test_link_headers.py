import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.link_headers import from_headers

FEED = "https://paper.example/feed/"


@pytest.mark.parametrize(
    ("headers", "hub", "topic"),
    [
        ([], None, None),
        (['<https://h.example/>; rel="hub"'], "https://h.example/", None),
        (['<https://h.example/>; rel=hub, <https://p.example/f>; rel=self'], "https://h.example/", "https://p.example/f"),
        (['<https://p.example/f>; rel="self"', "<https://h.example/>;REL=HUB"], "https://h.example/",
         "https://p.example/f"),
        (['<https://h.example/?a=1,2;b>; title="a, b; c"; rel="alternate hub"'], "https://h.example/?a=1,2;b", None),
        (['<https://a.example/>; rel="hub"', '<https://b.example/>; rel="hub"'], "https://a.example/", None),
        (['</hub>; rel="hub", <?>; rel="self", <>; rel="self"'], "https://paper.example/hub", FEED),
        (['<javascript:alert(1)>; rel="hub"', '<ftp://h.example/>; rel="hub"'], None, None),
        (['<https://h.example/>; title="a; rel=hub; b"', "<https://h.example/>; rel=next; rel=hub"], None, None),
        (['<https://h.example/>; rel="hubs"', '<https://h.example/>; xrel="hub"', "<https://h.example/>"], None, None),
        (["<https://h.example/; rel=hub", "rel=hub", "<<<>>>; rel=hub;;,,", "\udcff<http://[>; rel=self"], None, None),
        (["<https://h.example/" + "x" * 3000 + ">; rel=hub"], None, None),
    ],
)  # fmt: skip
def test_hub_and_self_in_headers(headers: list[str], hub: str | None, topic: str | None) -> None:
    assert from_headers(headers, FEED) == (hub, topic)


@given(st.lists(st.text(alphabet='<>;,="\\ relhubsf/:.\n\udcff') | st.text(), max_size=5))
def test_no_header_breaks_discovery(headers: list[str]) -> None:
    for found in from_headers(headers, FEED):
        assert found is None or found.lower().startswith(("http://", "https://"))


def test_links_without_end_are_read_to_a_bound() -> None:
    assert from_headers(["<;" * 500_000, "<https://h.example/>; rel=hub"]) == (None, None)
    assert from_headers(["<https://h.example/>" + "; rel" * 500_000]) == (None, None)
