import pytest

from bot.feeds.identity import MAX_KEY, canonical, identify, keys

FEED = "https://www.paper.example/feed/"


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/a/b",
        "http://paper.example/a/b/",
        "https://www.paper.example/a/b",
        "https://PAPER.example:443/a/b",
        "http://paper.example:80/a/b",
        "https://paper.example/a/b?utm_source=x&UTM_MEDIUM=y&fbclid=z",
        "https://paper.example/a/b#comments",
        " https://paper.example/a/b ",
    ],
)
def test_all_forms_of_an_address_are_one(url: str) -> None:
    assert canonical(url) == "paper.example/a/b"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://paper.example/?p=1", "https://paper.example/?p=2"),
        ("https://paper.example/a", "https://paper.example/A"),
        ("https://paper.example/a", "https://paper.example:8080/a"),
        ("https://paper.example/a", "https://m.paper.example/a"),
    ],
)
def test_other_addresses_stay_others(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("text", ["", "tag:x,2020:1", "1234", "ftp://x/y", "https://", "http://[", "http://x:port/"])
def test_what_is_no_address_has_no_form(text: str) -> None:
    assert canonical(text) is None


def known(*entries: tuple[str, str, str], feed: str = FEED) -> list[tuple[str, ...]]:
    return keys([identify(*entry, feed=feed) for entry in entries], nowhere=(feed, "https://paper.example/"))


def test_an_entry_is_known_by_guid_and_link() -> None:
    assert known(("17", "https://paper.example/a/", "A")) == [("guid:paper.example 17", "link:paper.example/a")]
    assert known(("https://paper.example/?p=1", "https://paper.example/a/", "A")) == [
        ("link:paper.example?p=1", "link:paper.example/a")
    ]
    assert known(("https://www.paper.example/a", "http://paper.example/a/", "A")) == [("link:paper.example/a",)]


def test_the_same_number_at_another_site_is_another_article() -> None:
    assert known(("17", "https://paper.example/a/", "A")) != known(
        ("17", "https://paper.example/a/", "A"), feed="https://other.example/feed/"
    )


def test_one_link_for_all_tells_nothing() -> None:
    link = "https://paper.example/live/"
    assert known(("1", link, "A"), ("2", link, "B")) == [("guid:paper.example 1",), ("guid:paper.example 2",)]
    assert known(("", link, "A"), ("", link, "B")) == [("headline:paper.example a",), ("headline:paper.example b",)]


def test_one_guid_for_all_tells_nothing() -> None:
    one, two = known(("1", "https://paper.example/a/", "A"), ("1", "https://paper.example/b/", "B"))
    assert (one, two) == (("link:paper.example/a",), ("link:paper.example/b",))


@pytest.mark.parametrize("nowhere", ["https://paper.example", "http://www.paper.example/", FEED])
def test_the_front_page_is_no_article(nowhere: str) -> None:
    assert known(("1", nowhere, "A")) == [("guid:paper.example 1",)]
    assert known(("", nowhere, "A")) == [("headline:paper.example a",)]


def test_an_article_that_is_there_twice_stays_one() -> None:
    before = ("1", "https://paper.example/a/", "A")
    after = ("1", "https://paper.example/a/", "A, corrected")
    assert len(set(known(before, after))) == 1
    assert set.intersection(*map(set, known(before, ("2", "https://paper.example/a/", "A"))))
    assert set.intersection(*map(set, known(before, ("1", "https://paper.example/a/amp/", "A"))))


def test_keys_are_bounded() -> None:
    for its_keys in known(("x" * 5000, "https://paper.example/" + "y" * 5000, "z" * 5000), ("", "", "z" * 5000)):
        assert all(len(key) <= MAX_KEY for key in its_keys)
