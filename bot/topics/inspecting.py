"""``python -m bot topics``: what the bot knows of each topic, for who wants to see it and overrule it in SITE_FILE."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import text
from bot.site_file import Topics
from bot.store import newsroom
from bot.store import topics as topic_store
from bot.store.database import Database
from bot.store.topics import Tag
from bot.topics import countries, naming
from bot.topics.evidence import Evidence, Kind
from bot.topics.learning import Learner
from bot.topics.studying import Student

MOST_LEARNED = 10
"""Words that are shown of those learned for a topic."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of one topic."""

    tag: Tag
    followers: int
    from_site: tuple[str, ...]
    of_country: tuple[str, ...]
    learned: tuple[Evidence, ...]


async def show(database: Database, said: Topics, name: str, *, as_json: bool) -> bool:
    """Print the topics that have these words in their name, all without any; whether there are some."""
    student = Student(Learner(naming.called(said.aliases, said.language), naming.pairs(said.not_aliases)))
    await student.catch_up(database)
    async with database.read() as connection:
        followers = await newsroom.followers(connection)
        found = await topic_store.inspect(connection)
    wanted = [tag for tag in found if _is_asked(tag, text.key(name)) and (tag.spellings or tag.topic.id in followers)]
    learned = student.learner.known([tag.topic.key for tag in wanted])
    lines = [_line(tag, followers.get(tag.topic.id, 0), said, learned[tag.topic.key]) for tag in wanted]
    if not lines:
        typer.echo(f"No topic has {name!r} in its name" if name else "There are no topics yet", err=True)
    elif as_json:
        for line in lines:
            typer.echo(json.dumps(_facts(line), ensure_ascii=False))
    else:
        Console().print(_table(lines))
    return bool(lines)


def _is_asked(tag: Tag, key: str) -> bool:
    return not key or f" {key} " in f" {tag.topic.key} "


def _line(tag: Tag, followers: int, said: Topics, evidence: Sequence[Evidence]) -> Line:
    key = tag.topic.key
    given = [other for name, others in said.aliases.items() if text.key(name) == key for other in others]
    never = naming.pairs(said.not_aliases)
    built_in = sorted(other for other in countries.aliases(key, (said.language,)) if (other, key) not in never)
    learned = [each for each in evidence if each.kind in {Kind.LEARNED, Kind.LAST_NAME}]
    return Line(tag, followers, tuple(given), tuple(built_in), tuple(learned[:MOST_LEARNED]))


def _facts(line: Line) -> dict[str, object]:
    tag = line.tag
    return {
        "topic": tag.topic.name,
        "spellings": list(tag.spellings),
        "articles": tag.articles,
        "last": tag.last_at.isoformat() if tag.last_at else None,
        "followers": line.followers,
        "aliases": list(line.from_site),
        "country": list(line.of_country),
        "learned": [
            {"words": each.words, "as": each.kind.value, "weight": round(each.weight, 2)} for each in line.learned
        ],
    }


def _table(lines: Iterable[Line]) -> Table:
    table = Table(
        "topic", "articles", "last", "followers", "also called", "learned words, and how strong", show_lines=True
    )
    for line in lines:
        tag = line.tag
        learned = ", ".join(f"{each.words} {each.weight:+.1f}" for each in line.learned)
        called = ", ".join((*line.from_site, *line.of_country))
        names = "\n".join(dict.fromkeys((tag.topic.name, *tag.spellings)))
        row = (names, str(tag.articles), _day(tag.last_at), str(line.followers), called, learned)
        table.add_row(*map(Text, row))
    return table


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
