import pytest

from bot.store import coverage
from bot.store.database import Database
from bot.text import tokens
from bot.topics import studying
from bot.topics.learning import Learner
from bot.topics.studying import Student
from tests.make import an_article, news

BEATS = (("Pyongyang", "North Korea"), ("Scrum", "Rugby"), ("Levy", "Budget"), ("Gown", "Fashion"))


async def publish(database: Database, numbers: range) -> None:
    for number in numbers:
        words, tag = BEATS[number % len(BEATS)]
        article = an_article(str(number), headline=f"{words} on day{number}", teaser="", tags=[tag])
        async with database.write() as connection:
            await news(connection, article, [])


def passing(student: Student, headline: str) -> set[str]:
    learner = student.learner
    return {verdict.tag for verdict in learner.judge(learner.read(tokens(headline), ())) if verdict.passes}


async def test_a_student_knows_the_archive_and_then_what_came_since(database: Database) -> None:
    student = Student(Learner())
    await student.catch_up(database)
    assert passing(student, "Sirens in Pyongyang") == set()
    await publish(database, range(60))
    await student.catch_up(database)
    assert passing(student, "Sirens in Pyongyang") == {"north korea"}
    assert student.learner.counts.articles == 60
    await publish(database, range(60, 64))
    await student.catch_up(database)
    await student.catch_up(database)
    assert student.learner.counts.articles == 64


async def test_two_students_agree_whenever_they_began(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studying, "CHUNK", 7)
    monkeypatch.setattr(studying, "JUDGED", 40)
    first, second = Student(Learner()), Student(Learner())
    for since in range(0, 100, 20):
        await publish(database, range(since, since + 20))
        await first.catch_up(database)
    await second.catch_up(database)
    for headline in ("Sirens in Pyongyang", "Scrum after scrum", "Nothing new"):
        assert passing(first, headline) == passing(second, headline)


async def test_of_a_very_long_archive_the_latest_part_is_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studying, "MOST", 10)
    await publish(database, range(30))
    student = Student(Learner())
    await student.catch_up(database)
    assert student.learner.counts.articles == 10
    async with database.read() as connection:
        newest = await coverage.newest(connection)
        assert await coverage.tagged_after(connection, newest, 5) == []
