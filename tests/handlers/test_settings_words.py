import pytest

from bot.alerts import when
from bot.language import available, translation
from bot.model import ChatSettings, Rhythm
from handlers.settings_words import vocabulary, weekday
from tests.make import NOW


@pytest.mark.parametrize("name", ["en", *available()])
def test_what_a_page_says_can_be_typed_in_every_language(name: str) -> None:
    language = translation(name.replace("_", "-"))
    words, settings = vocabulary(language), ChatSettings("Africa/Johannesburg")
    _ = language.gettext
    assert when.rhythm(f"{_('daily')} 6:45", words) == (Rhythm.DAILY, 405, None)
    assert when.rhythm(_("hourly"), words) == (Rhythm.HOURLY, None, None)
    assert when.rhythm(_("at once"), words) == (Rhythm.NOW, None, None)
    assert [when.rhythm(weekday(day, language), words) for day in range(7)] == [
        (Rhythm.WEEKLY, None, day) for day in range(7)
    ]
    assert when.is_off(_("off"), words)
    assert when.mute_until(_("tomorrow"), settings, NOW, words) == when.mute_until("tomorrow", settings, NOW, words)
    assert when.rhythm(_("Once a week"), words) == (Rhythm.WEEKLY, None, None)


def test_plain_english_is_understood() -> None:
    words = vocabulary(translation("fr"))
    assert when.rhythm("now", words) == (Rhythm.NOW, None, None)
    assert when.rhythm("every day at 6pm", words) == (Rhythm.DAILY, 1080, None)
    assert when.is_off("none", words)
