"""Plain text from whatever a feed carries as text: HTML, broken HTML, control characters."""

import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

MAX_MARKUP = 20_000
"""Characters of HTML that are read: far more than a teaser needs, and few enough for any nesting to be harmless."""

FIRST_OPEN, LAST_OPEN, CLOSE = "\U000f0000", "\U000f1fff", "\ue001"
"""Characters for private use, by which links are marked."""
MOST_LINKS = ord(LAST_OPEN) - ord(FIRST_OPEN)

_BLOCKS = "address,article,aside,blockquote,br,dd,div,dl,dt,h1,h2,h3,h4,h5,h6,hr,li,ol,p,pre,section,table,td,tr,ul"
_UNREAD = (
    "button,figure,form,iframe,math,noscript,object,script,select,style,svg,template,textarea,title,"
    ".more-link,.screen-reader-text"
)
_MARKED = re.compile("[<&\0]")
"""Text without these is the same as HTML, and to parse it takes a tenth of a millisecond."""
_TAG = re.compile(r"</?(?:a|b|br|div|em|figure|h[1-6]|i|img|li|ol|p|span|strong|ul)\b[^<>]*>", re.IGNORECASE)
_LINK = re.compile(f"[{FIRST_OPEN}-{LAST_OPEN}][^{CLOSE}]*{CLOSE}")
_SENTENCE_ENDS = re.compile(
    r"(?:(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})\.|[!?…])[”’\"'»)]*(?=\s+[^\Wa-z]|\s+[“‘\"'«(]|$)|[。！？][」』”]*"
)
"""A full stop after a short word with a capital, as in Mr. or St. or J., is none."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Unicode's control characters, ends of lines and paragraphs, and halves of characters; there will be no others."""


def lines(markup: str) -> list[str]:
    """The text of HTML as it reads, entities decoded once: one line for each block, none of them empty."""
    return _lines(_text(_read(markup)) if _MARKED.search(markup) else markup[:MAX_MARKUP])


def lines_with_links(markup: str) -> tuple[list[str], list[str]]:
    """The same with every link marked where it begins and ends, and the addresses as they stand in the HTML.

    A link begins with the character that is its number after FIRST_OPEN, and ends with CLOSE, in the same line. Where
    these characters come from the HTML itself, they are not to be relied on.
    """
    tree = _read(markup)
    addresses: list[str] = []
    for node in tree.css("a[href]")[:MOST_LINKS]:
        node.insert_before(chr(ord(FIRST_OPEN) + len(addresses)))
        node.insert_after(CLOSE)
        addresses.append(node.attributes["href"] or "")
    return _lines(_LINK.sub(lambda link: one_line(link[0]), _text(tree))), addresses


def _read(markup: str) -> LexborHTMLParser:
    tree = LexborHTMLParser(markup[:MAX_MARKUP])
    for node in tree.css(_UNREAD):
        node.decompose()
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    return tree


def _text(tree: LexborHTMLParser) -> str:
    return tree.body.text() if tree.body else ""


def _lines(text: str) -> list[str]:
    return [line for line in map(one_line, text.split("\n")) if line]


def one_line(text: str) -> str:
    """The text without control characters and without white space that is not seen."""
    return " ".join(_CONTROL.sub(" ", text).split())


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


def cut_at_sentence(text: str, limit: int) -> str:
    """The text within ``limit`` characters: its first whole sentences, or cut at a word where these are too short."""
    if len(text) <= limit:
        return text
    ends = [end.end() for end in _SENTENCE_ENDS.finditer(text[: limit + 1]) if end.end() <= limit]
    return text[: ends[-1]] if ends and ends[-1] >= limit // 3 else cut(text, limit)


def _joins(character: str) -> bool:
    """Whether the character belongs to the one before it: an accent, a vowel sign, a joiner."""
    return unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}
