"""The page that a reader sees whose link leads nowhere: it was made for another token, changed, or is cut off."""

from gettext import NullTranslations
from html import escape
from urllib.parse import urlsplit

_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>body {{ font: 1.1em/1.5 system-ui, sans-serif; max-width: 32em; margin: 15vh auto 0; padding: 0 1em }}</style>
<h1>{title}</h1>
<p>{sorry}</p>
<p><a href="{front}">{site}</a></p>
"""


def page(feed_url: str, language: NullTranslations) -> str:
    """The page, in HTML, with a link to the front page of the site that has this feed."""
    _ = language.gettext
    feed = urlsplit(feed_url)
    host = feed.netloc.rpartition("@")[2]  # before it may be a password
    texts = {
        "language": language.info().get("language", "en"),
        "title": _("This link has come to its end"),
        "sorry": _("It no longer leads to the article. You will surely find it on the site:"),
        "site": host,
        "front": f"{feed.scheme}://{host}/",
    }
    return _PAGE.format_map({name: escape(text) for name, text in texts.items()})
