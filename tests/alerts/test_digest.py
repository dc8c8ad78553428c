from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.digest import MOST, in_messages, render
from bot.alerts.message import Site
from bot.language import translation
from bot.model import Alert, ChatSettings
from bot.sandbox.telegram.formatting import format_text, utf16_length
from bot.sandbox.telegram.keyboards import inline_keyboard
from tests.make import an_alert

SITE = Site("https://news.example/subscribe/", "https://news.example/sign-in/", "From R99 a month.")
UTM = "utm_source=telegram&amp;utm_medium=bot&amp;utm_campaign=topic-alert"
ENGLISH = translation(None)


def numbered(alert: Alert, number: int) -> Alert:
    """The alert, of an article of this number."""
    return replace(alert, id=number, article=replace(alert.article, id=number))


def shown(*alerts: Alert) -> tuple[str, list[str]]:
    message = render(alerts, SITE, ENGLISH)
    return message.text, [button.text for row in message.keyboard.inline_keyboard for button in row]


def test_each_article_is_a_linked_headline_and_a_line() -> None:
    first = an_alert(headline="Rain & <wind>", teaser="It rains,\nand it blows.", link="https://news.example/a/")
    second = an_alert(headline="Sun", teaser="Sun", link="nowhere")
    assert shown(first, second) == (
        "<b>2 new articles on your topics</b>\n\n"
        f'<a href="https://news.example/a/?{UTM}"><b>Rain &amp; &lt;wind&gt;</b></a>\nIt rains, and it blows.\n\n'
        "<b>Sun</b>",
        [],
    )


def test_of_a_premium_article_it_says_no_more_than_the_teaser_and_leads_to_subscribing() -> None:
    secret = an_alert(headline="Secret", teaser="", premium=True)
    text, buttons = shown(an_alert(), secret)
    assert text.endswith(f'🔒 <a href="https://news.example/a/?{UTM}"><b>Secret</b></a>')
    assert buttons == ["Subscribe", "Already a member? Sign in"]
    assert shown(replace(secret, settings=ChatSettings(member=True)))[1] == []


def test_a_withdrawn_article_is_struck_through_and_leads_nowhere() -> None:
    alert = an_alert(headline="A slip", premium=True)
    gone = replace(alert, article=replace(alert.article, withdrawn=True))
    text, buttons = shown(an_alert(), gone)
    assert text.endswith("\n\n<s>A slip</s>\nThis article has been withdrawn.")
    assert buttons == []


def test_the_newest_comes_first() -> None:
    alerts = [numbered(an_alert(headline=f"Number {number}"), number) for number in (2, 3, 1)]
    (together,) = in_messages(alerts, SITE, ENGLISH)
    assert [alert.id for alert in together] == [3, 2, 1]


WORDS = st.text(st.characters(codec="utf-8") | st.sampled_from("🚀<&>\u202e\u0301ש"), max_size=400)
ALERTS = st.lists(st.builds(an_alert, headline=WORDS, teaser=WORDS, premium=st.booleans()), max_size=60)


@given(ALERTS)
def test_all_of_them_are_told_once_in_messages_that_telegram_takes(alerts: list[Alert]) -> None:
    alerts = [numbered(alert, number) for number, alert in enumerate(alerts, 1)]
    messages = list(in_messages(alerts, SITE, ENGLISH))
    assert [alert for together in messages for alert in together] == alerts[::-1]
    for together in messages:
        assert len(together) <= MOST
        message = render(together, SITE, ENGLISH)
        plain, entities = format_text(message.text, "HTML")
        assert utf16_length(plain) <= 4096
        assert len(entities) <= 100
        inline_keyboard([[button.to_dict() for button in row] for row in message.keyboard.inline_keyboard])


@given(st.lists(st.builds(an_alert, headline=st.just("🚀" * 400), teaser=WORDS), min_size=MOST, max_size=MOST))
def test_it_fits_however_corrections_let_it_grow(alerts: list[Alert]) -> None:
    plain, _ = format_text(render(alerts, SITE, ENGLISH).text, "HTML")
    assert utf16_length(plain) <= 4096


def test_short_messages_are_few_and_break_between_articles() -> None:
    alerts = [numbered(an_alert(headline=f"Headline {number} " * 8, teaser="x" * 300), number) for number in range(30)]
    sizes = [len(together) for together in in_messages(alerts, SITE, ENGLISH)]
    assert sizes == [18, 12]
