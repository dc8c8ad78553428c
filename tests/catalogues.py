"""Catalogues of translations, as a translator's tools compile them."""

import struct
from collections.abc import Mapping
from pathlib import Path

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n != 1;\n"


def write_catalogue(folder: Path, name: str, sentences: Mapping[str, str]) -> None:
    """A compiled catalogue, https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html."""
    entries = sorted({"": HEADER, **sentences}.items())
    ids, strings = ([text.encode() for text in column] for column in zip(*entries, strict=True))
    table, data = b"", b""
    start = 28 + 16 * len(entries)
    for text in [*ids, *strings]:
        table += struct.pack("<II", len(text), start + len(data))
        data += text + b"\0"
    path = folder / name / "LC_MESSAGES" / "tagalong.mo"
    path.parent.mkdir(parents=True)
    head = struct.pack("<IIIIIII", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, 0)
    path.write_bytes(head + table + data)
