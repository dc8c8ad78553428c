"""Everything that can be configured, validated once, before anything starts.

The names are those of the environment variables; a file ``.env`` in the working directory may hold them too, and the
environment goes before it.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError
from bot.secret_files import with_files_read
from bot.setting_values import (
    Addresses,
    AnyCase,
    BaseAddress,
    BotToken,
    ChatIds,
    DatabaseAddress,
    MetricsToken,
    Names,
    TimeZone,
    WebAddress,
    WebhookSecret,
    engine_url,
    misspelt,
    sentences,
)
from bot.site_file import SiteFile, read_site_file

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

FREE_RATE = 30
"""Messages a second that Telegram allows a bot, https://core.telegram.org/bots/faq#broadcasting-to-users."""
PAID_RATE = 1000
"""The same with paid broadcast."""
WEBHOOK_PATH = "/telegram"
"""Where Telegram's calls arrive, below PUBLIC_URL."""
TELEGRAM = "https://api.telegram.org"
TELEGRAMS_PORTS = (443, 80, 88, 8443)
"""Those that Telegram calls, always by https; a Bot API server of one's own calls any, by http too."""
ENVIRONMENT_FILE = Path(".env")
"""In the working directory; what is set in the environment goes before it."""


class Settings(BaseSettings):
    """The bot's settings, each named as its environment variable. ``load`` is the way to get them."""

    model_config = SettingsConfigDict(
        env_file=ENVIRONMENT_FILE, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    bot_token: BotToken | None = None
    bot_token_file: Path | None = None
    bot_api_url: BaseAddress = TELEGRAM
    feed_urls: Addresses = ()
    database_url: DatabaseAddress = SecretStr("sqlite:///tagalong.db")
    database_url_file: Path | None = None
    poll_seconds: float = Field(default=60, ge=1, le=86_400, allow_inf_nan=False)
    site_name: str | None = None
    time_zone: TimeZone | None = None
    subscribe_url: WebAddress | None = None
    sign_in_url: WebAddress | None = None
    subscribe_pitch: str | None = Field(default=None, max_length=200)
    premium_categories: Names = ("Premium",)
    breaking_categories: Names = ()
    site_file: Path | None = None
    messages_per_second: int = Field(default=FREE_RATE, ge=1, le=PAID_RATE)
    paid_broadcast: bool = False
    public_url: BaseAddress | None = None
    port: int = Field(default=8080, ge=1, le=65535)
    webhook_secret: WebhookSecret | None = None
    webhook_secret_file: Path | None = None
    taps_per_reader: bool = False
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    metrics_host: str = "127.0.0.1"
    metrics_token: MetricsToken | None = None
    metrics_token_file: Path | None = None
    follows_per_chat: int = Field(default=100, ge=1, le=10_000)
    keep_articles_days: int = Field(default=365, ge=30, le=36_500)
    keep_alerts_days: int = Field(default=90, ge=7, le=36_500)
    admin_chat_ids: ChatIds = ()
    log_level: Annotated[Literal["debug", "info", "warning", "error"], AnyCase] = "info"
    log_format: Annotated[Literal["text", "json"], AnyCase] = "text"

    @classmethod
    def load(cls) -> Self:
        """The settings of this process. Raises SettingsError with one line for each that is wrong."""
        try:
            settings = cls()
        except ValidationError as error:
            raise SettingsError(sentences(error)) from None
        _ = settings.site  # read now, so that what is wrong with it is told before anything starts
        return settings

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        return with_files_read(given)

    @model_validator(mode="after")
    def _rate_is_allowed(self) -> Self:
        if self.messages_per_second > FREE_RATE and not self.paid_broadcast:
            raise ValueError(
                f"MESSAGES_PER_SECOND is {self.messages_per_second}, but Telegram allows {FREE_RATE} without paid"
                " broadcast; lower it, or set PAID_BROADCAST=true if BotFather has enabled it for the bot"
            )
        return self

    @model_validator(mode="after")
    def _metrics_have_a_port_of_their_own(self) -> Self:
        if self.public_url is not None and self.metrics_port == self.port:
            raise ValueError(f"METRICS_PORT is {self.port}, and so is PORT: choose another, such as 9464")
        return self

    @model_validator(mode="after")
    def _telegram_can_call(self) -> Self:
        if self.public_url is None or self.bot_api_url != TELEGRAM:
            return self
        parts = urlsplit(self.public_url)
        if parts.scheme != "https":
            raise ValueError(
                f"PUBLIC_URL is {self.public_url}, but Telegram calls https addresses only: put a proxy with a"
                " certificate before the bot, or leave PUBLIC_URL out and use `run`, which asks Telegram itself"
            )
        if parts.port not in {None, *TELEGRAMS_PORTS}:
            ports = ", ".join(map(str, TELEGRAMS_PORTS))
            raise ValueError(
                f"PUBLIC_URL names port {parts.port}, but Telegram calls only {ports}; PORT may be another"
            )
        return self

    def require(self, *names: str) -> None:
        """Raises SettingsError with a line for each of these that is missing.

        They are ``token``, ``feeds``, ``webhook_url`` and ``shared_url``.
        """
        missing = []
        for name in names:
            try:
                getattr(self, name)
            except SettingsError as error:
                missing.append(str(error))
        if missing:
            raise SettingsError("\n".join(missing))

    @property
    def token(self) -> str:
        """The bot's token. Raises SettingsError when there is none."""
        if self.bot_token is None:
            raise SettingsError(
                "BOT_TOKEN is missing: talk to @BotFather in Telegram, send /newbot, and set BOT_TOKEN to what it gives"
            )
        return self.bot_token.get_secret_value()

    @cached_property
    def site(self) -> SiteFile:
        """What SITE_FILE says, or would say by default. Raises SettingsError where it cannot be read."""
        return SiteFile() if self.site_file is None else read_site_file(self.site_file)

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feeds to follow. Raises SettingsError when there are none."""
        if not self.feed_urls:
            raise SettingsError(
                "FEED_URLS is missing: set it to the addresses of the site's feeds, separated by spaces;"
                " a WordPress site has one at https://<site>/feed/"
            )
        return self.feed_urls

    @property
    def webhook_url(self) -> str:
        """Where Telegram is to send updates. Raises SettingsError without PUBLIC_URL."""
        if self.public_url is None:
            raise SettingsError(
                "PUBLIC_URL is missing: `web` takes updates by webhook, so Telegram must know the https address"
                " under which this process is reached; on one machine use `run`, which needs none"
            )
        return f"{self.public_url}{WEBHOOK_PATH}"

    @property
    def public_path(self) -> str:
        """The path of PUBLIC_URL, without a slash at its end; empty where it has none."""
        return urlsplit(self.public_url or "").path

    @property
    def shared_url(self) -> "URL":
        """The address of a database that many processes share. Raises SettingsError where it is a file of one."""
        if self.engine_url.get_backend_name() == "sqlite":
            raise SettingsError(
                "DATABASE_URL names a SQLite file, which one process has to itself: use `run`, which does everything in"
                " one, or set it to a PostgreSQL; `python -m bot copy --to postgres://…` moves everything there"
            )
        return self.engine_url

    @property
    def derived_webhook_secret(self) -> str:
        """The word by which Telegram's calls are known: WEBHOOK_SECRET, else one derived from the token."""
        if self.webhook_secret is not None:
            return self.webhook_secret.get_secret_value()
        return hmac.new(self.token.encode(), b"tagalong webhook", hashlib.sha256).hexdigest()

    @property
    def taps_key(self) -> bytes:
        """The key by which counted links are signed, derived from the token."""
        return hmac.digest(self.token.encode(), b"tagalong taps", "sha256")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen in a log, as far as it is set."""
        of_telegram = (self.token, self.derived_webhook_secret) if self.bot_token else ()
        metrics_token = self.metrics_token.get_secret_value() if self.metrics_token else None
        typed = [password for url in self.feed_urls if (password := urlsplit(url).password)]
        of_feeds = dict.fromkeys((*typed, *map(unquote, typed)))
        return tuple(filter(None, (*of_telegram, self.engine_url.password, metrics_token, *of_feeds)))

    @staticmethod
    def doubtful() -> Sequence[str]:
        """A sentence for each name in the environment, or in ``.env``, that is no setting but nearly one."""
        return list(misspelt([*os.environ, *dotenv_values(ENVIRONMENT_FILE)], Settings.model_fields))

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """The files from which secrets were read."""
        files = (self.bot_token_file, self.database_url_file, self.webhook_secret_file, self.metrics_token_file)
        return tuple(filter(None, files))

    @property
    def engine_url(self) -> "URL":
        """DATABASE_URL as SQLAlchemy wants it, with its asynchronous driver."""
        return engine_url(self.database_url)
