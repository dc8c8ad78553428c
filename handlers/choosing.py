"""Which topics the names stand for that a reader asks for: tags, queries, plain words, or a question back."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.model import Topic
from bot.store import topics
from bot.topics import grammar, query
from bot.topics.catalogue import MAX_OFFERED, Catalogue, Found, offered
from bot.topics.reasons import Scope
from handlers.turn import Turn

MAX_OFFERED_IN_ALL = 24
"""Chips in one question about several names."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A topic to follow; ``tag`` where it is one of the site's, ``is_query`` where it is more than plain words."""

    key: str
    name: str
    tag: bool = False
    is_query: bool = False
    scope: Scope = Scope.HEADLINE

    @classmethod
    def of_tag(cls, tag: Topic, catalogue: Catalogue) -> "Wish":
        """A tag that is wanted; of one that is a word of every day only the tag counts."""
        scope = Scope.TAGS if catalogue.says_nothing(tag.key) else Scope.HEADLINE
        return cls(tag.key, tag.name, tag=True, scope=scope)


@dataclass(slots=True)
class Chosen:
    """What is clear, what is not, with the tags that may be meant, and what no topic can be made of."""

    wishes: list[Wish] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    offered: list[Topic] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


async def choose(turn: Turn, names: Iterable[str], *, as_words: bool = False) -> Chosen:
    """Find what each name stands for; ``as_words``: nothing but itself. Names must be such as ``query.parse`` takes."""
    chosen = Chosen()
    unclear: dict[str, Found] = {}
    catalogue = await turn.catalogue()
    for name in names:
        found = Found() if as_words else catalogue.find(name, turn.spoken)
        _choose(catalogue, name, found, chosen, unclear)
    chosen.unclear = list(unclear)
    chosen.wishes = list({wish.key: wish for wish in chosen.wishes}.values())
    if unclear:
        chosen.offered = await _offered(turn, unclear.values())
    return chosen


def _choose(catalogue: Catalogue, name: str, found: Found, chosen: Chosen, unclear: dict[str, Found]) -> None:
    node = query.parse(name)
    plain = isinstance(node, grammar.Words) and not node.exact
    vague = any(
        isinstance(term, grammar.Words) and not term.capitals and catalogue.says_nothing(term.key)
        for term in grammar.required(node) or ()
    )
    if plain and found.clear is not None:
        scope = Scope.TAGS if vague else Scope.HEADLINE
        chosen.wishes.append(Wish(found.clear.key, found.clear.name, tag=True, scope=scope))
    elif vague:
        chosen.empty.append(name)
    elif plain and found.near:
        unclear[name] = found
    else:
        chosen.wishes.append(Wish(query.key(name), name, is_query=not plain))


async def _offered(turn: Turn, unclear: Iterable[Found]) -> list[Topic]:
    unclear = list(unclear)
    each = max(2, min(MAX_OFFERED, MAX_OFFERED_IN_ALL // len(unclear)))
    ids = {near.topic.id for found in unclear for near in found.near}
    async with turn.desk.database.read() as connection:
        used = await topics.used(connection, ids)
    return list(dict.fromkeys(topic for found in unclear for topic in offered(found, used)[:each]))
