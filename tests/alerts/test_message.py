from gettext import NullTranslations

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.message import Message, Site, render
from tests.make import an_alert

SITE = Site("https://news.example/subscribe/", "https://news.example/sign-in/", "From R99 a month.")
UTM = "utm_source=telegram&utm_medium=bot&utm_campaign=topic-alert"
ENGLISH = NullTranslations()


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
        [("＋ Cape Town", "follow:2")],
    ]


def test_a_premium_article_leads_to_subscribing_and_signing_in() -> None:
    message = render(an_alert(premium=True, teaser=""), SITE, ENGLISH)
    assert message.text == "<b>A headline</b>\n\n🔒 From R99 a month."
    assert buttons(message) == [
        [
            ("Subscribe", f"https://news.example/subscribe/?{UTM}"),
            ("Already a member? Sign in", f"https://news.example/sign-in/?{UTM}"),
        ]
    ]


def test_without_pages_of_its_own_the_article_is_where_to_subscribe() -> None:
    message = render(an_alert(premium=True), Site(), ENGLISH)
    assert {url for row in buttons(message) for _, url in row} == {f"https://news.example/a/?{UTM}"}
    assert "This article is for subscribers." in message.text


def test_a_teaser_that_only_repeats_the_headline_is_left_out() -> None:
    assert render(an_alert(headline="Same", teaser="Same"), SITE, ENGLISH).text == "<b>Same</b>"


@given(
    st.text(max_size=300),
    st.text(max_size=300),
    st.lists(st.text(min_size=1, max_size=100), max_size=50),
    st.booleans(),
)
def test_every_alert_is_within_telegrams_limits(headline: str, teaser: str, tags: list[str], premium: bool) -> None:
    message = render(an_alert(headline=headline, teaser=teaser, tags=tags, premium=premium), SITE, ENGLISH)
    assert len(message.text.encode("utf-16-le")) // 2 <= 4096 * 2  # before entities are taken out
    assert len(message.keyboard.inline_keyboard) <= 7
    for row in message.keyboard.inline_keyboard:
        for button in row:
            assert button.callback_data is None or 1 <= len(str(button.callback_data).encode()) <= 64
