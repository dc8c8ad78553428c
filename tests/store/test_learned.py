from bot.store import learned
from bot.store.database import Database
from bot.store.learned import MAX_CHARACTERS, Progress, TagSeen, WordsSeen
from bot.topics.counting import Count, Counts, Record

ARTICLES = (
    (("putin", "kremlin", "putin kremlin"), ("vladimir putin", "russia")),
    (("putin", "rain"), ("vladimir putin",)),
    (("putin", "kremlin", "snow"), ("russia",)),
    (("putin", "sun"), ()),
)


def as_stored(count: Count) -> WordsSeen:
    return WordsSeen(count.run, count.tag, count.seen)


def as_record(record: Record) -> TagSeen:
    return TagSeen(record.tag, record.seen, record.recent, record.at, record.hits, record.expected, record.named)


async def learn(database: Database, counts: Counts) -> None:
    """Learn all articles, each kept as it comes."""
    for runs, tags in ARTICLES:
        changed = counts.add(runs, tags)
        records = map(as_record, counts.tags.values())
        async with database.write() as connection:
            await learned.save(connection, Progress(counts.articles, (0.5, -1.25)), map(as_stored, changed), records)


async def restored(database: Database) -> Counts:
    """What a process that starts anew knows."""
    counts = Counts()
    async with database.read() as connection:
        rows = [Count(row.words, row.tag, row.seen) for row in await learned.words(connection)]
        records = [
            Record(row.tag, row.seen, row.recent, row.at, row.hits, row.expected, row.named)
            for row in await learned.tags(connection)
        ]
        counts.take_in(rows, records, (await learned.progress(connection)).articles)
    return counts


async def test_nothing_is_known_at_first(database: Database) -> None:
    async with database.read() as connection:
        assert await learned.progress(connection) == Progress()
        assert await learned.words(connection) == []
        assert await learned.tags(connection) == []


async def test_what_was_learned_is_known_to_a_process_that_starts_anew(database: Database) -> None:
    counts = Counts()
    await learn(database, counts)
    again = await restored(database)
    assert (again.articles, again.runs, again.pairs, again.tags) == (
        counts.articles, counts.runs, {run: pairs for run, pairs in counts.pairs.items() if pairs}, counts.tags,
    )  # fmt: skip
    async with database.read() as connection:
        assert await learned.progress(connection) == Progress(4, (0.5, -1.25))


async def test_it_forgets_what_memory_forgets(database: Database) -> None:
    counts = Counts()
    await learn(database, counts)
    async with database.write() as connection:
        await learned.forget_rare(connection)
    counts._keep(more_than=1, shift=0)
    again = await restored(database)
    assert (again.runs, again.pairs) == (counts.runs, counts.pairs)
    assert set(again.runs) == {"putin", "kremlin"}
    async with database.write() as connection:
        await learned.halve(connection)
    counts._keep(more_than=1, shift=1)
    counts._fade()
    again = await restored(database)
    assert (again.runs, again.pairs, again.tags) == (counts.runs, counts.pairs, counts.tags)
    assert again.runs == {"putin": 2, "kremlin": 1}


async def test_words_too_long_for_an_index_are_not_kept(database: Database) -> None:
    long = "x" * 5000
    rows = [WordsSeen(long, "", 1), WordsSeen("short", long, 1), WordsSeen("short", "", 1)]
    record = TagSeen("x" * MAX_CHARACTERS, 1, 1.0, 0, 0.0, 0.0, 0)
    async with database.write() as connection:
        await learned.save(connection, Progress(1), rows, [record, TagSeen(long, 1, 1.0, 0, 0.0, 0.0, 0)])
        assert await learned.words(connection) == [WordsSeen("short", "", 1)]
        assert await learned.tags(connection) == [record]
