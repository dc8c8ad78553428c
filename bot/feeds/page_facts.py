"""What an article's page says of the article: to machines, in its head and its JSON-LD; never its text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says; everything is plain text and bounded, and None or empty where the page does not say."""

    url: str
    """The address that answered, after redirects."""
    tags: tuple[str, ...] = ()
    free: bool | None = None
    """What its JSON-LD says of ``isAccessibleForFree``."""
    byline: str | None = None
    image: str | None = None
    standfirst: str | None = None
    metas: tuple[tuple[str, str], ...] = ()
    """Its short meta tags, name and content, by which it may be known as premium."""

    def meta(self, name: str) -> tuple[str, ...]:
        """The contents of its meta tags of this name, in any case."""
        return tuple(content for its_name, content in self.metas if its_name == name.lower())
