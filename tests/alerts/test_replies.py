from datetime import timedelta

from bot.alerts import pacing
from bot.alerts.replies import Replies
from bot.store import pace as pace_store
from tests.alerts.conftest import Office


async def test_what_replies_took_is_drawn_from_the_pace_once(office: Office) -> None:
    await office.reader(1001)
    replies = Replies(office.database, office.bot, 30, office.clock)
    for _ in range(4):
        await office.bot.send_message(1001, "An answer.")
    await office.bot.send_chat_action(1001, "typing")
    await replies._step()
    now = office.clock()
    await replies._step()
    async with office.database.write() as connection:
        pace = await pace_store.read(connection, office.bot.id, pacing.fresh(now))
        free_at = (await pace_store.read_chats(connection, [1001]))[1001]
    assert pace.tokens == -4
    assert timedelta(seconds=3) < free_at - now <= timedelta(seconds=4)
