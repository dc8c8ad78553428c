"""Everything that can be expected to go wrong, drawn as a tree; whatever is not here is a bug and surfaces.

    TagalongError
    ├── SettingsError          a setting is missing or malformed
    ├── StoreError             the database cannot be used
    │   ├── StoreUnreachable   it does not answer, or refuses us
    │   ├── StoreTaken         another process has it to itself
    │   ├── StoreNotEmpty      what is to be copied would mix with what is there
    │   ├── StoreOutdated      it must be migrated first
    │   └── StoreTooNew        a newer Tagalong wrote it
    ├── FeedError              a feed could not be read this time
    │   ├── FeedUnreachable    no answer: name, connection, TLS, time
    │   ├── FeedRefused        an answer, but with an HTTP status of refusal
    │   ├── FeedTooLarge       more bytes than a feed may have
    │   └── NotAFeed           bytes that no parser takes for a feed
    ├── TelegramUnreachable    a command needs Telegram's word, and there is none
    └── TopicError             these words cannot be a topic
        ├── TopicEmpty         nothing is left of them once folded
        ├── TopicTooLong       more than a topic may have
        ├── QueryUnclear       a query that cannot be understood
        └── TopicsUnusable     a file of topics or articles cannot be used

The text of an error is for the operator: it names the input and the way out. What a reader is told is said in
``handlers/``, in the reader's language.
"""

from datetime import timedelta


class TagalongError(Exception):
    """The root: catch it where a sentence for the operator is better than a traceback."""


class SettingsError(TagalongError):
    """A setting is missing or malformed; the text names it and says what to do."""


class StoreError(TagalongError):
    """The database cannot be used."""


class StoreUnreachable(StoreError):
    """The database does not answer, or refuses us."""


class StoreTaken(StoreError):
    """The database is a file that another process is using, and must have to itself."""


class StoreNotEmpty(StoreError):
    """The database has rows already, with which those that are to be copied would mix."""


class StoreOutdated(StoreError):
    """The database must be migrated before this version can use it."""


class StoreTooNew(StoreError):
    """The database was written by a newer version, which this one must not touch."""


class FeedError(TagalongError):
    """A feed could not be read this time; it is tried again later."""

    retry_after: timedelta | None = None
    """How long the server asked us to stay away, where it did."""


class FeedUnreachable(FeedError):
    """The feed's server gave no usable answer: name, connection, TLS, time, too many redirects."""


class FeedRefused(FeedError):
    """The feed's server answered with a status other than 200 and 304."""

    def __init__(self, message: str, *, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class FeedTooLarge(FeedError):
    """The feed is larger, unpacked, than a feed may be."""


class NotAFeed(FeedError):
    """The answer cannot be read as RSS, RDF or Atom."""


class TelegramUnreachable(TagalongError):
    """Telegram gives no answer to a command that cannot do without."""


class TopicError(TagalongError):
    """These words cannot be a topic."""


class TopicEmpty(TopicError):
    """Nothing that could be found in an article: no letter, no digit."""


class TopicTooLong(TopicError):
    """More than a topic may have."""


class QueryUnclear(TopicError):
    """A query that cannot be understood: what is wrong, and at which character of it, counted from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class TopicsUnusable(TopicError):
    """The file of topics or of tagged articles cannot be read, or there is nothing in it."""
