"""Links to the site, marked so that its statistics know where the reader came from, and counted on their way.

A counted link leads over our own address and carries all that is needed to go on from there: the target, what is to be
counted, and a signature. So it works with the database away, on any process, for as long as the token is the same. A
shorter one would name the article alone, and the reader who taps while the database is away would be stranded.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from bot.feeds.addresses import MAX_ADDRESS
from bot.feeds.hosts import Hosts, web_address
from bot.model import Alert, Lead, Tap

CAMPAIGN = {"utm_source": "telegram", "utm_medium": "bot", "utm_campaign": "topic-alert"}
PATH = "/t/"
"""Where counted links begin, below PUBLIC_URL."""
SIGNATURE_BYTES = 9
"""72 bits: it can be guessed only by asking us, some 2^71 times, and all that is won is a tap too many."""

_CODE = re.compile(
    r"(?P<signed>(?P<lead>[rsi])\.(?P<numbers>\d{1,18}\.\d{1,18}\.\d{1,18})\.(?P<target>[\w-]+))\.(?P<signature>[\w-]{12})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Links:
    """Makes counted links, and reads them."""

    public_url: str
    """Our own address, without a slash at its end."""
    key: bytes
    hosts: Hosts
    """Where links may lead; to all others they lead straight, uncounted."""
    per_reader: bool = False
    """Whether links tell readers apart, by the number of their alert."""

    def counted(self, lead: Lead, target: str, alert: Alert) -> str | None:
        """The link to ``target`` from this alert; None for what is no web address."""
        straight = marked(target)
        if straight is None or _address(self.hosts, target) is None:
            return straight
        numbers = f"{alert.article.id}.{alert.topic_id}.{alert.id if self.per_reader else 0}"
        signed = f"{_LETTERS[lead]}.{numbers}.{_encoded(target.encode())}"
        link = f"{self.public_url}{PATH}{signed}.{self._signature(signed)}"
        return link if len(link) <= MAX_ADDRESS else straight

    def read(self, code: str) -> Tap | None:
        """What the end of a counted link says; None where we never made it, or it leads to no host of the site's."""
        found = _CODE.fullmatch(code)
        if found is None or not hmac.compare_digest(found["signature"], self._signature(found["signed"])):
            return None
        target = urlsafe_b64decode(found["target"] + "=" * (-len(found["target"]) % 4)).decode()
        address = _address(self.hosts, target)
        article_id, topic_id, alert_id = map(int, found["numbers"].split("."))
        if address is None:
            return None
        return Tap(_LEADS[found["lead"]], address, article_id, topic_id, alert_id)

    def _signature(self, signed: str) -> str:
        return _encoded(hmac.digest(self.key, signed.encode(), "sha256")[:SIGNATURE_BYTES])


_LETTERS = {Lead.READ: "r", Lead.SUBSCRIBE: "s", Lead.SIGN_IN: "i"}
_LEADS = {letter: lead for lead, letter in _LETTERS.items()}


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@lru_cache(maxsize=4096)  # one article has many readers
def _address(hosts: Hosts, target: str) -> str | None:
    """The target, marked and as it will be sent to browsers; None where it is not of the site.

    What was checked is what is sent: of an address that can be read in two ways a browser takes the other one.
    """
    straight = marked(target)
    address = web_address(straight) if straight else None
    return str(address) if address and hosts.why_not(address) is None else None


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
