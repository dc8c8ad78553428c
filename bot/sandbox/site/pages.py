"""The site's pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.sandbox.site.articles import Article, slug
from bot.sandbox.site.markup import Markup, el, join, void
from bot.sandbox.site.paywall import linked_data, paywall
from bot.topics.deep_links import payload

SECTIONS = ("World", "Politics", "Business", "Science", "Sport", "Culture")
NOTICE = "A sample site: the paper, its people and its news are invented, to show what Tagalong does."


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper on whose pages everything stands; ``base`` is its address without a slash at the end."""

    name: str
    about: str
    base: str
    follow: str | None = None
    """What a deep link to the bot begins with; without it the pages have none."""


def front_page(paper: Paper, articles: Sequence[Article]) -> str:
    """The newest article large, the others below it."""
    first, *others = articles
    lead = el("section", _card(first, "h2"), class_="lead")
    return page(paper, paper.name, el("main", lead, el("section", *map(_card, others), class_="cards")))


def list_page(paper: Paper, kind: str, name: str, articles: Sequence[Article]) -> str:
    """The articles of a tag or a category."""
    head = el("header", el("p", kind, class_="kicker"), el("h1", name), class_="list-head")
    return page(paper, name, el("main", head, el("section", *map(_card, articles), class_="cards")))


def article_page(paper: Paper, article: Article, latest: Sequence[Article]) -> str:
    """An article: whole when it is free, else as far as the paywall."""
    story = article.story
    rest = paywall(story, paper.name) if story.premium else join(*map(_paragraph, story.paragraphs))
    content = el(
        "article",
        el("p", *_section(article), class_="kicker"),
        el("h1", story.headline),
        el("p", story.teaser, class_="teaser"),
        el("p", "By ", el("strong", story.byline), " · ", _time(article), class_="byline"),
        void("img", src=article.picture, alt="", class_="picture"),
        el("div", rest, class_="text"),
        _topics(paper, story.tags),
        class_="story",
    )
    more = el("aside", el("h2", "Latest"), *(_card(other) for other in latest if other != article), class_="latest")
    return page(paper, story.headline, el("main", content, more), _article_head(paper, article))


def subscribe_page(paper: Paper) -> str:
    """Where *Subscribe* leads."""
    offer = el("p", el("strong", "One month free,"), " then as much as a cup of coffee a week.", class_="teaser")
    words = "On a real site this is where a reader would become a subscriber. Here nothing is sold, and nothing asked."
    return _plain_page(paper, "Subscribe", f"Read all of {paper.name}", offer, words)


def sign_in_page(paper: Paper) -> str:
    """Where *Sign in* leads."""
    welcome = el("p", "Welcome back.", class_="teaser")
    words = "On a real site this is where members sign in. This sample knows no members and asks for no password."
    return _plain_page(paper, "Sign in", "Already a member?", welcome, words)


def missing_page(paper: Paper) -> str:
    """For an address that leads nowhere."""
    sorry = el("p", "There is nothing at this address.", class_="teaser")
    return _plain_page(paper, "Not found", "Page not found", sorry, "The article may not have been published yet.")


def page(paper: Paper, title: str, content: Markup, head: Markup | None = None) -> str:
    """A whole page, with the paper's head and foot."""
    shown = title if title == paper.name else f"{title} – {paper.name}"
    links = (el("a", name, href=f"/category/{slug(name)}/") for name in SECTIONS)
    actions = (el("a", "Sign in", href="/sign-in/"), el("a", "Subscribe", href="/subscribe/", class_="button"))
    document = el(
        "html",
        el(
            "head",
            void("meta", charset="utf-8"),
            void("meta", name="viewport", content="width=device-width, initial-scale=1"),
            void("meta", name="color-scheme", content="light dark"),
            el("title", shown),
            void("link", rel="stylesheet", href="/style.css"),
            void("link", rel="icon", href="data:,"),
            void("link", rel="alternate", type="application/rss+xml", title=paper.name, href=f"{paper.base}/feed/"),
            head or Markup(),
        ),
        el(
            "body",
            el("p", NOTICE, class_="notice"),
            el(
                "header",
                el("div", el("span", paper.about, class_="motto"), el("span", *actions, class_="actions")),
                el("a", paper.name, href="/", class_="name"),
                el("nav", *links, aria_label="Sections"),
                class_="masthead",
            ),
            content,
            el("footer", el("p", paper.name, class_="name"), el("p", NOTICE)),
        ),
        lang="en-GB",
    )
    return f"<!DOCTYPE html>\n{document}\n"


def _plain_page(paper: Paper, title: str, heading: str, lead: Markup, words: str) -> str:
    back = el("p", el("a", "Back to the news", href="/", class_="button"))
    content = el("article", el("h1", heading), lead, el("p", words), back, class_="story plain")
    return page(paper, title, el("main", content))


def _card(article: Article, heading: str = "h3") -> Markup:
    story = article.story
    return el(
        "article",
        el("p", *_section(article), class_="kicker"),
        el(heading, el("a", story.headline, href=article.path)),
        el("p", story.teaser),
        el("p", story.byline, " · ", _time(article), class_="byline"),
        class_="card",
    )


def _section(article: Article) -> tuple[Markup, ...]:
    name = article.story.section
    section = el("a", name, href=f"/category/{slug(name)}/")
    return (section, el("span", "Premium", class_="badge")) if article.story.premium else (section,)


def _paragraph(text: str) -> Markup:
    return el("p", text, class_="also" if text.startswith("ALSO READ") else None)


def _topics(paper: Paper, tags: Sequence[str]) -> Markup:
    links = (el("li", el("a", tag, href=f"/tag/{slug(tag)}/", rel="tag"), *_follow(paper, tag)) for tag in tags)
    return el("section", el("h2", "Read more on these topics"), el("ul", *links), class_="topics")


def _follow(paper: Paper, tag: str) -> Iterator[Markup]:
    """The link by which a reader follows the tag on Telegram."""
    if paper.follow is not None:
        label = f"Follow {tag} on Telegram"
        yield el("a", "+", href=f"{paper.follow}{payload(tag)}", title=label, aria_label=label, class_="follow")


def _time(article: Article) -> Markup:
    at = article.published_at
    return el("time", f"{at.day} {at:%B %Y, %H:%M} UTC", datetime=at.isoformat())


def _article_head(paper: Paper, article: Article) -> Markup:
    story, link = article.story, paper.base + article.path
    properties = {
        "og:type": "article",
        "og:site_name": paper.name,
        "og:title": story.headline,
        "og:description": story.teaser,
        "og:url": link,
        "og:image": paper.base + article.picture,
        "article:published_time": article.published_at.isoformat(),
        "article:section": story.section,
        "article:content_tier": "locked" if story.premium else "free",
    }
    return join(
        void("link", rel="canonical", href=link),
        void("meta", name="description", content=story.teaser),
        void("meta", name="author", content=story.byline),
        *(void("meta", property=name, content=value) for name, value in properties.items()),
        *(void("meta", property="article:tag", content=tag) for tag in story.tags),
        linked_data(paper.name, link, article),
    )
