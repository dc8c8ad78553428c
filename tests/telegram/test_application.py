import asyncio

from telegram import Chat, InlineQuery, Message, Update, User

from bot.telegram.application import MOST_OF_ONE, InOrder
from tests.make import NOW


def update(number: int, chat_id: int) -> Update:
    return Update(number, Message(number, NOW, Chat(chat_id, "private")))


async def test_a_chats_updates_are_handled_in_order_and_chats_side_by_side() -> None:
    processor, done, gate = InOrder(8), [], asyncio.Event()

    async def handle(name: str, *, waits: bool) -> None:
        if waits:
            await gate.wait()
        done.append(name)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(processor.process_update(update(1, 1), handle("first of one", waits=True)))
        group.create_task(processor.process_update(update(2, 1), handle("second of one", waits=False)))
        other = group.create_task(processor.process_update(update(3, 2), handle("first of two", waits=False)))
        await other
        assert done == ["first of two"]
        gate.set()
    assert done == ["first of two", "first of one", "second of one"]


async def test_the_same_update_twice_is_handled_once() -> None:
    processor, done = InOrder(8), []

    async def handle(number: int) -> None:
        done.append(number)

    for number in (1, 2, 1, 2, 3):
        await processor.process_update(update(number, 1), handle(number))
    assert done == [1, 2, 3]


async def test_only_so_many_updates_are_remembered() -> None:
    processor, done = InOrder(8), []

    async def handle(number: int) -> None:
        done.append(number)

    for number in (*range(1500), 0, 1499):
        await processor.process_update(update(number, 1), handle(number))
    assert len(done) == 1501


async def test_an_error_frees_the_chat() -> None:
    processor, done = InOrder(8), []

    async def fail() -> None:
        raise ZeroDivisionError

    async def handle() -> None:
        done.append(1)

    results = await asyncio.gather(
        processor.process_update(update(1, 1), fail()),
        processor.process_update(update(2, 1), handle()),
        return_exceptions=True,
    )
    assert isinstance(results[0], ZeroDivisionError)
    assert done == [1]


async def test_a_chat_that_floods_us_keeps_no_other_waiting_and_has_a_bound() -> None:
    processor, done, gate = InOrder(2), [], asyncio.Event()

    async def handle(name: str, *, waits: bool) -> None:
        if waits:
            await gate.wait()
        done.append(name)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for number in range(1000):
            group.create_task(processor.process_update(update(number, 1), handle("flood", waits=True)))
        await group.create_task(processor.process_update(update(2000, 2), handle("other", waits=False)))
        assert done == ["other"]
        gate.set()
    assert done.count("flood") == MOST_OF_ONE
    await processor.process_update(update(2001, 1), handle("later", waits=False))
    assert done[-1] == "later"


async def test_only_so_many_are_handled_at_once() -> None:
    processor, gate, running, most = InOrder(3), asyncio.Event(), 0, 0

    async def handle() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(processor.process_update(update(number, number), handle()))
        group.create_task(asyncio.to_thread(gate.is_set)).add_done_callback(lambda _: gate.set())
    assert most == 3


async def test_an_update_from_no_chat_is_handled() -> None:
    processor, done = InOrder(1), []

    async def handle() -> None:
        done.append(1)

    await processor.process_update(Update(1), handle())
    assert done == [1]


async def test_one_readers_inline_queries_take_turns() -> None:
    processor, running, most = InOrder(8), 0, 0

    async def handle() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.to_thread(int)
        running -= 1

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for number in range(5):
            query = InlineQuery(str(number), User(1, "Ada", is_bot=False), "mali", "")
            group.create_task(processor.process_update(Update(number, inline_query=query), handle()))
    assert most == 1
