"""The site's articles: read from ``articles/``, and dated when they are published.

A file is a head of ``Name: value`` lines, an empty line, and paragraphs with empty lines between them.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).with_name("articles")
PREMIUM = "Premium"
"""The category of articles for subscribers."""
FIRST_ID = 4200
WORDS_SHOWN = 24
"""Words of a premium article that fade out above its paywall."""

_FIELDS = ("Headline", "Byline", "Section", "Tags", "Premium", "Teaser")


@dataclass(frozen=True)
class Story:
    """An article as the newsroom has written it."""

    name: str
    headline: str
    byline: str
    section: str
    tags: tuple[str, ...]
    premium: bool
    teaser: str
    paragraphs: tuple[str, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """The section, and *Premium* where it is."""
        return (self.section, PREMIUM) if self.premium else (self.section,)

    @cached_property
    def slug(self) -> str:
        """The headline as it stands in the address."""
        return slug(self.headline)

    @property
    def first_lines(self) -> str:
        """What a reader without a subscription sees of the text itself."""
        return " ".join(self.paragraphs[0].split()[:WORDS_SHOWN])


@dataclass(frozen=True, slots=True)
class Article:
    """A story that has been published."""

    id: int
    story: Story
    published_at: datetime

    @property
    def path(self) -> str:
        """Its page on the site."""
        return f"/{self.published_at:%Y/%m/%d}/{self.story.slug}/"

    @property
    def picture(self) -> str:
        """Its picture on the site."""
        return f"/pictures/{self.id}.svg"


def load_stories(folder: Path = FOLDER) -> tuple[Story, ...]:
    """All stories, in the order of publication. Raises ValueError, naming the file, where one is not as it must be."""
    return tuple(read_story(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.txt")))


def read_story(name: str, text: str) -> Story:
    """Read one file's text. Raises ValueError, naming the file and what is missing."""
    head, _, body = text.strip().partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    missing = [field for field in _FIELDS if not fields.get(field)]
    if missing or not body:
        raise ValueError(f"{name}: {', '.join(missing) or 'the text'} is missing")
    return Story(
        name=name,
        headline=fields["Headline"],
        byline=fields["Byline"],
        section=fields["Section"],
        tags=tuple(tag.strip() for tag in fields["Tags"].split(",")),
        premium=fields["Premium"] == "yes",
        teaser=fields["Teaser"],
        paragraphs=tuple(re.split(r"\n{2,}", body)),
    )


def slug(name: str) -> str:
    """A name as it stands in an address."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
