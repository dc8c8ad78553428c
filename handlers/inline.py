"""Inline mode: in any chat, the bot's name and some words give the newest articles on them, to be shared there."""

import re
from collections.abc import Sequence

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.error import BadRequest

from bot import text
from bot.alerts.message import show
from bot.language import Language, translation
from bot.model import Alert, StoredArticle, Topic
from bot.store import articles, chats, latest
from bot.store.latest import Shelf
from bot.telegram.buttons import in_rows, shortened
from bot.telegram.patience import Verdict
from bot.topics.deep_links import link, payload
from handlers.turn import Context, Desk

PAGE = 20
CACHED_SECONDS = 60
TOPICS_OFFERED = 4
MAX_DESCRIPTION = 150


async def answer(update: Update, context: Context, desk: Desk) -> None:
    """Answer what somebody types behind the bot's name; without words, with the newest articles of all.

    What is shared is seen by others: it is what an alert says to who is no member, with links to follow its topics.
    """
    query = update.inline_query
    if query is None or desk.typing.ask(query.from_user.id, desk.clock()) is not Verdict.ANSWER:
        return
    await desk.catalogue.catch_up(desk.database)
    async with desk.database.read() as connection:
        chosen = await chats.language(connection, query.from_user.id)
        spoken = chosen or query.from_user.language_code
        language = translation(spoken)
        topic, shelf = _subject(desk, query.query, spoken)
        before = int(query.offset) if re.fullmatch("[0-9]{1,18}", query.offset) else None  # clients send what they like
        found = await latest.page(connection, shelf, before, PAGE)
        shown = await articles.get(connection, found)
    results = [_result(shown[number], desk, language, context.bot.username) for number in found]
    try:
        await query.answer(
            results,
            cache_time=CACHED_SECONDS,
            is_personal=True,  # it is in the reader's language
            next_offset=str(found[-1]) if len(found) == PAGE else None,
            button=_button(topic, language),
        )
    except BadRequest:  # too late: who typed has typed on
        return


def _subject(desk: Desk, words: str, language: str | None) -> tuple[Topic | None, Shelf]:
    """The topic that is meant, or comes nearest while it is still being typed, and its articles."""
    key = text.key(words)
    if not key:
        return None, Shelf()
    found = desk.catalogue.find(words, language)
    topic = found.clear or next((near.topic for near in found.near), None)
    saying = desk.catalogue.recent.saying(topic.key if topic else key)
    return topic, Shelf(topic.id if topic else None, saying)


def _result(article: StoredArticle, desk: Desk, language: Language, bot: str) -> InlineQueryResultArticle:
    everything = frozenset(topic.id for topic in article.topics)
    message = show(Alert(0, 0, language.tag, article, everything, attempts=0), desk.site, language)
    rows = [*message.keyboard.inline_keyboard, *in_rows(_follow(article.topics[:TOPICS_OFFERED], bot))]
    return InlineQueryResultArticle(
        str(article.id),
        article.headline,
        InputTextMessageContent(message.text, link_preview_options=message.preview),
        InlineKeyboardMarkup(rows),
        description=shortened(f"🔒 {article.teaser}" if article.premium else article.teaser, MAX_DESCRIPTION),
        thumbnail_url=article.image,
    )


def _follow(topics: Sequence[Topic], bot: str) -> list[InlineKeyboardButton]:
    """Links and no chips: whoever sees the message follows for oneself."""
    return [InlineKeyboardButton(f"+ {shortened(topic.name)}", url=link(bot, topic.name)) for topic in topics]


def _button(topic: Topic | None, language: Language) -> InlineQueryResultsButton | None:
    """Above the results: the way to follow what was typed."""
    if topic is None:
        return None
    label = language.gettext("Follow {topic}").format(topic=shortened(topic.name))
    return InlineQueryResultsButton(label, start_parameter=payload(topic.name))
