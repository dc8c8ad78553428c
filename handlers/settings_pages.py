"""The pages of the settings: pure functions from what a chat chose to text and buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.alerts import timing, zones
from bot.language import Language
from bot.model import ChatSettings, Preview, Rhythm
from bot.telegram.buttons import Rows, in_rows
from bot.telegram.presses import Press, button
from handlers.languages import ShowLanguages, own_name
from handlers.settings_choices import (
    Length,
    Open,
    Page,
    SetDay,
    SetLimit,
    SetMember,
    SetMute,
    SetPicture,
    SetQuiet,
    SetRhythm,
    SetSilent,
    SetTime,
    SetZone,
    ShowZones,
    Switch,
    Zone,
)
from handlers.settings_words import clock, digest_time, hours, moment, place, place_in, weekday

TIMES = tuple(hour * 60 for hour in (6, 7, 8, 12, 17, 20))
NIGHTS = tuple((begin * 60, end * 60) for begin, end in ((21, 6), (22, 7), (23, 8), (20, 8)))
LIMITS = (3, 5, 10, 20, 50)
CLOCKS_IN_A_ROW = 4


@dataclass(frozen=True, slots=True)
class View:
    """What the pages show."""

    settings: ChatSettings
    language: Language
    now: datetime
    likely: Sequence[str] = ()
    """The zones in which the reader may well be."""
    is_private: bool = True
    """Whether it is a chat with one reader, who can share a location."""

    @property
    def muted(self) -> str | None:
        """Until when the chat is silent; None where it is not."""
        until = self.settings.muted_until
        return moment(until, self.settings, self.now, self.language) if until and until > self.now else None


def show(page: Page, view: View) -> tuple[str, InlineKeyboardMarkup]:
    """A page's text, in Telegram's HTML, and its buttons."""
    text, rows = _PAGES[page](view)
    if page is not Page.MAIN:
        rows = [*rows, [button(f"‹ {view.language.gettext('Settings')}", Open(Page.MAIN))]]
    return text, InlineKeyboardMarkup(rows)


def choice_of_zones(names: Sequence[str], view: View) -> list[InlineKeyboardButton]:
    """Buttons for zones, each with what its clock shows, and with its country where there are several."""
    countries = {zones.country(name, view.language.locale) for name in names}
    return [
        _option(
            place_in(name, view.now, view.language, with_country=len(countries) > 1),
            SetZone(Zone(name)),
            chosen=name == view.settings.zone,
        )
        for name in names
    ]


def _main(view: View) -> tuple[str, Rows]:
    _, settings = view.language.gettext, view.settings
    night, limit = hours(settings), settings.daily_cap
    silent = Switch.OFF if settings.silent else Switch.ON  # what a tap brings about
    member = Switch.OFF if settings.member else Switch.ON
    quiet = _("Quiet {hours}").format(hours=night) if night else _("Quiet hours: none")
    at_most = _("At most {number} a day").format(number=limit) if limit else _("Daily limit: none")
    mute = _("Muted until {time}").format(time=view.muted) if view.muted else _("Mute")
    buttons = [
        button(f"⏱ {_rhythm(view)}", Open(Page.RHYTHM)),
        button(f"🌙 {quiet}", Open(Page.QUIET)),
        button(f"📥 {at_most}", Open(Page.LIMIT)),
        _to_zone(view),
        button(f"🔕 {mute}", Open(Page.MUTE)),
        button(f"🔊 {_('Sound: no')}" if settings.silent else f"🔊 {_('Sound: yes')}", SetSilent(silent)),
        button(f"🖼 {_picture(view, settings.preview)}", Open(Page.PICTURE)),
        button(f"{_tick(settings.member)}{_('I’m a member')}", SetMember(member)),
        button(f"🌐 {own_name(view.language.locale.language)}", ShowLanguages()),
    ]
    return f"<b>{_('Settings')}</b>\n{_('Tap what you want to change.')}", in_rows(buttons)


def _rhythm(view: View) -> str:
    """How often alerts come, in a few words."""
    _, settings = view.language.gettext, view.settings
    match settings.digest:
        case Rhythm.NOW:
            return _("Alerts at once")
        case Rhythm.HOURLY:
            return _("A digest every hour")
        case Rhythm.DAILY:
            return _("Daily digest, {time}").format(time=digest_time(settings))
        case Rhythm.WEEKLY:
            day = weekday(settings.digest_day or 0, view.language)
            return _("Weekly digest, {day} {time}").format(day=day, time=digest_time(settings))


def _how_often(view: View) -> tuple[str, Rows]:
    _, settings = view.language.gettext, view.settings
    labels = {
        Rhythm.NOW: _("At once"), Rhythm.HOURLY: _("Every hour"), Rhythm.DAILY: _("Once a day"),
        Rhythm.WEEKLY: _("Once a week"),
    }  # fmt: skip
    rows = in_rows(_option(label, SetRhythm(to), chosen=settings.digest is to) for to, label in labels.items())
    if settings.digest is Rhythm.NOW:
        explained = _("Each alert comes as soon as its article is there.")
    else:
        following = moment(timing.next_moment(settings, view.now), settings, view.now, view.language)
        explained = _("What comes in between comes together in one digest, next at {time}.").format(time=following)
    text = f"<b>{_rhythm(view)}</b>\n{explained}"
    if settings.digest in {Rhythm.DAILY, Rhythm.WEEKLY}:
        at = timing.MORNING if settings.digest_at is None else settings.digest_at
        rows += _in_columns([_option(clock(time), SetTime(time), chosen=time == at) for time in TIMES], 3)
        if settings.digest is Rhythm.WEEKLY:
            rows += _in_columns([_day(day, view) for day in range(7)], 4)
        how_often = _("daily") if settings.digest is Rhythm.DAILY else _("weekly")
        text += "\n\n" + _or_type(_("Another time? {command}"), f"/digest {how_often} 6:45")
        return _with_clock(text, rows, view)
    return text, rows


def _quiet(view: View) -> tuple[str, Rows]:
    _, settings = view.language.gettext, view.settings
    now = (settings.quiet_from, settings.quiet_until)
    rows = in_rows(
        _option(f"{clock(begin)}–{clock(end)}", SetQuiet(begin, end), chosen=now == (begin, end))
        for begin, end in NIGHTS
    )
    rows.append([_option(_("No quiet hours"), SetQuiet(0, 0), chosen=hours(settings) is None)])
    if night := hours(settings):
        text = f"<b>{_('Quiet {hours}').format(hours=night)}</b>\n" + _(
            "Nothing reaches you then. What came meanwhile comes together when they are over."
        )
    else:
        text = f"<b>{_('Quiet hours: none')}</b>\n" + _("Alerts may reach you at night, too.")
    text += "\n\n" + _or_type(_("Other hours? {command}"), "/quiet 21:30-6:15")
    return _with_clock(text, rows, view)


def _limit(view: View) -> tuple[str, Rows]:
    _, limit = view.language.gettext, view.settings.daily_cap
    buttons = [_option(str(number), SetLimit(number), chosen=number == limit) for number in LIMITS]
    rows = [buttons, [_option(_("No limit"), SetLimit(0), chosen=not limit)]]
    if not limit:
        return f"<b>{_('Daily limit: none')}</b>\n{_('Every alert of a day comes at once.')}", rows
    morning = digest_time(view.settings)
    explained = _("What there is beyond them comes together the next morning, at {time}.").format(time=morning)
    text = f"<b>{_('At most {number} a day').format(number=limit)}</b>\n{explained}"
    return _with_clock(text, rows, view)


def _mute(view: View) -> tuple[str, Rows]:
    _ = view.language.gettext
    labels = {
        Length.HOUR: _("An hour"), Length.NIGHT: _("8 hours"), Length.TOMORROW: _("Until tomorrow morning"),
        Length.TWO_DAYS: _("2 days"), Length.WEEK: _("A week"),
    }  # fmt: skip
    rows = in_rows(button(label, SetMute(length)) for length, label in labels.items())
    if view.muted is None:
        text = f"<b>{_('Mute')}</b>\n" + _("For how long shall I be silent? What comes meanwhile comes together after.")
    else:
        rows = [[button(_("Unmute"), SetMute(Length.OFF))], *rows]
        text = f"<b>{_('Muted until {time}').format(time=view.muted)}</b>\n" + _(
            "What comes meanwhile comes together after."
        )
    return f"{text}\n\n{_or_type(_('Another length? {command}'), '/mute 3h')}", rows


def _zone(view: View) -> tuple[str, Rows]:
    _ = view.language.gettext
    shown = escape(place(view.settings, view.now, view.language))
    if view.settings.zone is None:
        text = f"<b>{_('Time zone')}</b>\n" + _("I do not know yours, so I go by {place}.").format(place=shown)
    else:
        text = f"<b>{shown}</b>\n" + _("So I know when it is night where you are.")
    command = "/zone Johannesburg"
    hint = _("Elsewhere? Send {command}.")
    if view.is_private:
        hint = _("Elsewhere? Send {command}, or your location; I keep only the time zone.")
    rows = in_rows([*choice_of_zones(view.likely, view), button(f"🕒 {_('By my clock')}", Open(Page.CLOCKS))])
    return f"{text}\n\n{_or_type(hint, command)}", rows


def _clocks(view: View) -> tuple[str, Rows]:
    _ = view.language.gettext
    buttons = []
    for ahead in zones.offsets(view.now):
        local = view.now + ahead
        shown = f"{weekday(local.weekday(), view.language, short=True)} {local:%H:%M}"
        buttons.append(button(shown, ShowZones(ahead // timedelta(minutes=1))))
    return f"<b>{_('What does your clock show?')}</b>", _in_columns(buttons, CLOCKS_IN_A_ROW)


def _pictures(view: View) -> tuple[str, Rows]:
    _ = view.language.gettext
    rows = [
        [_option(_picture(view, preview), SetPicture(preview), chosen=preview is view.settings.preview)]
        for preview in Preview
    ]
    return f"<b>{_('Pictures')}</b>\n{_('How shall I show an article’s picture?')}", rows


def _picture(view: View, preview: Preview) -> str:
    _ = view.language.gettext
    labels = {Preview.ABOVE: _("Large picture"), Preview.SMALL: _("Small picture"), Preview.NONE: _("No picture")}
    return labels[preview]


def _day(day: int, view: View) -> InlineKeyboardButton:
    chosen = (view.settings.digest_day or 0) == day
    return _option(weekday(day, view.language, short=True), SetDay(day), chosen=chosen)


def _with_clock(text: str, rows: Rows, view: View) -> tuple[str, Rows]:
    """With the way to the time zone, where it matters; whoever has not said theirs is asked for it."""
    _ = view.language.gettext
    if view.settings.zone is None:
        shown = escape(place(view.settings, view.now, view.language))
        asked = _("What time is it where you are? I do not know it, so I go by {place}.").format(place=shown)
        text = f"{text}\n\n{asked}"
        rows = [*rows, *in_rows(choice_of_zones(view.likely, view))]
    return text, [*rows, [_to_zone(view)]]


def _to_zone(view: View) -> InlineKeyboardButton:
    known = view.settings.zone is not None
    shown = place(view.settings, view.now, view.language) if known else view.language.gettext("Choose your time zone")
    return button(f"🌍 {shown}", Open(Page.ZONE))


def _option(label: str, press: Press, *, chosen: bool) -> InlineKeyboardButton:
    return button(f"{_tick(chosen)}{label}", press)


def _tick(chosen: bool) -> str:
    return "✓ " if chosen else ""


def _or_type(sentence: str, command: str) -> str:
    """A hint at a command that can be tapped to be copied."""
    return escape(sentence).format(command=f"<code>{escape(command)}</code>")


def _in_columns(buttons: Sequence[InlineKeyboardButton], columns: int) -> Rows:
    return [list(buttons[at : at + columns]) for at in range(0, len(buttons), columns)]


_PAGES = {
    Page.MAIN: _main,
    Page.RHYTHM: _how_often,
    Page.QUIET: _quiet,
    Page.ZONE: _zone,
    Page.CLOCKS: _clocks,
    Page.LIMIT: _limit,
    Page.MUTE: _mute,
    Page.PICTURE: _pictures,
}
