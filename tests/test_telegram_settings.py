from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.logs import Redactor
from bot.settings import load_settings, unknown_variables
from bot.telegram.guard import secrets_of
from bot.telegram.settings import (
    SETTING_NAMES,
    VARIABLES,
    TelegramSettings,
    address,
    load_telegram_settings,
    read_token,
)
from tests.telegram_fake import TOKEN

ROOT = Path(__file__).resolve().parents[1]
CASES: tuple[tuple[str, str, object], ...] = (
    ("api", "http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
    ("proxy", "socks5://u:p@127.0.0.1:1080", "socks5://u:p@127.0.0.1:1080"),
    ("token_file", "/run/token", Path("/run/token")),
    ("admins", "1, 2 3", frozenset({1, 2, 3})),
    ("allowed", "7,-100123", frozenset({7, -100123})),
    ("denied", "-5", frozenset({-5})),
    ("inline", "yes", True),
    ("protect", "0", False),
    ("burst", "3", 3),
    ("refill_seconds", "0.5", 0.5),
    ("queue", "9", 9),
    ("workers", "1", 1),
    ("retention_days", "30", 30),
    ("webhook_listen", "[::1]:9000", "[::1]:9000"),
    ("webhook_secret", "abc-_1", "abc-_1"),
    ("webhook", "https://bot.example/hook", "https://bot.example/hook"),
    ("metrics", "127.0.0.1:9109", "127.0.0.1:9109"),
)


def variable(name: str) -> str:
    return "XUNZHANG_TELEGRAM_API" if name == "api" else f"XUNZHANG_{name.upper()}"


@pytest.mark.parametrize(("name", "text", "value"), CASES, ids=[case[0] for case in CASES])
def test_every_setting_from_environment_and_table(name: str, text: str, value: object) -> None:
    secret = {} if name == "webhook_secret" else {"XUNZHANG_WEBHOOK_SECRET": "s"}
    environ = {variable(name): text} | secret
    assert getattr(load_telegram_settings(environ), name) == value
    if name != "webhook_secret":
        assert getattr(load_telegram_settings(secret, {name: text}), name) == value


def test_the_cases_leave_no_setting_out() -> None:
    assert {case[0] for case in CASES} == set(SETTING_NAMES)
    assert {variable(name) for name in SETTING_NAMES} == set(VARIABLES)
    assert unknown_variables(dict.fromkeys(VARIABLES, "x")) == []


def test_every_setting_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "telegram.md").read_text(encoding="utf-8")
    for name in (*VARIABLES, "TELEGRAM_BOT_TOKEN"):
        assert name in text, name


def test_the_table_of_the_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    text = 'limit = 3\n[telegram]\nadmins = [1, 2]\ninline = true\ntoken_file = "secret/token"\n'
    path.write_text(text, encoding="utf-8")
    settings = load_settings({}, path)
    options = load_telegram_settings({"XUNZHANG_ADMINS": "5"}, settings.telegram, settings.folder)
    assert options.inline and options.admins == frozenset({5})
    assert options.token_file == tmp_path / "secret" / "token"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("api", "api.telegram.org"),
        ("api", "http://[::1"),
        ("api", "http://127.0.0.1:99999"),
        ("webhook", "https://[::1"),
        ("token_file", "~nobody-here/token"),
        ("proxy", "ftp://host"),
        ("proxy", "http://host:notaport"),
        ("admins", "me"),
        ("inline", "perhaps"),
        ("burst", "0"),
        ("refill_seconds", "nan"),
        ("webhook", "http://bot.example/hook"),
        ("webhook_listen", "8443"),
        ("metrics", "127.0.0.1:99999"),
        ("webhook_secret", "not this!"),
    ],
)
def test_wrong_values_are_refused_in_one_line(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_telegram_settings({variable(name): text})
    assert variable(name) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [True, [True], {"a": 1}, [[1]], 1.5, [float("inf")]])
def test_wrong_types_in_the_table(value: object) -> None:
    with pytest.raises(SettingsError, match="admins"):
        load_telegram_settings({}, {"admins": value})


@pytest.mark.parametrize("value", [2.5, float("inf"), float("nan"), True, [1], "1.0"])
def test_what_is_no_whole_number_in_the_table(value: object) -> None:
    with pytest.raises(SettingsError, match="burst"):
        load_telegram_settings({}, {"burst": value})


def test_an_unknown_key_of_the_table_is_named() -> None:
    with pytest.raises(SettingsError, match="did you mean admins"):
        load_telegram_settings({}, {"admin": [1]})
    with pytest.raises(SettingsError, match="unknown"):
        load_telegram_settings({}, {"webhook_secret": "must not stand in this file"})


def test_a_webhook_needs_a_secret() -> None:
    with pytest.raises(SettingsError, match="XUNZHANG_WEBHOOK_SECRET"):
        load_telegram_settings({"XUNZHANG_WEBHOOK": "https://bot.example/hook"})


def test_https_proxy_is_taken_unless_the_server_is_near() -> None:
    environ = {"HTTPS_PROXY": "http://proxy:3128"}
    assert load_telegram_settings(environ).proxy == "http://proxy:3128"
    here = environ | {"XUNZHANG_TELEGRAM_API": "http://127.0.0.1:8081"}
    assert load_telegram_settings(here).proxy is None
    near = environ | {"XUNZHANG_TELEGRAM_API": "http://bots.lan:8081"}
    assert load_telegram_settings(near).proxy == "http://proxy:3128"
    for excepted in ("lan", ".lan", "other, bots.lan", "*"):
        assert load_telegram_settings(near | {"NO_PROXY": excepted}).proxy is None
    assert load_telegram_settings(near | {"no_proxy": "tslan"}).proxy == "http://proxy:3128"
    own = here | {"XUNZHANG_PROXY": "socks5://127.0.0.1:1080"}
    assert load_telegram_settings(own).proxy == "socks5://127.0.0.1:1080"


def test_secrets_show_in_no_message_and_no_repr() -> None:
    options = TelegramSettings(proxy="http://u:hunter2@h:1", webhook_secret="topsecret")
    assert "hunter2" not in repr(options) and "topsecret" not in repr(options)
    assert {"hunter2", "topsecret", TOKEN, TOKEN.partition(":")[2]} <= set(
        secrets_of(options, TOKEN)
    )
    for environ in (
        {"XUNZHANG_PROXY": "http//u:hunter2"},
        {"XUNZHANG_WEBHOOK_SECRET": "hunter2 !"},
    ):
        with pytest.raises(SettingsError) as caught:
            load_telegram_settings(environ)
        assert "hunter2" not in str(caught.value)


def test_passwords_are_secrets_wherever_they_stand() -> None:
    options = TelegramSettings(
        proxy="socks5://u:a%26b@h:1", api="http://u:long&strong@h", webhook="https://u:xy@h/p"
    )
    redact = Redactor(secrets_of(options, "1:short"))
    for url in (options.proxy, options.api, options.webhook, "u:a&b@", "1:short", "long&strong"):
        assert redact(str(url)) != url and "strong" not in redact(str(url))
    assert redact("axyz is no password") == "axyz is no password"


def test_threads_end_without_saying_a_secret(tmp_path: Path) -> None:
    program = f"""
import threading
from bot.logs import set_up_logs
from bot.telegram.guard import guard_threads
class Bad:
    def __del__(self):
        raise ValueError("bot{TOKEN}")
def end():
    raise RuntimeError("https://h/bot{TOKEN}/getMe")
guard_threads(set_up_logs("DEBUG"))
thread = threading.Thread(target=end)
thread.start()
thread.join()
Bad()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "RuntimeError" in ended.stderr and "ValueError" in ended.stderr
    assert ended.stderr.count("[redacted]") >= 2 and "Example" not in ended.stderr


def test_the_token_from_environment_or_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n", encoding="utf-8")
    path.chmod(0o600)
    options = TelegramSettings(token_file=path)
    assert read_token({"TELEGRAM_BOT_TOKEN": f" {TOKEN} "}, TelegramSettings()) == TOKEN
    assert read_token({}, options) == TOKEN
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_token({}, options)
    path.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_token({}, options)


def test_a_credential_of_systemd_is_private_though_it_seems_the_groups(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN, encoding="utf-8")
    options, given = TelegramSettings(token_file=path), {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    path.chmod(0o440)
    assert read_token(given, options) == TOKEN
    for elsewhere in ({}, {"CREDENTIALS_DIRECTORY": str(tmp_path / "other")}):
        with pytest.raises(SettingsError, match="chmod 600"):
            read_token(elsewhere, options)
    path.chmod(0o444)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_token(given, options)


@pytest.mark.parametrize("token", ["", "no token at all", "123456:with space", "abc:def"])
def test_what_is_no_token_is_refused_unseen(token: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_token({"TELEGRAM_BOT_TOKEN": token}, TelegramSettings())
    assert not token or token not in str(caught.value)
    assert "BotFather" in str(caught.value)


def test_addresses() -> None:
    assert address("127.0.0.1:8443") == ("127.0.0.1", 8443)
    assert address("[::1]:80") == ("::1", 80)
