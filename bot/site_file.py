"""SITE_FILE: what is longer than an environment variable, read from a TOML file and validated once.

[premium]
categories = ["Premium"]                          # beside those of PREMIUM_CATEGORIES
urls = ["https://paper.example/plus/*"]           # * stands for anything
meta = { "article:content_tier" = ["locked"] }    # these values of these meta tags
json_ld = true                                    # isAccessibleForFree: false

[topics]
ignored = ["Uncategorized", "Homepage"]           # categories that are no topics
language = "en"                                   # in which the site writes: so countries are called

[topics.aliases]
"North Korea" = ["DPRK"]                          # other names of a topic

[topics.not_aliases]
"Kim Jong-Un" = ["Kim"]                           # names that look like one and are none

[site]
hosts = ["amp.paper.example"]                     # where its pages are, beside the hosts of its feeds
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import SettingsError

MAX_BYTES = 1024 * 1024
"""Far more than a site has to say."""
MAX_WORDS = 500
"""Characters of one entry."""

_HOST = re.compile(r"(?!-)[\w-]{1,63}(?:\.[\w-]{1,63})*", re.IGNORECASE)
_WHAT_IS_WRONG = {
    "tuple_type": 'must be a list, as in ["one", "another"]',
    "string_type": 'must be text in quotes, as in "this"',
    "string_too_short": "must not be empty",
    "string_too_long": f"is longer than {MAX_WORDS} characters",
    "bool_type": "must be true or false, without quotes",
    "bool_parsing": "must be true or false, without quotes",
    "dict_type": "must be a table, its names before the equals signs",
    "model_type": "must be a table: write its name in brackets on a line of its own, and its keys below",
}


def _host(name: str) -> str:
    if len(name) > 253 or not _HOST.fullmatch(name):
        raise ValueError(f"{name!r} is no host; write it without https:// and path, as in amp.paper.example")
    return name


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_WORDS)]
Host = Annotated[Words, AfterValidator(_host)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Premium(_Table):
    """By what the site's premium articles are known, beside PREMIUM_CATEGORIES."""

    categories: tuple[Words, ...] = ()
    urls: tuple[Words, ...] = ()
    meta: dict[Words, tuple[Words, ...]] = {}
    """For each meta tag the values that say premium; an empty list says that it tells nothing."""
    json_ld: bool = True


class Topics(_Table):
    """What the site's categories and tags mean to readers."""

    ignored: tuple[Words, ...] = ()
    language: Words = "en"
    aliases: dict[Words, tuple[Words, ...]] = {}
    not_aliases: dict[Words, tuple[Words, ...]] = {}


class Site(_Table):
    """Where the site is."""

    hosts: tuple[Host, ...] = ()


class SiteFile(_Table):
    """All that the file may say; without a file, all of it is as if nothing was said."""

    premium: Premium = Premium()
    topics: Topics = Topics()
    site: Site = Site()


def read_site_file(path: Path) -> SiteFile:
    """What the file says. Raises SettingsError with a line for each thing that is wrong, naming it and the way out."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise SettingsError(f"SITE_FILE {path} has more than {MAX_BYTES // 1024} kB: this cannot be the right file")
        said = tomllib.loads(raw.decode("utf-8-sig"))  # Windows' editors like to put a mark at the start
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(
            f"SITE_FILE {path} cannot be read: {reason}; correct the path, or leave SITE_FILE out"
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"SITE_FILE {path} is not text in UTF-8: save it as such") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(
            f"SITE_FILE {path} is not TOML: {str(error) or 'it is nested too deeply'}; see https://toml.io/en/v1.0.0"
        ) from None
    try:
        return SiteFile.model_validate(said)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise SettingsError("\n".join(f"SITE_FILE {path}: {_sentence(problem)}" for problem in problems)) from None


def _sentence(problem: ErrorDetails) -> str:
    keys = [part for part in problem["loc"] if part != "[key]"]
    name = ".".join(_quoted(key) for key in keys if isinstance(key, str))
    if problem["type"] == "extra_forbidden":
        return f"{name} is not known; {_nearest([str(key) for key in keys])}"
    numbers = [key + 1 for key in keys if isinstance(key, int)]
    which = f"{name}, entry {numbers[0]}," if numbers else name
    return f"{which} {_WHAT_IS_WRONG.get(problem['type'], problem['msg'].removeprefix('Value error, '))}"


def _nearest(keys: list[str]) -> str:
    """What may have been meant by this key, which is none."""
    *table, wrong = keys
    known = dict(_known())
    siblings = known.get(".".join(table), ())
    if near := get_close_matches(wrong.lower(), siblings, n=1, cutoff=0.6):
        return f"did you mean {near[0]}?"
    for other, its_keys in known.items():
        if near := get_close_matches(wrong.lower(), its_keys, n=1, cutoff=0.8):
            return f"{near[0]} belongs below [{other}]" if other else f"[{near[0]}] stands on a line of its own"
    return f"known here are {_listed(siblings)}"


def _known() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each table of the file with its keys; the file itself as the table without a name."""
    yield "", tuple(SiteFile.model_fields)
    for name, field in SiteFile.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, _Table):
            yield name, tuple(field.annotation.model_fields)


def _quoted(key: str) -> str:
    bare = key if len(key) <= 60 else key[:59] + "…"
    return bare if re.fullmatch(r"[\w-]+", bare) else repr(bare)


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
