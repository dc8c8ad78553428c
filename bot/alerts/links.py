"""Links to the site, marked so that the newsroom's statistics know where the reader came from."""

from urllib.parse import urlsplit, urlunsplit

CAMPAIGN = {"utm_source": "telegram", "utm_medium": "bot", "utm_campaign": "topic-alert"}


def marked(link: str) -> str | None:
    """The link with our campaign in its query; its other parameters and its fragment stay to the letter.

    Marks of another campaign, as feeds sometimes carry, give way: the reader comes from here. None for what is no web
    address: Telegram would refuse the whole message for it.
    """
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    own = [pair for pair in parts.query.split("&") if pair and pair.split("=", 1)[0].lower() not in CAMPAIGN]
    query = "&".join([*own, *(f"{name}={value}" for name, value in CAMPAIGN.items())])
    return urlunsplit(parts._replace(query=query))
