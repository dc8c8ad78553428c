"""``python -m bot match``: the matcher on files, one article a line, in bounded memory.

Everything here is pure but for the files: lines come in, answers and complaints go out.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bot.errors import TopicError, TopicsUnusable
from bot.model import Topic
from bot.topics import countries, query
from bot.topics.learning import Learner, Reading, Verdict
from bot.topics.matching import Matcher
from bot.topics.reasons import Scope, Why
from bot.topics.subject import Subject

MAX_TAGS = 500
MAX_CHARACTERS = {"title": 2_000, "teaser": 20_000, "body": 1_000_000}
"""What is read of each part; no news is longer."""
MAX_LINE = 8_000_000
"""Bytes of a line."""


class Complaint(NamedTuple):
    """What is wrong with a line, in a sentence that names it."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Record:
    """An article as a line has it."""

    id: str | int
    subject: Subject


def read_topics(path: Path) -> tuple[list[str], list[Complaint]]:
    """The topics of a file, one a line, and what is wrong with those that cannot be one. Raises TopicsUnusable."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise TopicsUnusable(f"The topics file {path} cannot be read: {reason}") from error
    topics, complaints = [], []
    for number, line in enumerate(lines, 1):
        if name := line.strip():
            try:
                query.parse(name)
            except TopicError as error:
                complaints.append(Complaint(f"Line {number} of {path} is no topic: {error}"))
            else:
                topics.append(name)
    if not topics:
        why = "".join(f". {complaint.sentence}" for complaint in complaints[:1])
        raise TopicsUnusable(f"The topics file {path} names no topic; it holds one a line{why}")
    return topics, complaints


def read_articles(lines: Iterable[bytes], source: str) -> Iterator[Record | Complaint | None]:
    """Of each line its article, or what is wrong with it; None for an empty one."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            yield None
            continue
        if len(line) > MAX_LINE:
            yield Complaint(f"Line {number} of {source} is skipped: it is longer than {MAX_LINE:,} bytes")
            continue
        try:
            yield _record(json.loads(line))
        except (ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, _WrongField) else "it is no JSON"
            yield Complaint(f"Line {number} of {source} is skipped: {reason}")


class OfflineMatcher:
    """Matches articles against topics as they are written, and learns from their tags where it is told to."""

    def __init__(self, topics: Iterable[str], scope: Scope = Scope.HEADLINE) -> None:
        self._scope = scope
        self._names: dict[int, list[str]] = {}
        numbers: dict[str, int] = {}
        known = []
        for name in topics:
            key = query.key(name)
            number = numbers.setdefault(key, len(numbers) + 1)
            self._names.setdefault(number, []).append(name)
            known.append(Topic(number, key, name))
        self._learner = Learner(countries.aliases)
        self._learned = False
        self._matcher = Matcher(known, learner=self._learner)

    def learn(self, record: Record) -> None:
        """Learn from an article's tags."""
        reading, verdicts = self._judge(record.subject)
        self._learn(record.subject, reading, verdicts)

    def match(self, record: Record) -> tuple[Why, ...]:
        """Why the article is about which of the topics."""
        if not self._learned or self._scope is Scope.TAGS:
            return self._matcher.explain(record.subject, self._scope, ())
        return self._matcher.explain(record.subject, self._scope, self._judge(record.subject)[1])

    def match_then_learn(self, record: Record) -> tuple[Why, ...]:
        """The same without a look at the article's tags, which are then learned."""
        subject = record.subject
        reading, verdicts = self._judge(subject)
        untagged = Subject(subject.headline, subject.teaser, subject.body, (), subject.byline, subject.section)
        whys = self._matcher.explain(untagged, self._scope, () if self._scope is Scope.TAGS else verdicts)
        self._learn(subject, reading, verdicts)
        return whys

    def answer(self, record: Record, whys: Iterable[Why], *, explain: bool) -> dict[str, Any]:
        """The line that answers an article: its topics as they were written, and why, if that is asked."""
        whys = sorted(whys, key=lambda why: why.topic)
        answer: dict[str, Any] = {"id": record.id, "topics": [name for why in whys for name in self._names[why.topic]]}
        if explain:
            answer["why"] = [self._why(why) for why in whys]
        return answer

    def _why(self, why: Why) -> dict[str, Any]:
        return {
            "topic": self._names[why.topic][0],
            "where": why.where.value,
            "words": list(why.words),
            "because": why.because.value,
            "sure": round(why.sureness, 2),
        }

    def _judge(self, subject: Subject) -> tuple[Reading, list[Verdict]]:
        headline, teaser = (passage.words for passage in subject.passages(Scope.HEADLINE))
        reading = self._learner.read(headline, teaser)
        return reading, self._learner.judge(reading)

    def _learn(self, subject: Subject, reading: Reading, verdicts: Iterable[Verdict]) -> None:
        self._learner.learn(reading, verdicts, list(subject.tag_keys)[:MAX_TAGS])
        self._learned = True


class _WrongField(ValueError):
    pass


def _record(value: object) -> Record:
    if not isinstance(value, dict):
        raise _WrongField("it is no JSON object")
    identity = value.get("id")
    if not isinstance(identity, (str, int)) or isinstance(identity, bool):
        raise _WrongField('its "id" must be a text or a number')
    if "title" not in value:
        raise _WrongField('it has no "title"')
    title, teaser, body = (_text(value, name) for name in MAX_CHARACTERS)
    tags = value.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise _WrongField('its "tags" must be a list of texts')
    byline, section = (value[name] if isinstance(value.get(name), str) else "" for name in ("author", "section"))
    return Record(identity, Subject(title, teaser, body, tuple(tags[:MAX_TAGS]), byline, section))


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name) or ""
    if not isinstance(found, str):
        raise _WrongField(f'its "{name}" must be a text')
    return found[: MAX_CHARACTERS[name]]
