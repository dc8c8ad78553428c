"""Secrets in files, as containers and systemd hand them over: BOT_TOKEN_FILE names the file that holds BOT_TOKEN."""

from pathlib import Path
from typing import Any

SECRETS = ("bot_token", "database_url", "webhook_secret", "metrics_token")
MAX_BYTES = 4096
"""More than any secret has."""


def with_files_read(given: dict[str, Any]) -> dict[str, Any]:
    """Settings in which each secret stands that a file holds. Raises ValueError, naming the setting."""
    read = dict(given)
    for name in SECRETS:
        file = read.get(f"{name}_file")
        if not file:
            continue
        setting = f"{name.upper()}_FILE"
        if read.get(name):
            raise ValueError(f"{setting} and {name.upper()} are both set: leave one out")
        read[name] = _content(setting, Path(file))
    return read


def _content(setting: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        secret = content.decode().strip()
    except OSError as error:
        raise ValueError(f"{setting} {path} cannot be read: {error.strerror or type(error).__name__}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{setting} {path} is not text") from None
    if not secret or len(content) > MAX_BYTES:
        raise ValueError(f"{setting} {path} holds no secret: it is {'too long' if secret else 'empty'}")
    return secret
