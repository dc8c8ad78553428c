"""Plain text from whatever a feed carries as text: HTML, broken HTML, control characters."""

import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

MAX_MARKUP = 20_000
"""Characters of HTML that are read: far more than a teaser needs, and few enough for any nesting to be harmless."""

_BLOCKS = "address,article,aside,blockquote,br,dd,div,dl,dt,h1,h2,h3,h4,h5,h6,hr,li,ol,p,pre,section,table,td,tr,ul"
_UNREAD = (
    "button,figure,form,iframe,math,noscript,object,script,select,style,svg,template,textarea,title,"
    ".more-link,.screen-reader-text"
)
_TAG = re.compile(r"</?(?:a|b|br|div|em|figure|h[1-6]|i|img|li|ol|p|span|strong|ul)\b[^<>]*>", re.IGNORECASE)
_CONTROL = {code: " " for code in range(0x110000) if unicodedata.category(chr(code)) in {"Cc", "Cs", "Zl", "Zp"}}


def lines(markup: str) -> list[str]:
    """The text of HTML as it reads, entities decoded once: one line for each block, none of them empty."""
    tree = LexborHTMLParser(markup[:MAX_MARKUP])
    for node in tree.css(_UNREAD):
        node.decompose()
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    text = tree.body.text() if tree.body else ""
    return [line for line in map(one_line, text.split("\n")) if line]


def one_line(text: str) -> str:
    """The text without control characters and without white space that is not seen."""
    return " ".join(text.translate(_CONTROL).split())


def has_tags(text: str) -> bool:
    """Whether text that claims to be plain holds HTML all the same."""
    return _TAG.search(text) is not None


def cut(text: str, limit: int) -> str:
    """The text within ``limit`` characters: cut at a word, with an ellipsis that counts, where it is longer."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end and _joins(text[end]):
        end -= 1
    at_word = text.rfind(" ", limit // 2, end + 1)
    return text[: at_word if at_word > 0 else end].rstrip(" ,;:–—-([{") + "…"


def _joins(character: str) -> bool:
    """Whether the character belongs to the one before it: an accent, a vowel sign, a joiner."""
    return unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}
