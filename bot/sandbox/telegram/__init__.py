"""A local Bot API server, as strict as Telegram: the stand-in that the demo and the tests talk to.

It keeps one bot, its users and chats in memory. ``/bot<token>/<method>`` is the Bot API; ``/client/…`` is what people
do in the app; ``/sandbox/…`` shows the calls that came and makes some fail. Nothing leaves this machine.
"""

from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.limits import Limits
from bot.sandbox.telegram.people import Group, Room, Tap, User, buttons
from bot.sandbox.telegram.server import TOKEN, BotApiServer
from bot.sandbox.telegram.serving import serve

__all__ = ["TOKEN", "BotApiServer", "Fault", "Group", "Limits", "Room", "Tap", "User", "buttons", "serve"]
