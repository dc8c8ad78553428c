import json
from dataclasses import replace
from gettext import NullTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import LinkPreviewOptions

from bot.alerts.links import Links
from bot.alerts.message import Message, Site, render
from bot.feeds.hosts import Hosts
from bot.model import ChatSettings, Link, Preview
from bot.sandbox.telegram.formatting import format_text, utf16_length
from bot.sandbox.telegram.keyboards import inline_keyboard
from tests.make import an_alert

SITE = Site("https://news.example/subscribe/", "https://news.example/sign-in/", "From R99 a month.")
PICTURE = "https://news.example/a.jpg"
UTM = "utm_source=telegram&utm_medium=bot&utm_campaign=topic-alert"
ENGLISH = NullTranslations()
MORE = ("⋯", "more:1")


def buttons(message: Message) -> list[list[tuple[str, str]]]:
    return [
        [(button.text, str(button.url or button.callback_data)) for button in row]
        for row in message.keyboard.inline_keyboard
    ]


def test_a_free_article() -> None:
    message = render(
        an_alert(headline="Rain & <wind>", teaser="It rains.", byline="Jane Doe", tags=["Weather", "Cape Town"],
                 followed=[1]),
        SITE, ENGLISH,
    )  # fmt: skip
    assert message.text == (
        "<b>Rain &amp; &lt;wind&gt;</b>\n\nIt rains.\n\n<i>By Jane Doe</i>\n\n"
        "Read more on these topics: Weather, Cape Town"
    )
    assert buttons(message) == [
        [("Read", f"https://news.example/a/?{UTM}")],
        [("+ Cape Town", "follow:2"), ("⋯", "more:1")],
    ]


def test_further_reading_is_linked_below_the_teaser() -> None:
    further = [Link("Less <rain>", 'https://news.example/b/?x="1"#top'), Link("Nowhere", "http://[1")]
    message = render(an_alert(teaser="It rains.", also_read=further), SITE, ENGLISH)
    assert message.text == (
        "<b>A headline</b>\n\nIt rains.\n\n"
        f'Also read: <a href="https://news.example/b/?x=&quot;1&quot;&amp;{UTM.replace("&", "&amp;")}#top">'
        "Less &lt;rain&gt;</a>"
    )
    plain, entities = format_text(message.text, "HTML")
    assert plain.endswith("Also read: Less <rain>")
    assert [entity.type for entity in entities] == ["bold", "text_link"]


def test_a_premium_article_leads_to_subscribing_and_signing_in() -> None:
    message = render(an_alert(premium=True, teaser=""), SITE, ENGLISH)
    assert message.text == "<b>A headline</b>\n\n🔒 From R99 a month."
    assert buttons(message) == [
        [
            ("Subscribe", f"https://news.example/subscribe/?{UTM}"),
            ("Already a member? Sign in", f"https://news.example/sign-in/?{UTM}"),
        ],
        [MORE],
    ]


def test_without_pages_of_its_own_the_article_is_where_to_subscribe() -> None:
    message = render(an_alert(premium=True), Site(), ENGLISH)
    assert {url for _, url in buttons(message)[0]} == {f"https://news.example/a/?{UTM}"}
    assert "This article is for subscribers." in message.text


def test_a_teaser_that_only_repeats_the_headline_is_left_out() -> None:
    assert render(an_alert(headline="Same", teaser="Same"), SITE, ENGLISH).text == "<b>Same</b>"


def test_a_premium_article_without_a_teaser_says_headline_and_pitch_only() -> None:
    message = render(an_alert(premium=True, teaser="", byline="Jane Doe", tags=["Mali", "Chad"]), SITE, ENGLISH)
    assert message.text == "<b>A headline</b>\n\n🔒 From R99 a month."
    assert [text for row in buttons(message) for text, _ in row][2:] == ["+ Mali", "+ Chad", "⋯"]


@pytest.mark.parametrize("part", ["headline", "teaser", "byline"])
def test_what_comes_from_outside_is_escaped(part: str) -> None:
    hostile = "<a href='https://evil.example'>&amp; \"you\"</a> {author} %s"
    message = render(an_alert(**{part: hostile}, tags=[hostile, "<i>"], premium=True), SITE, ENGLISH)  # type: ignore[arg-type]
    plain, entities = format_text(message.text, "HTML")
    assert hostile in plain
    assert {entity.type for entity in entities} <= {"bold", "italic", "url"}
    assert "topics: <a href='https://evil.example'>&amp; \"y…, <i>" in plain


def test_an_article_whose_address_is_none_is_told_without_a_button() -> None:
    message = render(an_alert(link="http://[1", tags=["Mali"]), SITE, ENGLISH)
    assert buttons(message) == [[("+ Mali", "follow:1"), MORE]]


def test_only_topics_that_are_not_followed_have_chips_and_never_too_many() -> None:
    tags = [f"Topic {number}" for number in range(1, 40)]
    message = render(an_alert(tags=tags, followed=[1, 3, 5]), SITE, ENGLISH)
    chips = [text for row in buttons(message)[1:] for text, _ in row]
    assert chips == [*(f"+ Topic {number}" for number in (2, 4, 6, 7, 8, 9)), "⋯"]
    assert message.text.endswith("Topic 9, Topic 10")


def test_the_operators_pitch_is_escaped_and_bounded_too() -> None:
    message = render(an_alert(premium=True, teaser=""), Site(pitch="<3 " + "x" * 5000), ENGLISH)
    assert "🔒 &lt;3 xxx" in message.text
    assert len(message.text) < 400


@pytest.mark.parametrize("teaser", ["", "A teaser."])
@pytest.mark.parametrize("sign_in", [None, SITE.sign_in_url])
def test_a_member_is_led_to_reading_and_not_told_to_subscribe(teaser: str, sign_in: str | None) -> None:
    alert = replace(an_alert(premium=True, teaser=teaser), settings=ChatSettings(member=True))
    message = render(alert, replace(SITE, sign_in_url=sign_in), ENGLISH)
    read = ("Read", f"https://news.example/a/?{UTM}")
    assert buttons(message)[0] == ([read] if sign_in is None else [read, ("Sign in", f"{sign_in}?{UTM}")])
    assert message.text == "\n\n".join(filter(None, ("<b>A headline</b>", teaser)))


@pytest.mark.parametrize("premium", [False, True])
@pytest.mark.parametrize(
    ("image", "chosen", "options"),
    [
        (None, Preview.ABOVE, LinkPreviewOptions(is_disabled=True)),
        (
            PICTURE,
            Preview.ABOVE,
            LinkPreviewOptions(is_disabled=False, url=PICTURE, prefer_large_media=True, show_above_text=True),
        ),
        (PICTURE, Preview.SMALL, LinkPreviewOptions(is_disabled=False, url=PICTURE, prefer_small_media=True)),
        (PICTURE, Preview.NONE, LinkPreviewOptions(is_disabled=True)),
    ],
)
def test_of_an_article_the_picture_is_previewed_and_never_the_page(
    premium: bool, image: str | None, chosen: Preview, options: LinkPreviewOptions
) -> None:
    alert = an_alert(premium=premium, also_read=[Link("More", "https://news.example/b/")])
    alert = replace(alert, article=replace(alert.article, image=image), settings=ChatSettings(preview=chosen))
    assert render(alert, SITE, ENGLISH).preview == options


def test_what_is_withdrawn_shows_no_picture_and_no_buttons() -> None:
    alert = an_alert()
    message = render(replace(alert, article=replace(alert.article, image=PICTURE, withdrawn=True)), SITE, ENGLISH)
    assert (message.preview, buttons(message)) == (LinkPreviewOptions(is_disabled=True), [])


texts = st.text(max_size=600)
wide = st.text(alphabet="🏴😀<&\"'𝔘x ", max_size=6000)  # two units each in UTF-16, six characters each once escaped


@given(
    headline=st.one_of(texts, wide).filter(lambda text: any(map(str.isalnum, text[:300]))),
    teaser=st.one_of(texts, wide),
    byline=st.one_of(st.none(), texts, wide),
    also_read=st.lists(
        st.builds(Link, st.one_of(texts, wide), st.one_of(texts, st.just("https://x.example/?a=<&b#c"))), max_size=2
    ),
    tags=st.lists(st.one_of(st.text(min_size=1, max_size=100), wide.filter(bool)), max_size=60),
    pitch=st.one_of(st.none(), texts, wide),
    followed=st.sets(st.integers(1, 60)),
    premium=st.booleans(),
)
def test_whatever_an_article_holds_telegram_takes_its_alert(
    headline: str,
    teaser: str,
    byline: str | None,
    also_read: list[Link],
    tags: list[str],
    pitch: str | None,
    followed: set[int],
    premium: bool,
) -> None:
    alert = an_alert(
        headline=headline,
        teaser=teaser,
        byline=byline,
        also_read=also_read,
        tags=tags,
        followed=list(followed),
        premium=premium,
    )
    message = render(alert, Site(SITE.subscribe_url, SITE.sign_in_url, pitch), ENGLISH)
    plain, entities = format_text(message.text, "HTML")
    assert utf16_length(plain) <= 4096
    assert any(entity.type == "bold" for entity in entities)
    rows = message.keyboard.to_dict()["inline_keyboard"]
    assert [len(row) for row in inline_keyboard([list(row) for row in rows])] == [len(row) for row in rows]
    assert sum(map(len, rows)) <= 9


def test_readers_who_chose_and_follow_the_same_share_one_message() -> None:
    alert = an_alert(tags=["Mali", "Chad"], followed=[1])
    message = render(alert, SITE, ENGLISH)
    settings = ChatSettings(zone="Africa/Bamako", silent=True)
    assert render(replace(alert, id=2, chat_id=7, thread_id=8, settings=settings), SITE, ENGLISH) is message
    assert render(replace(alert, followed=frozenset({2})), SITE, ENGLISH) != message
    assert render(replace(alert, settings=ChatSettings(preview=Preview.NONE)), SITE, ENGLISH) is not message


def test_what_a_call_says_of_a_message() -> None:
    message = render(an_alert(headline="“Rain” & 🌧"), SITE, ENGLISH)
    said = json.loads(message.written)
    assert said["text"] == message.text
    assert said["parse_mode"] == "HTML"
    assert json.loads(said["reply_markup"]) == message.keyboard.to_dict()
    assert json.loads(said["link_preview_options"]) == {"is_disabled": True}


def test_where_readers_are_told_apart_each_has_links_of_its_own() -> None:
    links = Links("https://bot.example", b"key", Hosts.of(["https://news.example/feed/"]), per_reader=True)
    one, other = (buttons(render(an_alert(number=number), Site(links=links), ENGLISH)) for number in (1, 2))
    assert one[0] != other[0]
    assert one[1:] == other[1:]
