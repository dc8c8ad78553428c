"""What stands between a reader and a premium article, and how the page says so to machines.

https://developers.google.com/search/docs/appearance/structured-data/paywalled-content
"""

import json
from typing import Any

from bot.sandbox.site.articles import Article, Story
from bot.sandbox.site.markup import Markup, el, join, script

PITCH = "Good reporting takes time. Read this article and everything else, the first month free."


def paywall(story: Story, name: str) -> Markup:
    """The first lines, which fade out, and the way on for those who subscribe or are members."""
    return join(
        el("p", story.first_lines, " …", class_="fading"),
        el(
            "section",
            el("h2", f"Go on reading with {name}"),
            el("p", PITCH),
            el("p", el("a", "Subscribe", href="/subscribe/", class_="button")),
            el("p", "Already a member? ", el("a", "Sign in", href="/sign-in/")),
            class_="paywall",
            aria_label="For subscribers",
        ),
    )


def linked_data(name: str, link: str, article: Article) -> Markup:
    """The article as JSON-LD."""
    story = article.story
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.headline,
        "description": story.teaser,
        "datePublished": article.published_at.isoformat(),
        "author": [{"@type": "Person", "name": story.byline}],
        "publisher": {"@type": "NewsMediaOrganization", "name": name},
        "mainEntityOfPage": link,
        "articleSection": story.section,
        "keywords": list(story.tags),
        "isAccessibleForFree": not story.premium,
    }
    if story.premium:
        about["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"}
    return script(json.dumps(about, ensure_ascii=False))
