"""The alert as the reader sees it: a pure function from an article to text and buttons.

Everything that comes from the feed is escaped here, where the message is built. The text is in Telegram's HTML,
https://core.telegram.org/bots/api#html-style.
"""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from gettext import NullTranslations
from html import escape
from typing import ClassVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode

from bot.alerts.links import Links, marked
from bot.model import Alert, ChatSettings, Lead, Link, Preview, StoredArticle
from bot.telegram.buttons import Rows, chips, in_rows, shortened
from bot.telegram.calling import written
from bot.telegram.presses import Press, button
from bot.text import isolated

TOPICS_SHOWN = 10
"""Topics named in the text; an article can have many more than anyone reads."""
CHIPS_SHOWN = 6
LONGEST_PART = 350
"""Characters of each part of the text: more than a headline or a teaser has, and in sum within Telegram's 4096."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Site:
    """What an alert needs to know of the site."""

    subscribe_url: str | None = None
    sign_in_url: str | None = None
    pitch: str | None = None
    links: Links | None = None
    """Makes the links that are counted; without it links lead straight to the site."""

    def lead(self, lead: Lead, alert: Alert) -> str | None:
        """Where a button of the alert leads; None where the article's own address is none."""
        pages = {Lead.SUBSCRIBE: self.subscribe_url, Lead.SIGN_IN: self.sign_in_url}
        target = pages.get(lead) or alert.article.link
        return self.links.counted(lead, target, alert) if self.links else marked(target)


@dataclass(frozen=True)
class Message:
    """A message ready for Telegram."""

    text: str
    keyboard: InlineKeyboardMarkup
    preview: LinkPreviewOptions = NO_PREVIEW

    @cached_property
    def written(self) -> bytes:
        """What a call that sends it, or corrects another to say the same, says of it."""
        return written(
            {
                "text": self.text,
                "parse_mode": ParseMode.HTML,
                "reply_markup": self.keyboard.to_json(),
                "link_preview_options": self.preview.to_json(),
            }
        )

    def without_links(self) -> "Message":
        """The message without the buttons that are links, for where Telegram takes one of them for no address."""
        rows = [[key for key in row if key.url is None] for row in self.keyboard.inline_keyboard]
        return replace(self, keyboard=InlineKeyboardMarkup([row for row in rows if row]))


@dataclass(frozen=True, slots=True)
class More(Press):
    """Open, under an alert, why it came and what can be done about it."""

    WORD: ClassVar[str] = "more"
    article: int


def render(alert: Alert, site: Site, language: NullTranslations) -> Message:
    """The alert's message: teaser, topics, and the buttons that lead to the article or to subscribing."""
    return _render(_as_shown(alert, site), site, language)


def _as_shown(alert: Alert, site: Site) -> Alert:
    """The alert without all that its message does not show: those of many chats are then one."""
    number = alert.id if site.links and site.links.per_reader else 0
    settings = ChatSettings(preview=alert.settings.preview, member=alert.settings.member)
    return Alert(number, 0, None, alert.article, alert.followed, 0, settings=settings, topic_id=alert.topic_id)


@lru_cache(maxsize=512)
def _render(alert: Alert, site: Site, language: NullTranslations) -> Message:
    article = alert.article
    if article.withdrawn:
        return Message(_withdrawn(article, language), InlineKeyboardMarkup([]))
    return show(alert, site, language, button("⋯", More(article.id)))


def show(alert: Alert, site: Site, language: NullTranslations, *more: InlineKeyboardButton) -> Message:
    """The alert's article as its chat wants to see it, whatever has become of it; ``more`` buttons follow the chips."""
    article, settings = alert.article, alert.settings
    others = [topic for topic in article.topics if topic.id not in alert.followed]
    rows = [*_leads(alert, site, language), *in_rows([*chips(others[:CHIPS_SHOWN]), *more])]
    text = _text(article, site, language, member=settings.member)
    return Message(text, InlineKeyboardMarkup(rows), _preview(article.image, settings.preview))


def _preview(image: str | None, chosen: Preview) -> LinkPreviewOptions:
    """The picture's own address, never the page's: of a premium article that could show more than the teaser."""
    if image is None or chosen is Preview.NONE:
        return NO_PREVIEW
    # spelled out: what is left out is taken from the bot's defaults, which show no preview
    if chosen is Preview.SMALL:
        return LinkPreviewOptions(is_disabled=False, url=image, prefer_small_media=True)
    return LinkPreviewOptions(is_disabled=False, url=image, prefer_large_media=True, show_above_text=True)


def _text(article: StoredArticle, site: Site, language: NullTranslations, *, member: bool) -> str:
    _ = language.gettext
    headline = f"<b>{_part(article.headline)}</b>"
    pitch = "" if member else f"🔒 {_part(site.pitch or _('This article is for subscribers.'))}"
    if article.premium and not article.teaser:
        return "\n\n".join(filter(None, (headline, pitch)))
    paragraphs = [headline]
    if article.teaser != article.headline:
        paragraphs.append(_part(article.teaser))
    paragraphs += [line for link in article.also_read if (line := _also_read(link, language))]
    if article.byline:
        paragraphs.append(f"<i>{_part(_('By {author}').format(author=isolated(article.byline)))}</i>")
    if article.premium:
        paragraphs.append(pitch)
    if article.topics:
        names = ", ".join(isolated(shortened(topic.name)) for topic in article.topics[:TOPICS_SHOWN])
        paragraphs.append(escape(_("Read more on these topics: {topics}").format(topics=names)))
    return "\n\n".join(filter(None, paragraphs))


def _also_read(link: Link, language: NullTranslations) -> str | None:
    url = marked(link.url)
    if url is None:
        return None
    linked = f'<a href="{escape(url)}">{_part(link.title)}</a>'
    return escape(language.gettext("Also read: {headline}")).format(headline=isolated(linked))


def _withdrawn(article: StoredArticle, language: NullTranslations) -> str:
    _ = language.gettext
    return f"<s>{_part(article.headline)}</s>\n\n{escape(_('This article has been withdrawn.'))}"


def _part(text: str) -> str:
    return escape(shortened(text, LONGEST_PART))


def _leads(alert: Alert, site: Site, language: NullTranslations) -> Rows:
    _ = language.gettext
    leads = {_("Read"): Lead.READ}
    if alert.article.premium and not alert.settings.member:
        leads = {_("Subscribe"): Lead.SUBSCRIBE, _("Already a member? Sign in"): Lead.SIGN_IN}
    elif alert.article.premium and site.sign_in_url:
        leads |= {_("Sign in"): Lead.SIGN_IN}
    row = [InlineKeyboardButton(label, url=url) for label, lead in leads.items() if (url := site.lead(lead, alert))]
    return [row] if row else []
