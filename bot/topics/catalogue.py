"""The catalogue: every tag that the site uses, and which of them a reader means.

A wrong follow is worse than one more tap, so one tag is taken for what was meant only where hardly anything else can
be: it has that name in another spelling, order or language, is called so by the publisher, is the one person of that
last name, or differs by what must be a slip of the finger. Whatever else comes near is offered.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot import text
from bot.model import Topic
from bot.store import coverage
from bot.store import topics as topic_store
from bot.store.coverage import Mark
from bot.store.database import Database
from bot.topics import countries, deep_links, likeness
from bot.topics.recent import MOST, Recent

MAX_OFFERED = 6
MAX_NEAR = 40
"""Tags that are looked at more closely before MAX_OFFERED of them are offered."""
FIRST_WORD_OF_ONE_CHARACTER = "\u0e00"
"""Before it stand alphabets; from it on scripts in which one character may be a word."""
NO_ALIASES: Mapping[str, Collection[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Near:
    """A tag that may have been meant; the greater ``likeness``, from 0 to 1, the likelier."""

    topic: Topic
    likeness: float


@dataclass(frozen=True, slots=True)
class Found:
    """The tag that a reader means; where that is not clear, those that come near; where none does, nothing."""

    clear: Topic | None = None
    near: tuple[Near, ...] = ()


class Catalogue:
    """All tags by everything they may be called. It is memory; ``catch_up`` takes in what has changed in the store.

    ``aliases`` holds for names of tags what else they are called, in any spelling.
    """

    def __init__(self, aliases: Mapping[str, Collection[str]] = NO_ALIASES) -> None:
        self.recent = Recent()
        self.began: datetime | None = None
        """When the oldest article of the archive came; None while it is empty."""
        self._version = 0
        self._mark: Mark | None = None
        self._topics: dict[str, Topic] = {}
        self._with_word: dict[str, set[str]] = {}
        self._forms: dict[str, set[str]] = {}
        self._initials: dict[str, set[str]] = {}
        self._last_names: dict[str, set[str]] = {}
        self._of_country: dict[str, set[str]] = {}
        self._aliased: dict[str, set[str]] = {}
        self._long: dict[bytes, str] = {}
        for name, others in aliases.items():
            for other in others:
                self._aliased.setdefault(text.key(other), set()).add(text.key(name))
                self._know_long(other, text.key(name))

    def of_these(self, topics: Iterable[Topic]) -> "Catalogue":
        """A catalogue of these topics alone, with what is known of how they are called."""
        made = Catalogue()
        made.recent, made._aliased = self.recent, self._aliased
        made.take_in((topic, ()) for topic in topics)
        return made

    async def catch_up(self, database: Database) -> None:
        """Be as the store is. Mostly it is so already: readers ask far more often than something new comes."""
        if (mark := await database.read_together(coverage.marks, None)) != self._mark:
            async with database.read() as connection:
                tags, self._version = await topic_store.tags_since(connection, self._version)
                told = await coverage.told_after(connection, self.recent.last, MOST)
                began = await coverage.began(connection)
            self.take_in((tag.topic, tag.spellings) for tag in tags)
            self.recent.take_in(told)
            self.began, self._mark = began, mark

    def take_in(self, tags: Iterable[tuple[Topic, Sequence[str]]]) -> None:
        """Know these tags and their spellings from now on."""
        for topic, spellings in tags:
            key = topic.key
            self._topics[key] = topic
            for word in key.split(" "):
                self._with_word.setdefault(word, set()).add(key)
            for form in likeness.forms(key):
                self._forms.setdefault(form, set()).add(key)
            if short := likeness.initials(key):
                self._initials.setdefault(short, set()).add(key)
            for spelling in (topic.name, *spellings):
                self._know_long(spelling, key)
                for last in likeness.last_names(spelling):
                    self._last_names.setdefault(last, set()).add(key)
            if code := countries.country(key):
                self._of_country.setdefault(code, set()).add(key)

    def has(self, name: str) -> bool:
        """Whether a tag is called so, in any spelling."""
        return text.key(name) in self._topics

    def linked(self, digest: bytes) -> Topic | None:
        """The tag with a name of this digest, of those too long for a deep link, or with such an alias."""
        return self._topics.get(self._long.get(digest, ""))

    def says_nothing(self, key: str) -> bool:
        """Whether a topic of these words would be in nearly every article: common words only, or one letter."""
        letter = len(key) == 1 and key < FIRST_WORD_OF_ONE_CHARACTER
        return letter or all(map(self.recent.is_common, key.split(" ")))

    def find(self, name: str, language: str | None = None) -> Found:
        """What a reader with this language, an IETF tag such as ``pt-br``, means by a name that has a word in it."""
        key = text.key(name)
        if meant := next(filter(None, self._called(key, name, language)), None):
            return self._found(meant) if len(meant) == 1 else Found(near=self._near_by_name(meant, key))
        slips = self._slips(key)
        if len(slips) == 1:
            return self._found(slips)
        return Found(near=self._near_by_name([*slips, *self._of_any_language(key)], key))

    def _know_long(self, name: str, key: str) -> None:
        if digest := deep_links.digest(name):
            self._long[digest] = key

    def _called(self, key: str, name: str, language: str | None) -> Iterator[Collection[str]]:
        """The tags that are called so, by one rule after the other, the surest first."""
        yield [tag for tag in self._aliased.get(key, ()) if tag in self._topics]
        yield [key] if key in self._topics else ()
        yield self._country(key, name, language)
        yield self._forms.get(next(likeness.forms(key)), ()) or self._forms.get(key.replace(" ", ""), ())
        yield self._person(key)

    def _country(self, key: str, name: str, language: str | None) -> Collection[str]:
        """The tags of the country with this name in the reader's language or in English."""
        if name.isupper() and len(key) in {2, 3}:
            key = key if countries.country(key) else " ".join(key)  # USA is U.S.A.
        spoken = (language or "en").split("-")[0].lower()
        languages = ("en", spoken) if spoken in countries.LANGUAGES else ("en",)
        tags = self._of_country.get(countries.country(key) or "", ())
        return [tag for tag in tags if key in countries.aliases(tag, languages)]

    def _of_any_language(self, key: str) -> Collection[str]:
        return self._of_country.get(countries.country(key) or "", ())

    def _person(self, key: str) -> Collection[str]:
        """The one person with this last name, or with this name but for middle names and initials."""
        words = key.split(" ")
        plain = likeness.without_initials(key) if len(words) > 2 else key
        if plain != key and likeness.last_names(self._name(plain)):
            return [plain]
        last = self._last_names.get(key, set())
        if len(last) == 1 == len(self._with_word[words[-1]]):
            (tag,) = last
            return last if self._is_name_of(key, tag) and self.recent.shows(key, self._topics[tag]) else ()
        full = [tag for tag in self._with_all([words[0], words[-1]]) if likeness.leaves_out_middle(key, tag)]
        return full if all(likeness.last_names(self._name(tag)) and self._is_name_of(key, tag) for tag in full) else ()

    def _is_name_of(self, key: str, tag: str) -> bool:
        """Whether these words, the end of a tag, may be taken for it, by how the newsroom uses them."""
        small = self.recent.uses_in_small_letters(key.split(" ")[-1])
        return not small and not countries.country(key) and not self.recent.belies(key, self._topics[tag])

    def _slips(self, key: str) -> list[str]:
        """The tags that differ by so little that it must be a slip, unless what was typed has a meaning of its own."""
        if not (most := likeness.errors_beyond_doubt(key)) or countries.country(key):
            return []
        found = process.extract(key, self._topics.keys(), scorer=OSA.distance, score_cutoff=most + 1, limit=3)
        if not found:
            return []
        meant, distance, _ = found[0]
        alone = all(other > distance + 1 for _, other, _ in found[1:])
        odd = set(key.split(" ")) - set(meant.split(" "))
        unknown = not any(word in self._with_word or self.recent.uses(word) for word in odd)
        return [meant] if alone and unknown and likeness.is_slip(key, meant) else []

    def _near_by_name(self, tags: Iterable[str], key: str) -> tuple[Near, ...]:
        """These tags, and all that have the words or look alike; else those that have words which look alike."""
        likely = dict.fromkeys((*tags, *self._initials.get(key.replace(" ", ""), ())), 1.0)
        words = key.split(" ")
        for tag in self._with_all(words):
            likely.setdefault(tag, 1.0)
        for tag, distance, _ in self._alike(key):
            likely.setdefault(tag, 1 - distance / len(key))
        if not likely:
            likely = dict.fromkeys(set.intersection(*map(self._with_word_like, words)), 0.5)
        near = [Near(self._topics[tag], how) for tag, how in likely.items()]
        return tuple(sorted(near, key=lambda each: -each.likeness)[:MAX_NEAR])

    def _alike(self, key: str) -> Iterable[tuple[str, float, object]]:
        most = likeness.errors_thinkable(key)
        if not most:
            return ()
        return process.extract(key, self._topics.keys(), scorer=OSA.distance, score_cutoff=most, limit=MAX_NEAR)

    def _with_all(self, words: Sequence[str]) -> set[str]:
        """The tags that have all of these words."""
        none: set[str] = set()
        return set.intersection(*(self._with_word.get(word, none) for word in words))

    def _with_word_like(self, word: str) -> set[str]:
        """The tags that have this word or one that may be it with a typing error."""
        tags = set(self._with_word.get(word, ()))
        if most := likeness.errors_thinkable(word):
            for other, _, _ in process.extract(
                word, self._with_word.keys(), scorer=OSA.distance, score_cutoff=min(most, 2), limit=MAX_NEAR
            ):
                tags |= self._with_word[other]
        return tags

    def _name(self, key: str) -> str:
        return self._topics[key].name if key in self._topics else ""

    def _found(self, tags: Collection[str]) -> Found:
        (key,) = tags
        return Found(self._topics[key])


def offered(found: Found, used: Mapping[int, int]) -> tuple[Topic, ...]:
    """The likeliest tags that come near; of equally likely ones those that most articles bear, by topic id."""
    ranked = sorted(found.near, key=lambda near: (-near.likeness, -used.get(near.topic.id, 0), near.topic.name))
    return tuple(near.topic for near in ranked[:MAX_OFFERED])
