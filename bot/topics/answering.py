"""The streams of ``python -m bot match``: articles in, answers out, complaints and progress beside them."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from bot.errors import TopicsUnusable
from bot.topics.offline import (
    MAX_LINE,
    Complaint,
    OfflineMatcher,
    Record,
    read_articles,
    read_topics,
)
from bot.topics.reasons import Scope, Why


class Answering:
    """One run of the command. ``failed`` says whether anything had to be skipped."""

    def __init__(self, *, explain: bool = False) -> None:
        self.failed = False
        self._explain = explain
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

    def prepare(self, topics: Path, scope: Scope) -> OfflineMatcher:
        """A matcher of the topics in a file. Raises TopicsUnusable if it has none."""
        names, complaints = read_topics(topics)
        for complaint in complaints:
            self._complain(complaint)
        return OfflineMatcher(names, scope)

    def learn(self, matcher: OfflineMatcher, tagged: Path) -> None:
        """Learn from a file of tagged articles. Raises TopicsUnusable if it cannot be read."""
        try:
            with tagged.open("rb") as stream:
                for record in self._records(stream, str(tagged), "learned"):
                    matcher.learn(record)
        except OSError as error:
            raise TopicsUnusable(f"The tagged articles {tagged} cannot be read: {error.strerror}") from error

    def answer(
        self, matcher: OfflineMatcher, articles: BinaryIO, answers: BinaryIO, match: Callable[[Record], tuple[Why, ...]]
    ) -> None:
        """Answer one article after the other, each as soon as it is read; end quietly when nobody listens any more."""
        try:
            for record in self._records(articles, "the input", "matched"):
                answers.write(_line(matcher.answer(record, match(record), explain=self._explain)))
                answers.flush()
        except BrokenPipeError:
            # What is left in the buffer must go somewhere when Python ends.
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())

    def _records(self, stream: BinaryIO, source: str, verb: str) -> Iterator[Record]:
        with self._progress() as progress:
            task: TaskID = progress.add_task(verb, total=None)
            for found in read_articles(_lines(stream), source):
                if isinstance(found, Complaint):
                    self._complain(found)
                elif found:
                    yield found
                    progress.advance(task)

    def _progress(self) -> Progress:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.completed:,.0f} articles {task.description}"),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self._errors, disable=not self._errors.is_terminal)

    def _complain(self, complaint: Complaint) -> None:
        self.failed = True
        self._errors.print(complaint.sentence)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream. Of one that is too long only so much that this can be seen."""
    while line := stream.readline(MAX_LINE + 1):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE + 1)


def _line(answer: dict[str, Any]) -> bytes:
    try:
        return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # an id may hold half a character, which JSON can write and UTF-8 cannot
        return json.dumps(answer).encode() + b"\n"
