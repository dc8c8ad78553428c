"""The alert as the reader sees it: a pure function from an article to text and buttons.

Everything that comes from the feed is escaped here, where the message is built. The text is in Telegram's HTML,
https://core.telegram.org/bots/api#html-style.
"""

from dataclasses import dataclass
from gettext import NullTranslations
from html import escape

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.alerts.links import marked
from bot.model import Alert, Link, StoredArticle
from bot.telegram.buttons import chips, shortened

TOPICS_SHOWN = 10
"""Topics named in the text; an article can have many more than anyone reads."""
CHIPS_SHOWN = 6
LONGEST_PART = 350
"""Characters of each part of the text: more than a headline or a teaser has, and in sum within Telegram's 4096."""


@dataclass(frozen=True, slots=True)
class Site:
    """What an alert needs to know of the site."""

    subscribe_url: str | None = None
    sign_in_url: str | None = None
    pitch: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready for Telegram."""

    text: str
    keyboard: InlineKeyboardMarkup


def render(alert: Alert, site: Site, language: NullTranslations) -> Message:
    """The alert's message: teaser, topics, and the buttons that lead to the article or to subscribing."""
    article = alert.article
    if article.withdrawn:
        return Message(_withdrawn(article, language), InlineKeyboardMarkup([]))
    others = [topic for topic in article.topics if topic.id not in alert.followed]
    rows = [*_leads(article, site, language), *chips(others[:CHIPS_SHOWN])]
    return Message(_text(article, site, language), InlineKeyboardMarkup(rows))


def _text(article: StoredArticle, site: Site, language: NullTranslations) -> str:
    _ = language.gettext
    headline = f"<b>{_part(article.headline)}</b>"
    pitch = f"🔒 {_part(site.pitch or _('This article is for subscribers.'))}"
    if article.premium and not article.teaser:
        return f"{headline}\n\n{pitch}"
    paragraphs = [headline]
    if article.teaser != article.headline:
        paragraphs.append(_part(article.teaser))
    paragraphs += [line for link in article.also_read if (line := _also_read(link, language))]
    if article.byline:
        paragraphs.append(f"<i>{_part(_('By {author}').format(author=article.byline))}</i>")
    if article.premium:
        paragraphs.append(pitch)
    if article.topics:
        names = ", ".join(shortened(topic.name) for topic in article.topics[:TOPICS_SHOWN])
        paragraphs.append(escape(_("Read more on these topics: {topics}").format(topics=names)))
    return "\n\n".join(filter(None, paragraphs))


def _also_read(link: Link, language: NullTranslations) -> str | None:
    url = marked(link.url)
    if url is None:
        return None
    linked = f'<a href="{escape(url)}">{_part(link.title)}</a>'
    return escape(language.gettext("Also read: {headline}")).format(headline=linked)


def _withdrawn(article: StoredArticle, language: NullTranslations) -> str:
    _ = language.gettext
    return f"<s>{_part(article.headline)}</s>\n\n{escape(_('This article has been withdrawn.'))}"


def _part(text: str) -> str:
    return escape(shortened(text, LONGEST_PART))


def _leads(article: StoredArticle, site: Site, language: NullTranslations) -> list[list[InlineKeyboardButton]]:
    _ = language.gettext
    links = {_("Read"): article.link}
    if article.premium:
        links = {
            _("Subscribe"): site.subscribe_url or article.link,
            _("Already a member? Sign in"): site.sign_in_url or article.link,
        }
    row = [InlineKeyboardButton(label, url=url) for label, link in links.items() if (url := marked(link))]
    return [row] if row else []
