"""Mending: what feedparser would stumble over in a feed's bytes, put right before it reads them."""

import re

_CAPTION = re.compile(rb"(</?)media:description\b")
"""A picture's caption, which feedparser would take for the entry's summary."""
_IMPOSSIBLE = rb"&#(?:0*(?:5[5-7][0-9]{3}|[0-9]{7,})|[xX]0*(?:[dD][89a-fA-F][0-9a-fA-F]{2}|[0-9a-fA-F]{6,}));"
_IMPOSSIBLE_CHARACTERS = re.compile(_IMPOSSIBLE + rb"(?:" + _IMPOSSIBLE + rb"){0,63}")  # which is found by its start
"""References to halves of characters, as some systems write emoji, and to more than there are; a few harmless ones."""
_END_OF_ENTRY = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_NUMBER = re.compile(rb"&#(?:0*([0-9]+)|[xX]0*([0-9a-fA-F]+));")
_TAG = re.compile(rb"<!\[CDATA\[.*?\]\]>|<(/?)((?:[\w.-]+:)?([A-Za-z_][\w.-]*))", re.DOTALL)
_READ = frozenset(
    re.findall(
        rb"[\w]+",
        # of feeds
        b"rss rdf feed channel items item entry source title link id guid description summary abstract subtitle tagline"
        b" content encoded body fullitem category subject creator author name email pubdate published updated modified"
        b" issued created date group thumbnail enclosure updateperiod updatefrequency ttl caption"
        # of HTML in them
        b" a b blockquote br div em figure form h1 h2 h3 h4 h5 h6 hr i iframe img li math noscript ol p pre script"
        b" section span strong style svg table td template textarea tr ul",
    )
)


def mended(body: bytes) -> bytes:
    """The feed with captions that cannot be taken for summaries, and characters that exist."""
    return _IMPOSSIBLE_CHARACTERS.sub(_characters, _CAPTION.sub(rb"\1media:caption", body))


def shortened(body: bytes, most: int) -> bytes:
    """The feed with no more entries than these, the first of it, and with all that stands behind the last.

    feedparser's time grows faster than what it reads.
    """
    ends = [end.end() for end in _END_OF_ENTRY.finditer(body)]
    return body[: ends[most - 1]] + body[ends[-1] :] if len(ends) > most else body


def reduced(body: bytes) -> bytes:
    """The feed with only the elements that are read; the others keep their place under a name without meaning."""
    return _TAG.sub(_known, body)


def _characters(references: re.Match[bytes]) -> bytes:
    numbers = (int(ten[:8]) if ten else int(hexadecimal[:7], 16) for ten, hexadecimal in _NUMBER.findall(references[0]))
    halves = "".join(chr(number) if number <= 0x10FFFF else "\ufffd" for number in numbers)
    whole = halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(f"&#{ord(character)};" for character in whole).encode()


def _known(tag: re.Match[bytes]) -> bytes:
    known = tag[2] is None or tag[3].lower() in _READ
    return tag[0] if known else b"<" + tag[1] + b"unread"
