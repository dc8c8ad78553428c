"""What a person does in the Telegram app, over HTTP: ``/client/…``; a chat page can be built on it.

JSON in and out; an error is ``{"error": "…"}`` with status 400 or 404.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.sandbox.telegram.answers import Json, Refusal, encode
from bot.sandbox.telegram.arguments import leading_integer, loads, read_body
from bot.sandbox.telegram.chats import KINDS, Chat
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.fields import expect_object, integer_field, text_field

KEEP_ALIVE_SECONDS = 15

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotThere(Exception):
    """There is no such thing; the text names it."""


class Client:
    """The handlers of one server; ``closing`` is set when it stops."""

    def __init__(self, desk: Desk, closing: asyncio.Event) -> None:
        self._desk = desk
        self._world = desk.world
        self._closing = closing

    def routes(self) -> list[web.RouteDef]:
        """Where they are served."""
        chat = "/client/chats/{chat:-?[0-9]{1,19}}"
        return [
            web.get("/client/bot", plain_errors(self.bot)),
            web.get("/client/chats", plain_errors(self.chats)),
            web.post("/client/chats", plain_errors(self.add_chat)),
            web.get(f"{chat}/messages", plain_errors(self.messages)),
            web.post(f"{chat}/messages", plain_errors(self.say)),
            web.post(f"{chat}/taps", plain_errors(self.tap)),
            web.post(f"{chat}/shares", plain_errors(self.share)),
            web.post(f"{chat}/block", plain_errors(self.block)),
            web.post(f"{chat}/unblock", plain_errors(self.unblock)),
            web.get(f"{chat}/events", plain_errors(self.events)),
        ]

    async def bot(self, _: web.Request) -> web.Response:
        """The bot and its commands."""
        if self._desk.token is None:
            raise NotThere("no bot has called yet")
        return json_response(self._world.bot | {"commands": self._desk.commands.get(("default", ""), [])})

    async def chats(self, _: web.Request) -> web.Response:
        """All chats."""
        return json_response({"chats": [_described(chat) for chat in self._world.chats.values()]})

    async def add_chat(self, request: web.Request) -> web.Response:
        """A new user with a private chat, or a new group or channel of all the users that there are."""
        given = await json_object(request)
        kind = text_field(given, "type", required=True)
        if kind not in KINDS:
            raise ValueError(f"type must be one of {', '.join(KINDS)}")
        chat_id = integer_field(given, "id", bound=1 << 52) or None
        if chat_id is not None and (chat_id > 0) != (kind == "private"):
            raise ValueError("the id of a private chat is above 0, that of any other below")
        if kind == "private":
            more = {name: text_field(given, name) for name in ("last_name", "username", "language_code")}
            chat = self._world.add_user(chat_id, first_name=text_field(given, "first_name", required=True), **more)
        else:
            title = text_field(given, "title", required=True)
            name = text_field(given, "username")
            chat = self._world.add_group(title, self._world.users, kind=kind, chat_id=chat_id, name=name)
        return json_response(_described(chat), status=201)

    async def messages(self, request: web.Request) -> web.Response:
        """The chat's messages, the buttons below the field for text, and the number of its last event."""
        chat = self._chat(request)
        shown = {"messages": list(chat.messages.values()), "labels": list(chat.requests)}
        return json_response(shown | {"last_event": chat.events.last})

    async def say(self, request: web.Request) -> web.Response:
        """Write a message."""
        chat, given = self._chat(request), await json_object(request)
        text = text_field(given, "text", required=True)
        author = integer_field(given, "from_id", bound=1 << 52) or None
        reply_to = integer_field(given, "reply_to_message_id") or None
        thread = integer_field(given, "message_thread_id") or None
        return json_response(self._world.say(chat, text, author, reply_to=reply_to, thread=thread))

    async def tap(self, request: web.Request) -> web.Response:
        """Tap a button; any data is taken, as from a hostile client."""
        chat, given = self._chat(request), await json_object(request)
        message_id = integer_field(given, "message_id", required=True)
        data = text_field(given, "data", required=True)
        if message_id not in chat.messages:
            raise NotThere(f"there is no message {message_id} in this chat")
        query_id = self._world.tap(chat, message_id, data, integer_field(given, "from_id", bound=1 << 52) or None)
        return json_response({"callback_query_id": query_id})

    async def share(self, request: web.Request) -> web.Response:
        """Press a button below the field for text and choose a channel."""
        chat, given = self._chat(request), await json_object(request)
        label, channel = text_field(given, "label", required=True), integer_field(given, "chat_id", bound=1 << 52)
        if label not in chat.requests or channel not in self._world.chats:
            raise NotThere("there is no such button, or no such channel")
        self._world.share(chat, label, self._world.chats[channel])
        return web.Response(status=204)

    async def block(self, request: web.Request) -> web.Response:
        """Block the bot, or remove it from the group."""
        self._world.set_bot_status(self._chat(request), "kicked")
        return web.Response(status=204)

    async def unblock(self, request: web.Request) -> web.Response:
        """Unblock the bot, or let it into the group again."""
        self._world.set_bot_status(self._chat(request), "member")
        return web.Response(status=204)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: what happens in the chat after ``after`` or ``Last-Event-ID``, else from now on."""
        chat = self._chat(request)
        seen = request.headers.get("Last-Event-ID") or request.query.get("after")
        last = chat.events.last if seen is None else leading_integer(seen)
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        stream = web.StreamResponse(headers=headers)
        await stream.prepare(request)
        with chat.events.watched() as changed:
            while not self._closing.is_set():
                changed.clear()
                for event in chat.events.after(last):
                    data = json.dumps(event.data)
                    await stream.write(f"id: {event.number}\nevent: {event.kind}\ndata: {data}\n\n".encode())
                    last = event.number
                try:
                    async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                        await changed.wait()
                except TimeoutError:
                    await stream.write(b": still here\n\n")
        return stream

    def _chat(self, request: web.Request) -> Chat:
        chat_id = int(request.match_info["chat"])
        if chat_id not in self._world.chats:
            raise NotThere(f"there is no chat {chat_id}")
        return self._world.chats[chat_id]


def plain_errors(handler: Handler) -> Handler:
    """The handler, with errors as JSON."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except NotThere as error:
            return json_response({"error": str(error)}, status=404)
        except Refusal as refused:
            return json_response({"error": refused.description.removeprefix("Bad Request: ")}, status=400)
        except ValueError as error:
            return json_response({"error": str(error)}, status=400)

    return handle


async def json_object(request: web.Request) -> Json:
    """The request's body, a JSON object. Raises ValueError or Refusal."""
    return expect_object(loads(await read_body(request)), "the body must be a JSON object")


def json_response(value: Json, status: int = 200) -> web.Response:
    """An answer."""
    return web.Response(body=encode(value), status=status, content_type="application/json")


def _described(chat: Chat) -> Json:
    user = next(iter(chat.people.values())) if chat.private else {}
    language = {"language_code": user["language_code"]} if "language_code" in user else {}
    within = {} if chat.private else {"members": list(chat.people), "threads": sorted(chat.threads)}
    return chat.about | language | within | {"blocked": chat.bot_status == "kicked"}
