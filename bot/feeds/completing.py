"""Completing: what a page adds to the article that the feed told of, and whether it is premium after all."""

from dataclasses import replace

from bot import text
from bot.feeds.entries import MAX_TAGS
from bot.feeds.page_facts import PageFacts
from bot.feeds.premium import PremiumRules, Verdict, decide
from bot.feeds.teaser import teaser
from bot.model import Article


def complete(article: Article, page: PageFacts | None, rules: PremiumRules) -> tuple[Article, Verdict]:
    """The article with what the feed lacks, and why it is premium or free. Without a page the rules still hold.

    The feed's word goes before the page's, but for premium: there either is enough. Of an article that only its page
    knows as premium, everything goes that the feed's parser may have taken from the text; and of one whose page could
    not be read, which may be such a one.
    """
    verdict = _verdict(article, page, rules)
    turns_out_premium = verdict.premium and not article.premium
    if turns_out_premium or (page is None and article.teaser_from_content):
        kept = "" if article.teaser_from_content else article.teaser
        article = replace(article, premium=verdict.premium, teaser=kept, teaser_from_content=False, also_read=())
    if page is not None:
        standfirst = _standfirst(article, page)
        article = replace(
            article,
            teaser=standfirst or article.teaser,
            teaser_from_content=article.teaser_from_content and not standfirst,
            tags=_tags(article, page, rules),
            byline=article.byline or page.byline,
            image=article.image or page.image,
        )
    return article, verdict


def _verdict(article: Article, page: PageFacts | None, rules: PremiumRules) -> Verdict:
    links = [article.link, *([page.url] if page else [])]
    by_page = decide(rules, categories=page.tags if page else (), links=links, page=page)
    if not article.premium or decide(rules, links=[article.link]).premium:
        return by_page
    by_feed = f"the feed says category {' or '.join(rules.categories)}"
    return Verdict(True, by_feed if page is None else f"{by_feed}; {by_page.reason}")


def _standfirst(article: Article, page: PageFacts) -> str:
    """The page's own summary, where the feed gives none; it goes before the article's first sentences."""
    if not page.standfirst or (article.teaser and not article.teaser_from_content):
        return ""
    shown = teaser([page.standfirst], article.headline)
    return shown if text.key(shown) != text.key(article.headline) else ""


def _tags(article: Article, page: PageFacts, rules: PremiumRules) -> tuple[str, ...]:
    known = {text.key(name) for name in (*article.tags, *rules.categories)}
    more = [name for name in page.tags if text.key(name) not in known]
    return (*article.tags, *more)[:MAX_TAGS]
