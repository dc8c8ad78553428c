"""HTML and XML that cannot be broken by what stands in it: whatever is not markup already is escaped."""

from collections.abc import Mapping
from html import escape


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def el(tag: str, *children: str, **attributes: str | None) -> Markup:
    """An element. In attributes' names ``_`` stands for ``-`` and a last one is dropped; None leaves one out."""
    return Markup(f"<{tag}{_attributes(attributes)}>{join(*children)}</{tag}>")


def void(tag: str, **attributes: str | None) -> Markup:
    """An element that never has content, such as ``meta``."""
    return Markup(f"<{tag}{_attributes(attributes)} />")


def join(*parts: str) -> Markup:
    """Parts one after the other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part, quote=False) for part in parts))


def cdata(text: str) -> Markup:
    """Text as XML takes it without escapes."""
    return Markup("<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>")


def script(json: str) -> Markup:
    """JSON-LD; nothing in it can end the element."""
    return Markup('<script type="application/ld+json">' + json.replace("<", "\\u003c") + "</script>")


def _attributes(attributes: Mapping[str, str | None]) -> str:
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return "".join(f' {name}="{escape(value)}"' for name, value in named.items() if value is not None)
