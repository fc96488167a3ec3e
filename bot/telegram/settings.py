"""Settings of the Telegram bot: `XUNZHANG_*` > the table [telegram] of `xunzhang.toml` > default.

Secrets come from the environment or a file of their own, never from `xunzhang.toml`, and no
error message or repr shows one.
"""

from __future__ import annotations

import difflib
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from bot.checks import number, path, wrong
from bot.errors import SettingsError
from bot.settings import PREFIX

TELEGRAM = "https://api.telegram.org"
TOKEN = "TELEGRAM_BOT_TOKEN"
_TOKEN_FORM = re.compile(r"\d{1,20}:[\w-]{1,256}", re.ASCII)
_SECRET_FORM = re.compile(r"[\w-]{1,256}", re.ASCII)
_PROXIES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """Everything that can be set about the Telegram bot."""

    api: str = TELEGRAM
    """Root of the Bot API server; methods are at ROOT/bot<token>/METHOD."""
    proxy: str | None = field(default=None, repr=False)
    """An http or socks5 proxy; may hold a password."""
    token_file: Path | None = None
    """File with the token, for owners' eyes only, where the environment does not have it."""
    admins: frozenset[int] = frozenset()
    allowed: frozenset[int] = frozenset()
    """People and groups (negative ids) the bot is open to; empty: everyone."""
    denied: frozenset[int] = frozenset()
    inline: bool = False
    protect: bool = False
    """Keep people from forwarding and saving answers."""
    burst: int = 10
    """Questions a person may ask at once."""
    refill_seconds: float = 2.0
    """Seconds until one more."""
    queue: int = 500
    """Questions that may wait in all."""
    workers: int = 1
    """Processes that search, each with the index open."""
    retention_days: int = 90
    """How long questions, answers and votes are kept."""
    webhook: str | None = None
    """Public https URL Telegram is to call; None: long polling."""
    webhook_listen: str = "127.0.0.1:8443"
    webhook_secret: str | None = field(default=None, repr=False)
    metrics: str | None = None
    """Address of a page for Prometheus, for instance 127.0.0.1:9109."""


def load_telegram_settings(
    environ: Mapping[str, str], table: Mapping[str, object] | None = None, folder: Path = Path()
) -> TelegramSettings:
    """Read the settings of the bot; `table` is [telegram] of the settings file in `folder`.

    Without a proxy of its own the bot takes HTTPS_PROXY, unless its server is on this machine or
    NO_PROXY names it.

    Raises:
        SettingsError: a key is unknown or a value is of the wrong kind.
    """
    values: dict[str, object] = {}
    for key, value in (table or {}).items():
        if key not in _CHECKS or key == "webhook_secret":
            near = difflib.get_close_matches(key, _CHECKS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_CHECKS)}"
            raise SettingsError(f"[telegram]: unknown setting {key!r}; {hint}")
        checked = _CHECKS[key](f"[telegram] {key}", value)
        values[key] = folder / checked if isinstance(checked, Path) else checked
    for key, check in _CHECKS.items():
        if text := environ.get(variable(key), "").strip():
            values[key] = check(variable(key), text)
    settings = TelegramSettings(**cast("dict[str, Any]", values))
    host = urlsplit(settings.api).hostname or ""
    excepted = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    inherited = environ.get("HTTPS_PROXY") or environ.get("https_proxy")
    direct = host in _HERE or _names(excepted, host)
    if settings.proxy is None and inherited and not direct:
        values["proxy"] = _proxy("HTTPS_PROXY", inherited)
        settings = TelegramSettings(**cast("dict[str, Any]", values))
    if settings.webhook and not settings.webhook_secret:
        raise SettingsError(
            f"a webhook without a secret lets anyone speak as Telegram; set {PREFIX}WEBHOOK_SECRET "
            "(for instance: openssl rand -hex 32)"
        )
    return settings


def _names(listed: str, host: str) -> bool:
    """Tell whether a list as in NO_PROXY names a host, or a domain it is in; * names all."""
    names = [name.strip().lstrip(".").lower() for name in listed.split(",")]
    return "*" in names or any(f".{host}".endswith(f".{name}") for name in names if name)


def read_token(environ: Mapping[str, str], settings: TelegramSettings) -> str:
    """Return the token of the bot.

    Raises:
        SettingsError: there is none, it has not the form of one, or others can read its file.
    """
    token, where = environ.get(TOKEN, "").strip(), TOKEN
    if not token and settings.token_file is not None:
        where = f"token file {settings.token_file}"
        try:
            if not _is_private(settings.token_file, environ):
                raise SettingsError(
                    f"{where} can be read by others; chmod 600 {settings.token_file}"
                )
            token = settings.token_file.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise SettingsError(f"{where} cannot be read ({reason})") from None
    if not token:
        raise SettingsError(
            f"no token: set {TOKEN}, or {PREFIX}TOKEN_FILE to a file with it; "
            "@BotFather gives one (docs/telegram.md)"
        )
    if not _TOKEN_FORM.fullmatch(token):
        raise SettingsError(
            f"{where} holds no token (123456789:AAExample…); copy it again from @BotFather"
        )
    return token


def _is_private(path: Path, environ: Mapping[str, str]) -> bool:
    """Tell whether only its owner can read a file.

    What systemd gives a service lies in a folder no other can enter. Since 254 it lets the service
    in by an access list, which `stat` shows as rights of the group (systemd issue 29435).
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    given = bool(credentials) and path.is_relative_to(str(credentials))
    mode = path.stat().st_mode
    return not mode & stat.S_IRWXO and (given or not mode & stat.S_IRWXG)


def variable(key: str) -> str:
    """Return the environment variable of a setting."""
    return f"{PREFIX}TELEGRAM_API" if key == "api" else PREFIX + key.upper()


def address(text: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:8443` or `[::1]:8443`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


_HERE = ("127.0.0.1", "localhost", "::1")


def _parts(value: object) -> SplitResult | None:
    """Return the parts of a URL that names a host; None for anything else."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        sound = parts is not None and parts.hostname and parts.port != 0
    except ValueError:  # a bracket that is not closed, a port that is no number
        return None
    return parts if sound else None


def _root(where: str, value: object) -> str:
    parts = _parts(value)
    if parts is None or parts.scheme not in ("http", "https"):
        raise wrong(where, value, "the root of a Bot API server, like http://127.0.0.1:8081")
    return str(value).rstrip("/")


def _webhook(where: str, value: object) -> str:
    parts = _parts(value)
    here = parts is not None and parts.hostname in _HERE
    if parts is None or parts.scheme not in ("https", "http")[: 1 + here]:
        raise wrong(where, value, "the public https URL Telegram is to call")
    return str(value)


def _proxy(where: str, value: object) -> str:
    parts = _parts(value)
    if parts is None or parts.scheme not in _PROXIES:
        # It is never shown: it may hold a password.
        raise SettingsError(
            f"{where} is no proxy; wanted: http://host:port or socks5://user:password@host:port"
        )
    return str(value)


def _secret(where: str, value: object) -> str:
    if not isinstance(value, str) or not _SECRET_FORM.fullmatch(value):
        raise SettingsError(
            f"{where} must be 1 to 256 of A-Z a-z 0-9 _ -; try: openssl rand -hex 32"
        )
    return value


def _ids(where: str, value: object) -> frozenset[int]:
    listed = value if isinstance(value, list) else re.split(r"[,\s]+", str(value).strip())
    try:
        # By way of text: TOML has booleans and fractions, of which Python would make numbers.
        return frozenset(int(str(one)) for one in listed if one != "")
    except ValueError:
        wanted = "numeric ids with commas between (people learn theirs from the bot)"
        raise wrong(where, value, wanted) from None


def _flag(where: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        return word in ("1", "true", "yes", "on")
    raise wrong(where, value, "true or false")


def _address(where: str, value: object) -> str:
    match = re.fullmatch(r"(?:[\w.-]+|\[[\da-fA-F:]+\]):(\d{1,5})", str(value), re.ASCII)
    if match is None or int(match[1]) > 65535:
        raise wrong(where, value, "host:port, like 127.0.0.1:8443")
    return str(value)


_CHECKS: dict[str, Callable[[str, object], object]] = {
    "api": _root,
    "proxy": _proxy,
    "token_file": path,
    "admins": _ids,
    "allowed": _ids,
    "denied": _ids,
    "inline": _flag,
    "protect": _flag,
    "burst": number(1, 1000),
    "refill_seconds": number(0.01, 3600, float),
    "queue": number(1, 100_000),
    "workers": number(1, 64),
    "retention_days": number(1, 3650),
    "webhook": _webhook,
    "webhook_listen": _address,
    "webhook_secret": _secret,
    "metrics": _address,
}

SETTING_NAMES = tuple(one.name for one in fields(TelegramSettings))
VARIABLES = tuple(variable(name) for name in SETTING_NAMES)
