"""Several alerts as one message: of each article the headline, which links to it, and a line of its teaser.

Pure, as ``message`` is for a single alert. A digest is no thing of its own: it is the alerts that one message carries.
So when one of its articles is corrected, the same alerts are rendered again, and the message stays one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from html import escape, unescape

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import MessageLimit

from bot.alerts.message import Message, Site
from bot.language import Language, translation
from bot.model import Alert, Lead
from bot.telegram.buttons import Rows, shortened
from bot.text import isolated, units

MOST = 20
"""Articles in one message: with more, nobody finds anything."""
ROOM = MessageLimit.MAX_TEXT_LENGTH - 96
"""What articles have of a message, in UTF-16 units; the rest is for the title."""
_SIZES = ((150, 120), (150, 0), (80, 0))
"""Characters of a headline and of a line of teaser. The last fit in any case, should corrections make it grow."""
_BETWEEN = "\n\n"
_TAG = re.compile("<[^>]*>")


Parcel = tuple[Alert, ...]
"""Alerts that go in one message: one as a teaser, several as a digest."""


def parcels(alerts: Iterable[Alert], site: Site) -> list[Parcel]:
    """The alerts by the messages in which they go, in their order.

    What was held for a chat goes together; so does, to be corrected, what one message carries already. Everything else
    goes by itself.
    """
    together: dict[tuple[int, ...], list[Alert]] = {}
    for alert in alerts:
        key = (alert.chat_id, alert.thread_id or 0, alert.message_id or 0) if alert.held else (alert.id,)
        together.setdefault(key, []).append(alert)
    parcels: list[Parcel] = []
    for group in together.values():
        alone = len(group) == 1
        parcels += [tuple(group)] if alone else in_messages(group, site, translation(group[0].language))
    return parcels


def in_messages(alerts: Iterable[Alert], site: Site, language: Language) -> Iterator[Parcel]:
    """The alerts of one chat, newest article first, as many together as one message holds."""
    together: list[Alert] = []
    length = 0
    for alert in sorted(alerts, key=lambda alert: -alert.article.id):
        needs = _length(_item(alert, site, language, *_SIZES[0])) + len(_BETWEEN)
        if together and (len(together) == MOST or length + needs > ROOM):
            yield tuple(together)
            together, length = [], 0
        together.append(alert)
        length += needs
    if together:
        yield tuple(together)


def render(alerts: Sequence[Alert], site: Site, language: Language) -> Message:
    """The message of a digest; ``alerts`` are at most what ``in_messages`` puts together."""
    *larger, smallest = (partial(_text, alerts, site, language, *size) for size in _SIZES)
    fitting = (text for make in larger if _length(text := make()) <= MessageLimit.MAX_TEXT_LENGTH)
    text = next(fitting, None) or smallest()
    return Message(text, InlineKeyboardMarkup(_leads(alerts, site, language)))


def _text(alerts: Sequence[Alert], site: Site, language: Language, headline: int, teaser: int) -> str:
    number = len(alerts)
    title = language.ngettext(
        "{number} new article on your topics", "{number} new articles on your topics", number
    ).format(number=number)
    items = [_item(alert, site, language, headline, teaser) for alert in alerts]
    return _BETWEEN.join([f"<b>{escape(title)}</b>", *items])


def _item(alert: Alert, site: Site, language: Language, headline: int, teaser: int) -> str:
    article = alert.article
    shown = escape(shortened(article.headline, headline))
    if article.withdrawn:
        line = language.gettext("This article has been withdrawn.") if teaser else ""
        return "\n".join(filter(None, (f"<s>{shown}</s>", escape(line))))
    link = site.lead(Lead.READ, alert)
    linked = f'<a href="{escape(link)}"><b>{shown}</b></a>' if link else f"<b>{shown}</b>"
    line = "" if article.teaser == article.headline else shortened(" ".join(article.teaser.split()), teaser)
    lock = "🔒 " if article.premium else ""
    return "\n".join(filter(None, (f"{lock}{isolated(linked)}", escape(line) if teaser else "")))


def _length(text: str) -> int:
    """As Telegram counts it, in UTF-16 units and without tags."""
    return units(unescape(_TAG.sub("", text)))


def _leads(alerts: Sequence[Alert], site: Site, language: Language) -> Rows:
    """To subscribing, where that opens something."""
    premium = next((alert for alert in alerts if alert.article.premium and not alert.article.withdrawn), None)
    if premium is None or premium.settings.member:
        return []
    _ = language.gettext
    leads = {}
    if site.subscribe_url:
        leads[_("Subscribe")] = Lead.SUBSCRIBE
    if site.sign_in_url:
        leads[_("Already a member? Sign in")] = Lead.SIGN_IN
    row = [InlineKeyboardButton(label, url=url) for label, lead in leads.items() if (url := site.lead(lead, premium))]
    return [row] if row else []
