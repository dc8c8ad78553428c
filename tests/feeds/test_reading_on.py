import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.plain import CLOSE, FIRST_OPEN
from bot.feeds.reading_on import MAX_TITLE, MOST_LINKS, split, the_first
from bot.model import Link

BASE = "https://x.example/a/"
SUN = '<a href="/sun/">Sun tomorrow</a>'
FOG = '<a href="https://y.example/fog">Fog: a <b>guide</b></a>'
THE_SUN, THE_FOG = Link("Sun tomorrow", "https://x.example/sun/"), Link("Fog: a guide", "https://y.example/fog")


@pytest.mark.parametrize(
    ("markup", "kept", "links"),
    [
        (f"<p>It rained.</p><p>ALSO READ: {SUN}</p><p>It stopped.</p>", ["It rained.", "It stopped."], [THE_SUN]),
        (f"<p>It rained. ALSO READ: {SUN}</p>", ["It rained."], [THE_SUN]),
        (f"<p><strong>ALSO&nbsp;READ</strong> : {SUN} and {FOG}</p>", [], [THE_SUN, THE_FOG]),
        ('<p><a href="/sun/">ALSO READ: Sun tomorrow</a></p>It rained.', ["It rained."], [THE_SUN]),
        ('It rained. <a href="/sun/">READ MORE: Sun tomorrow</a>', ["It rained."], [THE_SUN]),
        (f"<p>Also read:</p><ul><li>{SUN}</li><li>{FOG}</li></ul>It rained.", ["It rained."], [THE_SUN, THE_FOG]),
        (f"Also read:<br>{SUN}<br>It rained.<br>{FOG}", ["It rained.", "Fog: a guide"], [THE_SUN]),
        (f"👉 Lees ook: {SUN}", [], [THE_SUN]),
        (f"[Also read | {SUN}]", [], [THE_SUN]),
        (f"<p>Also read {SUN}</p>It rained.", ["It rained."], [THE_SUN]),
        (f"<p>Related – {SUN}.</p>", [], [THE_SUN]),
        (f"<p>Related to this is {SUN}.</p>", ["Related to this is Sun tomorrow."], []),
        (f"<p>You can also read {SUN} here.</p>", ["You can also read Sun tomorrow here."], []),
        (f"<p>{SUN} is what they also read: nothing.</p>", ["Sun tomorrow is what they also read: nothing."], []),
        ("<p>ALSO READ: Sun tomorrow</p>", [], []),
        ('<p>ALSO READ: <a href="/x"><img src="y"></a></p>', [], []),
        ('<p>ALSO READ: <a href="javascript:alert(1)">Sun</a></p>', [], []),
        ('<p>ALSO READ: <a href="tg://resolve?domain=x">Sun</a></p>', [], []),
        ('<p>ALSO READ: <a href="//[">Sun</a></p>', [], []),
        (f'<p>ALSO READ: <a href="/{"y" * 2000}">Sun</a></p>', [], []),
        ("<p>ALSO READ: <a href>Sun</a></p>", [], []),
        ("<p>ALSO READ: <a>Sun</a></p>", [], []),
        (f"<p>Also read: x{FIRST_OPEN}y{CLOSE}</p>{FIRST_OPEN}z", ["z"], []),
        ("It rained.", ["It rained."], []),
    ],
)  # fmt: skip
def test_lines_that_lead_elsewhere_become_links(markup: str, kept: list[str], links: list[Link]) -> None:
    assert split(markup, BASE) == (kept, links)


def test_a_title_is_bounded() -> None:
    (link,) = split(f"ALSO READ: <a href='/sun/'>{'word ' * 100}</a>", BASE)[1]
    assert len(link.title) <= MAX_TITLE
    assert link.title.endswith(" word…")


def test_of_many_links_the_first_two_other_articles_are_shown() -> None:
    again = Link("The sun", "http://www.x.example/sun?utm_source=rss")
    itself = Link("Here", f"{BASE}?utm_medium=feed")
    more = [Link(str(number), f"https://x.example/{number}/") for number in range(9)]
    assert the_first([itself, THE_SUN, again, THE_FOG, *more], besides=BASE) == (THE_SUN, THE_FOG)
    assert len(the_first(more, besides=BASE)) == MOST_LINKS
    assert the_first([itself], besides=BASE) == ()


_PIECES = ["ALSO READ:", "also read", SUN, FOG, "<a href='/x'>", "</a>", "<p>", "</p>", "rain ", FIRST_OPEN, CLOSE]


@given(st.lists(st.sampled_from(_PIECES)))
def test_whatever_stands_where_lines_are_clean_and_links_absolute(pieces: list[str]) -> None:
    kept, links = split("".join(pieces), BASE)
    for line in (*kept, *(link.title for link in links)):
        assert line == " ".join(line.split()) != ""
        assert "<" not in line
    assert all(link.url.startswith("https://") for link in links)
    assert not any(line.startswith("ALSO READ:") for line in kept)
