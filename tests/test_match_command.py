"""``python -m bot match`` as a process: lines in, lines out."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.process import ROOT

ARTICLES: list[dict[str, Any]] = [
    {"id": "a", "title": "North Korea fires a missile", "tags": ["North Korea"]},
    {"id": 2, "title": "Weather", "teaser": "Rain, says Vladimir Putin", "body": "A trade war"},
    {"id": "c", "title": "Weather again", "tags": ["NORTH-KOREA"]},
]


def run(arguments: list[str], articles: bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "COVERAGE_PROCESS_CONFIG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "bot", "match", *arguments],
        input=articles,
        capture_output=True,
        cwd=ROOT,
        env={**environment, "COLUMNS": "40"},
        check=False,
    )


def lines(articles: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(article).encode() + b"\n" for article in articles)


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    path = tmp_path / "topics.txt"
    path.write_text("North Korea\n\nputin OR rain\nTrade  War\nnorth-korea\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("tags", [["North Korea", "north-korea"], [], ["North Korea", "north-korea"]]),
        ("headline", [["North Korea", "north-korea"], ["putin OR rain"], ["North Korea", "north-korea"]]),
        ("anywhere", [["North Korea", "north-korea"], ["putin OR rain", "Trade  War"], ["North Korea", "north-korea"]]),
    ],
)
def test_each_article_is_answered_with_the_topics_as_they_are_written(
    topics: Path, scope: str, expected: list[list[str]]
) -> None:
    done = run(["--topics", str(topics), "--scope", scope], lines(ARTICLES))
    assert done.returncode == 0, done.stderr
    assert answers(done) == [
        {"id": article["id"], "topics": names} for article, names in zip(ARTICLES, expected, strict=True)
    ]
    assert done.stderr == b""


def test_online_no_article_is_matched_by_its_own_tags(topics: Path) -> None:
    done = run(["--topics", str(topics), "--online"], lines(ARTICLES))
    assert [answer["topics"] for answer in answers(done)] == [["North Korea", "north-korea"], ["putin OR rain"], []]


@pytest.mark.parametrize("way", ["--learn", "--online"])
def test_what_words_stand_for_is_learned_and_explained(topics: Path, tmp_path: Path, way: str) -> None:
    beats = (("Pyongyang", "North Korea"), ("Scrum", "Rugby"), ("Levy", "Budget"), ("Gown", "Fashion"))
    tagged = [{"id": n, "title": f"{beats[n % 4][0]} n{n}", "tags": [beats[n % 4][1]]} for n in range(80)]
    news = {"id": "new", "title": "Sirens in Pyongyang"}
    if way == "--learn":
        (tmp_path / "tagged.jsonl").write_bytes(lines(tagged))
        done = run(["--topics", str(topics), "--learn", str(tmp_path / "tagged.jsonl"), "--explain"], lines([news]))
    else:
        done = run(["--topics", str(topics), "--online", "--explain"], lines([*tagged, news]))
    answer = answers(done)[-1]
    assert answer["topics"] == ["North Korea", "north-korea"]
    (why,) = answer["why"]
    assert 0.5 < why.pop("sure") < 1
    assert why == {"topic": "North Korea", "where": "headline", "words": ["pyongyang"], "because": "learned"}


BAD_LINES = (
    (b"not json", "it is no JSON"),
    (b"[1]", "it is no JSON object"),
    (b'{"title": "x"}', 'its "id" must be a text or a number'),
    (b'{"id": true, "title": "x"}', 'its "id" must be'),
    (b'{"id": 1}', 'it has no "title"'),
    (b'{"id": 1, "title": 5}', 'its "title" must be a text'),
    (b'{"id": 1, "title": "x", "tags": "y"}', 'its "tags" must be a list of texts'),
    (b'{"id": 1, "title": "x", "tags": [1]}', 'its "tags" must be a list of texts'),
    (b'{"id": 1, "title": "\xff"}', "it is no JSON"),
    (b"[" * 100_000, "it is no JSON"),
    (b'{"id": 1, "title": "' + b"x" * 8_000_001, "longer than"),
)


def test_bad_lines_are_named_and_the_rest_goes_on(topics: Path) -> None:
    bad = b"".join(line + b"\n" for line, _ in BAD_LINES)
    done = run(["--topics", str(topics)], lines(ARTICLES[:1]) + b"\n" + bad + lines(ARTICLES[1:]))
    assert done.returncode == 1
    assert [answer["id"] for answer in answers(done)] == ["a", 2, "c"]
    said = done.stderr.decode().splitlines()
    for number, (sentence, (_, expected)) in enumerate(zip(said, BAD_LINES, strict=True), 3):
        assert sentence.startswith(f"Line {number} of the input is skipped: ")
        assert expected in sentence


def test_a_line_that_is_no_topic_is_named_and_the_others_count(topics: Path) -> None:
    topics.write_text("🔥\nNorth Korea\n(a OR b\n", encoding="utf-8")
    done = run(["--topics", str(topics)], lines(ARTICLES[:1]))
    assert done.returncode == 1
    assert answers(done) == [{"id": "a", "topics": ["North Korea"]}]
    first, second = done.stderr.decode().splitlines()
    assert "Line 1" in first
    assert "no letter" in first
    assert "Line 3" in second
    assert "not closed" in second


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\xff\xfe\xff"])
def test_without_topics_nothing_is_done_and_the_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "none.txt"
    if content is not None:
        path.write_bytes(content)
    done = run(["--topics", str(path)], lines(ARTICLES))
    assert (done.returncode, done.stdout) == (1, b"")
    (said,) = done.stderr.decode().splitlines()
    assert said.startswith(f"The topics file {path} ")


def test_where_no_line_is_a_topic_it_says_of_the_first_why(tmp_path: Path) -> None:
    path = tmp_path / "topics.txt"
    path.write_text('"trade war\n...\n', encoding="utf-8")
    done = run(["--topics", str(path)], lines(ARTICLES))
    assert done.returncode != 0
    assert b"names no topic" in done.stderr
    assert b"Line 1 of" in done.stderr
    assert b"quotation mark" in done.stderr


def test_tagged_articles_that_are_not_there_are_named(topics: Path, tmp_path: Path) -> None:
    done = run(["--topics", str(topics), "--learn", str(tmp_path / "none.jsonl")], lines(ARTICLES))
    assert done.returncode == 1
    assert b"none.jsonl cannot be read: No such file" in done.stderr


def test_an_id_that_no_utf8_can_hold_is_answered(topics: Path) -> None:
    done = run(["--topics", str(topics)], b'{"id": "\\ud800", "title": "x"}\n')
    assert answers(done) == [{"id": "\ud800", "topics": []}]


def test_on_a_terminal_it_shows_how_far_it_is_and_answers_all_the_same(topics: Path) -> None:
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "bot", "match", "--topics", str(topics)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=its,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm"},
    ) as process:
        os.close(its)
        answered, _ = process.communicate(lines(ARTICLES))
    shown = b""
    with contextlib.suppress(OSError):  # Linux says so where the other end of a terminal is closed
        while read := os.read(ours, 4096):
            shown += read
    os.close(ours)
    assert "3 articles matched" in shown.decode()
    assert len(answered.splitlines()) == 3


def test_it_answers_at_once_and_ends_quietly_when_nobody_listens(topics: Path) -> None:
    command = [sys.executable, "-m", "bot", "match", "--topics", str(topics)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(lines(ARTICLES[:1]))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == "a"
        process.stdout.close()
        process.stdin.write(lines(ARTICLES))
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
