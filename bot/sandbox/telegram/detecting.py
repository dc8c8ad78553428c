"""What Telegram finds in a text by itself: commands, mentions, hashtags, cashtags, links and addresses.

The patterns are those that TDLib's ``find_entities`` documents; of links without ``http://`` only the common kinds are
found. https://core.telegram.org/bots/api#messageentity
"""

import re

from bot.sandbox.telegram.tags import Entity

_PATTERNS = (
    ("mention", re.compile(r"(?<!\w)@(?:[a-zA-Z0-9_]{4,32}|(?i:gif|nft|pic|ufc|vid))(?!\w)")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>@])")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\d*[^\W\d])\w{1,256}(?:@[a-zA-Z0-9_]{3,32})?(?![\w#])")),
    ("cashtag", re.compile(r"(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?![\w$])")),
    (
        "url",
        re.compile(
            r"(?<![\w@/.])(?:https?://|tg://|ton(?:site)?://)[^\s<>\"'«»“”‘’`]*[^\s<>\"'«»“”‘’`.,:;!?()\[\]{}]",
            re.IGNORECASE,
        ),
    ),
    (
        "url",
        re.compile(
            r"(?<![\w@/.])(?:[a-z0-9-]+\.)+(?:com|org|net|me|io|info|news)(?::\d+)?(?:/[^\s<>\"']*[^\s<>\"'.,:;!?()])?(?![\w@])",
            re.IGNORECASE,
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[a-zA-Z0-9_.+-]{1,64}@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}(?![\w@])")),
)
_HINT = re.compile(r"[@/#$]|\.[a-zA-Z]")


def detect(text: str) -> list[Entity]:
    """The entities of a plain text, in order, none over another; where two could be, the one that begins first."""
    if not _HINT.search(text):
        return []
    found = [
        Entity(kind, match.start(), len(match.group()))
        for kind, pattern in _PATTERNS
        for match in pattern.finditer(text)
    ]
    found.sort(key=lambda entity: (entity.offset, -entity.length))
    apart: list[Entity] = []
    for entity in found:
        if not apart or entity.offset >= apart[-1].end:
            apart.append(entity)
    return apart
