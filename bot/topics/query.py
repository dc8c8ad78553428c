"""What a reader's words ask for: pure rules from text to topic names."""

from bot import text
from bot.errors import TopicEmpty, TopicTooLong

MAX_CHARACTERS = 100
"""The longest topic: longer than any name or title that people follow."""
MAX_WORDS = 15
MAX_TOPICS = 20
"""As many topics as one message may name."""


def split(words: str) -> list[str]:
    """The topics in a reader's words, separated by commas or line breaks, each asked for once, in their order."""
    parts = (" ".join(part.split()) for part in words.replace("\n", ",").split(","))
    return list({text.key(part) or part: part for part in parts if part}.values())


def check(name: str) -> str:
    """The name again, if it can be a topic. Raises TopicEmpty or TopicTooLong if it cannot."""
    words = text.tokens(name)
    if len(name) > MAX_CHARACTERS or len(words) > MAX_WORDS:
        raise TopicTooLong(f"A topic may have {MAX_CHARACTERS} characters and {MAX_WORDS} words")
    if not words:
        raise TopicEmpty(f"{name!r} has no letter and no digit, so no article could match it")
    return name
