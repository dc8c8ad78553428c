import os
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings
from bot.site_file import SiteFile

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz01234"


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert settings.bot_api_url == "https://api.telegram.org"
    assert str(settings.engine_url) == "sqlite+aiosqlite:///tagalong.db"
    assert settings.poll_seconds == 60
    assert settings.premium_categories == ("Premium",)
    assert (settings.messages_per_second, settings.paid_broadcast) == (30, False)
    assert (settings.port, settings.log_level, settings.log_format) == (8080, "info", "text")
    assert settings.admin_chat_ids == ()


def test_what_the_contract_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        BOT_TOKEN=TOKEN,
        FEED_URLS=" https://a.example/feed/\n https://b.example/feed/ https://a.example/feed/",
        PREMIUM_CATEGORIES="Premium, Members only ,",
        BOT_API_URL="http://127.0.0.1:8081/",
        MESSAGES_PER_SECOND="1000",
        PAID_BROADCAST="true",
        PUBLIC_URL="https://bot.example/",
        LOG_LEVEL="DEBUG",
        SITE_NAME="",
        ADMIN_CHAT_IDS="42, -1001234567890 7 42",
    )
    assert settings.token == TOKEN
    assert settings.feeds == ("https://a.example/feed/", "https://b.example/feed/")
    assert settings.premium_categories == ("Premium", "Members only")
    assert settings.bot_api_url == "http://127.0.0.1:8081"
    assert settings.webhook_url == "https://bot.example/telegram"
    assert settings.log_level == "debug"
    assert settings.site_name is None
    assert settings.admin_chat_ids == (42, -1001234567890, 7)


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("sqlite:////var/lib/tagalong.db", "sqlite+aiosqlite:////var/lib/tagalong.db"),
        ("postgres://u:p@db.example:5432/x", "postgresql+asyncpg://u:***@db.example:5432/x"),
        ("postgresql://u@db.example/x", "postgresql+asyncpg://u@db.example/x"),
        ("postgres://h/x?user=u&password=hush", "postgresql+asyncpg://u:***@h/x"),
        ("postgres://u@db.example/x?sslmode=require", "postgresql+asyncpg://u@db.example/x?ssl=require"),
    ],
)
def test_database_addresses(monkeypatch: pytest.MonkeyPatch, url: str, engine: str) -> None:
    assert load(monkeypatch, DATABASE_URL=url).engine_url.render_as_string() == engine


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BOT_TOKEN", "hush", "BotFather"),
        ("BOT_TOKEN", TOKEN + " ", "BotFather"),
        ("FEED_URLS", "news.example/feed", "must begin with https://"),
        ("FEED_URLS", "https://a.example/feed ftp://b.example/feed", "ftp://b.example/feed"),
        ("FEED_URLS", "https://[broken/feed", "no web address"),
        ("FEED_URLS", "https://a.example/feed/,https://b.example/feed/", "separate them by spaces"),
        ("DATABASE_URL", "mysql://u:hush@h/x", "only sqlite and postgres"),
        ("DATABASE_URL", "sqlite://", "names no file"),
        ("DATABASE_URL", "hush", "no database address"),
        ("POLL_SECONDS", "0", "is '0': it must be 1 or more"),
        ("POLL_SECONDS", "often", "is 'often': it must be a number"),
        ("POLL_SECONDS", "nan", "it must be a number"),
        ("MESSAGES_PER_SECOND", "100", "PAID_BROADCAST"),
        ("MESSAGES_PER_SECOND", "5000", "is '5000': it must be 1000 or less"),
        ("PUBLIC_URL", "bot.example", "must begin with https://"),
        ("PUBLIC_URL", "http://", "name a host"),
        ("PUBLIC_URL", "https:///bot", "name a host"),
        ("PUBLIC_URL", "https://bot example", "no web address"),
        ("PUBLIC_URL", "https://bot.example/?a=1", "leave out"),
        ("PUBLIC_URL", "https://u:hush@bot.example/", "leave out"),
        ("PUBLIC_URL", "http://bot.example", "https addresses only"),
        ("PUBLIC_URL", "https://bot.example:8080", "calls only 443, 80, 88, 8443"),
        ("METRICS_TOKEN", "hush", "16 to 256"),
        ("METRICS_PORT", "0", "it must be 1 or more"),
        ("SUBSCRIBE_URL", "javascript:alert(1)", "must begin with https://"),
        ("PORT", "0", "it must be 1 or more"),
        ("PORT", "x" * 99, "…': it must be a whole number"),
        ("SUBSCRIBE_PITCH", "x" * 201, "200 characters or fewer"),
        ("WEBHOOK_SECRET", "with space", "1 to 256 characters"),
        ("LOG_LEVEL", "loud", "is 'loud': it must be debug, info, warning or error"),
        ("PAID_BROADCAST", "perhaps", "is 'perhaps': it must be true or false"),
        ("ADMIN_CHAT_IDS", "42 @editor", "@editor"),
        ("ADMIN_CHAT_IDS", "4.2", "'4.2' is no number of a chat"),
        ("ADMIN_CHAT_IDS", "99999999999999999999", "is no number of a chat"),
        ("ADMIN_CHAT_IDS", "٤٢", "is no number of a chat"),
        ("TIME_ZONE", "Joburg", "Africa/Johannesburg"),
        ("SITE_FILE", "none.toml", "correct the path, or leave SITE_FILE out"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **{name: value})
    assert str(caught.value).startswith(name)
    assert says in str(caught.value)
    assert "hush" not in str(caught.value)


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, PORT="x", LOG_LEVEL="loud")
    assert [line.split()[0] for line in str(caught.value).splitlines()] == ["PORT", "LOG_LEVEL"]


def test_metrics_do_not_take_the_port_of_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, METRICS_PORT="8080").metrics_port == 8080  # by long polling there is nothing else
    with pytest.raises(SettingsError, match="METRICS_PORT is 8080, and so is PORT"):
        load(monkeypatch, PUBLIC_URL="https://bot.example")


def test_what_a_role_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch).require("token", "feeds", "webhook_url", "shared_url")
    named = [line.split()[0] for line in str(caught.value).splitlines()]
    assert named == ["BOT_TOKEN", "FEED_URLS", "PUBLIC_URL", "DATABASE_URL"]


def test_secrets_are_what_must_not_be_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).secrets == ()
    settings = load(monkeypatch, BOT_TOKEN=TOKEN, DATABASE_URL="postgres://h/x?user=u&password=hush")
    assert settings.secrets == (TOKEN, settings.derived_webhook_secret, "hush")
    feeds = "https://paper.example/feed/ https://editor:s%23cret@paper.example/all/"
    assert load(monkeypatch, FEED_URLS=feeds).secrets[-2:] == ("s%23cret", "s#cret")


def test_the_webhook_secret_is_derived_from_the_token_and_does_not_tell_it(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, BOT_TOKEN=TOKEN)
    assert len(settings.derived_webhook_secret) == 64
    assert settings.derived_webhook_secret == Settings.load().derived_webhook_secret
    assert TOKEN[-8:] not in settings.derived_webhook_secret
    assert load(monkeypatch, WEBHOOK_SECRET="own").derived_webhook_secret == "own"


def test_secrets_are_not_in_the_settings_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TOKEN not in repr(load(monkeypatch, BOT_TOKEN=TOKEN))


def test_a_file_named_env_is_read_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PORT=1234\nLOG_LEVEL=debug\n")
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109 - what the settings will read
    settings = load(monkeypatch, PORT="4321")
    assert (settings.port, settings.log_level) == (4321, "debug")


def test_the_site_file_is_read_with_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load(monkeypatch).site == SiteFile()
    (tmp_path / "site.toml").write_text('[premium]\ncategories = ["Plus"]\n')
    assert load(monkeypatch, SITE_FILE="site.toml").site.premium.categories == ("Plus",)


def test_a_wrong_site_file_is_told_with_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("[premium]\nurl = []\n")
    with pytest.raises(SettingsError, match=r"SITE_FILE site\.toml: premium\.url is not known"):
        load(monkeypatch, SITE_FILE="site.toml")


def test_a_password_in_a_misspelt_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"FEED_URLS 'paper\.example/feed' is no web address") as caught:
        load(monkeypatch, FEED_URLS="htps://me:hunter2@paper.example/feed")
    assert "hunter2" not in str(caught.value)


def test_what_only_libpq_knows_is_left_out_of_a_database_address(monkeypatch: pytest.MonkeyPatch) -> None:
    url = load(monkeypatch, DATABASE_URL="postgres://u@h/n?sslmode=require&channel_binding=require").engine_url
    assert dict(url.query) == {"ssl": "require"}


def test_secrets_may_stand_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "database").write_text("postgres://ann:secret@db.example/news")
    settings = load(monkeypatch, BOT_TOKEN_FILE=str(tmp_path / "token"), DATABASE_URL_FILE=str(tmp_path / "database"))
    assert settings.token == TOKEN
    assert settings.engine_url.host == "db.example"
    assert "secret" in settings.secrets


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"\xff\xfe", "is not text"),
        (b"x" * 5000, "too long"),
    ],
)
def test_a_file_without_a_secret_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(SettingsError, match=f"BOT_TOKEN_FILE .*{says}"):
        load(monkeypatch, BOT_TOKEN_FILE=str(tmp_path / "token"))


def test_a_secret_stands_in_one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="both set"):
        load(monkeypatch, BOT_TOKEN=TOKEN, BOT_TOKEN_FILE=str(tmp_path / "token"))


def test_a_name_that_is_nearly_a_setting_is_doubted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("FEED_URL", "PORTAL", "LOGNAME", "PATH"):
        monkeypatch.setenv(name, "x")
    (tmp_path / ".env").write_text("ADMIN_CHAT_ID=42\nCOMPOSE_PROJECT_NAME=x\n")
    said = load(monkeypatch, PORT="1234").doubtful()
    assert [line.split()[0] for line in said if line.split()[0] in {"ADMIN_CHAT_ID", "FEED_URL"}] == [
        "ADMIN_CHAT_ID",
        "FEED_URL",
    ]
    assert "did you mean FEED_URLS?" in said[1]
    assert not {"PORTAL", "LOGNAME", "PATH", "COMPOSE_PROJECT_NAME"} & {line.split()[0] for line in said}
