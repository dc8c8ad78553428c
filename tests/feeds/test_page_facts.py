import html
import json

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.page_facts import (
    MAX_LATE_SCRIPT,
    MAX_METAS,
    MAX_PARSED,
    MAX_STANDFIRST,
    MAX_TAGS,
    PageFacts,
    read_page,
    read_page_apart,
)
from bot.sandbox.site import Site
from bot.sandbox.site.pages import Paper, article_page

URL = "https://paper.example/2026/03/harvest/"


def read(*head: str, body: str = "", content_type: str | None = "text/html; charset=utf-8") -> PageFacts:
    page = f"<!DOCTYPE html><html><head>{''.join(head)}</head><body>{body}</body></html>"
    return read_page(page.encode(), url=URL, content_type=content_type)


def meta(name: str, content: str, by: str = "property") -> str:
    return f'<meta {by}="{name}" content="{html.escape(content)}">'


def script(said: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(said)}</script>'


def test_a_page_of_the_sample_site() -> None:
    site = Site()
    article = next(article for article in site.articles if article.story.premium)
    page = article_page(Paper(site.name, "", "https://paper.example"), article, site.articles[:4])
    url = f"https://paper.example{article.path}"
    facts = read_page(page.encode(), url=url, content_type="text/html; charset=utf-8")
    assert facts.tags == article.story.tags
    assert (facts.free, facts.byline) == (False, article.story.byline)
    assert facts.image is not None
    assert facts.image.startswith("https://paper.example/pictures/")
    assert facts.standfirst == article.story.teaser
    assert facts.meta("article:content_tier") == ("locked",)
    for paragraph in (article.story.first_lines, *article.story.paragraphs):
        assert paragraph[:40] not in repr(facts)


def test_all_that_a_page_may_say() -> None:
    facts = read(
        meta("article:tag", "North Korea"),
        meta("article:tag", "Kim Jong-Un"),
        meta("article:tag", "north korea"),
        meta("og:image", "/pictures/harvest.jpg"),
        meta("og:description", "The figures &#8211; the first in four years."),
        meta("author", "By Somebody Else", by="name"),
        meta("Access", "Plus", by="name"),
        meta("isAccessibleForFree", "no", by="itemprop"),
        body=script(
            {
                "@type": "Article",
                "isAccessibleForFree": True,
                "keywords": "Harvest,Kim Jong Un",
                "author": "By Mira Okafor",
            }
        ),
    )
    assert facts == PageFacts(
        url=URL,
        tags=("North Korea", "Kim Jong-Un", "Harvest"),
        free=True,
        byline="Mira Okafor",
        image="https://paper.example/pictures/harvest.jpg",
        standfirst="The figures – the first in four years.",
        metas=facts.metas,
    )
    assert (facts.meta("ACCESS"), facts.meta("isAccessibleForFree"), facts.meta("none")) == (("Plus",), ("no",), ())


def test_a_page_that_says_nothing() -> None:
    assert read("<title>A headline</title>", body="<p>The text of the article.</p>") == PageFacts(URL)
    assert read_page(b"", url=URL, content_type=None) == PageFacts(URL)


def test_nothing_of_the_text_is_read() -> None:
    words = "Behind the paywall stand these words."
    said = {"@type": "NewsArticle", "articleBody": words, "text": words, "headline": "Harvest"}
    body = f"<h1>Harvest</h1><p class='standfirst'>{words}</p><article itemprop='articleBody'>{words}</article>"
    facts = read("<title>Harvest</title>", meta("description", "x" * 200, by="name"), script(said), body=body)
    assert words not in repr(facts)
    assert facts.standfirst is None


@pytest.mark.parametrize(
    ("head", "standfirst"),
    [
        (
            [meta("og:description", "From the page."), script({"@type": "Article", "description": "Other."})],
            "From the page.",
        ),
        ([script({"@type": "Article", "description": "<p>From JSON-LD</p> &amp; more"})], "From JSON-LD & more"),
        ([meta("og:description", " \n ")], None),
    ],
)
def test_the_standfirst_is_what_the_page_says_of_itself(head: list[str], standfirst: str | None) -> None:
    assert read(*head).standfirst == standfirst


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("Mira Okafor", "Mira Okafor"),
        ("By Mira Okafor", "Mira Okafor"),
        (["Mira Okafor", "Jan Brandt", "Mira Okafor"], "Mira Okafor, Jan Brandt"),
        ("https://facebook.example/paper", "From The Meta"),
        ("mira@paper.example", "From The Meta"),
        ("", "From The Meta"),
    ],
)
def test_the_byline_is_made_of_names(author: object, byline: str) -> None:
    said = script({"@type": "Article", "author": author})
    assert read(said, meta("author", "From The Meta", by="name")).byline == byline


@pytest.mark.parametrize(
    ("address", "image"),
    [
        ("https://cdn.example/a.jpg?w=1&h=2", "https://cdn.example/a.jpg?w=1&h=2"),
        ("a.jpg", f"{URL}a.jpg"),
        ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,AA", None),
        ("http://[broken/a.jpg", None),
        ("https://cdn.example/" + "a" * 3000, None),
    ],
)
def test_a_picture_has_a_web_address(address: str, image: str | None) -> None:
    assert read(meta("og:image", address)).image == image


@pytest.mark.parametrize(
    ("raw", "content_type", "standfirst"),
    [
        ("Правда".encode("cp1251"), "text/html; charset=windows-1251", "Правда"),
        (b'<meta charset="windows-1251">' + "Правда".encode("cp1251"), "text/html", "Правда"),
        (
            b"<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>" + "Правда".encode("koi8-r"),
            None,
            "Правда",
        ),
        ("Café".encode("latin-1"), "text/html; charset=ISO-8859-1", "Café"),
        (b"\x93Caf\xe9\x94", "text/html; charset=iso-8859-1", "“Café”"),
        ("日本".encode("shift_jis"), "text/html; charset=Shift_JIS", "日本"),
        ("Café".encode(), "text/html", "Café"),
        ("Café".encode(), "text/html; charset=no-such-thing", "Café"),
        ("Café".encode(), "text/html; charset=punycode", "Café"),
        ("Café".encode(), "text/html; charset=hex", "Café"),
        ("\ufeffCafé".encode(), "text/html", "Café"),
        (b"Caf\xe9", "text/html; charset=utf-8", "Caf�"),
    ],
)
def test_the_encoding_is_that_of_the_server_or_the_page(raw: bytes, content_type: str | None, standfirst: str) -> None:
    before, end, text = raw.rpartition(b">")
    page = before + end + b'<meta property="og:description" content="' + text.removeprefix(b"\xef\xbb\xbf") + b'">'
    assert read_page(page, url=URL, content_type=content_type).standfirst == standfirst


def test_a_page_in_utf_16() -> None:
    page = meta("og:description", "Café").encode("utf-16")
    assert read_page(page, url=URL, content_type="text/html").standfirst == "Café"


def test_json_ld_is_found_below_all_that_is_parsed_and_nothing_else_is() -> None:
    said = script({"@type": "Article", "isAccessibleForFree": False})
    filling = "<p>words</p>" * (MAX_PARSED // 10)
    facts = read(body=filling + said + meta("og:description", "Too far down"))
    assert (facts.free, facts.standfirst) == (False, None)
    unending = f'<script type="application/ld+json">{" " * MAX_LATE_SCRIPT}'
    assert read(body=filling + unending + said.partition(">")[2]).free is None


def test_everything_is_bounded() -> None:
    facts = read(
        meta("og:description", "word " * 1000),
        *(meta("article:tag", f"Tag {number}") for number in range(MAX_TAGS + 9)),
        meta("article:tag", "x" * 101),
        meta("article:tag", "https://paper.example/tag/x"),
        meta("article:tag", "!!!"),
        meta("long", "x" * 101),
        script({"@type": "Article", "author": ["Mira Okafor"] + [f"Jan Brandt{'x' * n}" for n in range(50)]}),
        *(meta(f"m{number}", "x") for number in range(MAX_METAS)),
    )
    assert len(facts.tags) == MAX_TAGS
    assert len(facts.standfirst or "") <= MAX_STANDFIRST
    assert len(facts.byline or "") <= 100
    assert len(facts.metas) <= MAX_METAS
    assert facts.meta("long") == ()
    assert not {"x" * 101, "https://paper.example/tag/x", "!!!"} & set(facts.tags)


_BITS = ["<meta property='og:description' content='", "<meta name=author content=", "'", '"', ">", "<", "<!--", "-->"]
_BITS += [
    "<script type='application/ld+json'>",
    "</script",
    '{"@type":"Article","keywords":',
    "[",
    "]",
    "}",
    "\0",
    "&#0;",
]
_BITS += ["</head>", "<body>", "<template>", "<noscript>", "<svg>", "\ud800", "&#xd800;", "words", "é"]


@given(
    st.lists(st.sampled_from(_BITS), max_size=30).map("".join).map(lambda page: page.encode(errors="surrogatepass"))
    | st.binary(max_size=200)
)
def test_whatever_stands_there_is_read_without_an_error_into_one_line_each(page: bytes) -> None:
    facts = read_page(page, url=URL, content_type="text/html")
    for said in (*facts.tags, facts.byline or "", facts.standfirst or "", *(content for _, content in facts.metas)):
        assert said.splitlines() in ([said], [])
        said.encode()


async def test_a_page_is_read_in_another_process_which_ends_with_the_wait_for_it() -> None:
    page = meta("og:description", "From the page.").encode()
    assert (await read_page_apart(page, url=URL, content_type=None)).standfirst == "From the page."
    with anyio.move_on_after(1) as scope:
        await read_page_apart(b"<div>" * 100_000, url=URL, content_type=None)
    assert scope.cancelled_caught
