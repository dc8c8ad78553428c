"""The method that sends files. The sandbox keeps the last ones, for whoever wants to look at them."""

from bot.sandbox.telegram.answers import Json, bad_request
from bot.sandbox.telegram.arguments import Arguments, File
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.formatting import entities_json, format_text, utf16_length
from bot.sandbox.telegram.messages import post

CAPTION_LIMIT = 1024
"""In UTF-16 units, after entities."""


async def send_document(desk: Desk, arguments: Arguments) -> Json:
    """https://core.telegram.org/bots/api#senddocument; files come with the call, none is fetched or known by its id."""
    file = _file(arguments)
    source = arguments.utf8("caption", "Strings")
    text, entities = format_text(source, arguments.text("parse_mode").lower()) if source else ("", [])
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    document = {"file_name": file.name, "mime_type": file.kind, "file_size": len(file.content)}
    number = desk.keep(file)
    content: Json = {"document": document | {"file_id": number, "file_unique_id": number}}
    if text:
        content["caption"] = text
        if listed := entities_json(text, entities, desk.world.users):
            content["caption_entities"] = listed
    return post(desk, arguments, content)


def _file(arguments: Arguments) -> File:
    name = arguments.text("document")
    file = arguments.files.get(name.removeprefix("attach://") if name else "document")
    if file is None:
        raise bad_request("there is no document in the request")
    if not file.content:
        raise bad_request("file must be non-empty")
    return file
