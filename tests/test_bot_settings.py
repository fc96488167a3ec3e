from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import SETTING_NAMES, Settings, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def toml(folder: Path, text: str, name: str = "xunzhang.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_need_neither_file_nor_environment() -> None:
    settings = load_settings({})
    assert settings == Settings()
    assert settings.index_directory == Path("var/index")
    assert settings.cache == Path("var/cache/vectors.sqlite")


def test_an_index_placed_by_name_takes_its_cache_along() -> None:
    settings = load_settings({"XUNZHANG_INDEX": "/tmp/i", "XUNZHANG_STATE": "/tmp/s"})
    assert settings.index_directory == Path("/tmp/i")
    assert settings.cache == Path("/tmp/i/cache/vectors.sqlite")
    assert settings.history == Path("/tmp/s/history")


def test_the_environment_wins_over_the_file(elsewhere: Path) -> None:
    toml(elsewhere, 'limit = 3\nscript = "hant"\n')
    settings = load_settings({"XUNZHANG_LIMIT": "7"})
    assert (settings.limit, settings.script) == (7, "hant")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings({"XUNZHANG_LIMIT": " ", "XUNZHANG_CONFIG": ""}) == Settings()


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("state", "/tmp/s", Path("/tmp/s")),
        ("index", "/tmp/i", Path("/tmp/i")),
        ("model", " some/model ", "some/model"),
        ("reranker", " some/cross ", "some/cross"),
        ("synonyms", "/tmp/words.txt", Path("/tmp/words.txt")),
        ("limit", "1000", 1000),
        ("script", "HANS", "hans"),
        ("log_level", "debug", "DEBUG"),
        ("batch_size", "64", 64),
        ("threads", "2", 2),
        ("device", "cpu", "cpu"),
    ],
)
def test_every_setting_from_environment_and_file(
    key: str, text: str, value: object, elsewhere: Path
) -> None:
    assert getattr(load_settings({f"XUNZHANG_{key.upper()}": text}), key) == value
    toml(elsewhere, f"{key} = {text if text.isdigit() else repr(text)}\n")
    assert getattr(load_settings({}), key) == value


def test_the_table_above_leaves_no_setting_out() -> None:
    mark = test_every_setting_from_environment_and_file.pytestmark[0]  # type: ignore[attr-defined]
    assert {case[0] for case in mark.args[1]} == set(SETTING_NAMES)


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("XUNZHANG_LIMIT", "0", "from 1 to 1000"),
        ("XUNZHANG_LIMIT", "many", "from 1 to 1000"),
        ("XUNZHANG_LIMIT", "9" * 5000, "from 1 to 1000"),
        ("XUNZHANG_SCRIPT", "simplified", "auto, hans, hant, source"),
        ("XUNZHANG_LOG_LEVEL", "LOUD", "DEBUG, INFO"),
        ("XUNZHANG_THREADS", "-1", "from 1 to 1024"),
        ("XUNZHANG_STATE", "a\0b", "a path"),
        ("XUNZHANG_STATE", "~nobody-here/x", "a path without ~"),
        ("XUNZHANG_CONFIG", "~nobody-here/x", "a path without ~"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wanted(variable: str, value: str, wanted: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({variable: value})
    message = str(caught.value)
    assert variable in message and repr(value)[:20] in message and wanted in message
    assert len(message) < 200


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("limit = true", "True"),
        ("limit = [1]\n", "[1]"),
        ("limit = 2.5", "2.5"),
        ("state = 3", "3"),
        ('model = ""', "''"),
        ("script = 1", "1"),
    ],
)
def test_a_wrong_type_in_the_file(text: str, named: str, elsewhere: Path) -> None:
    path = toml(elsewhere, text)
    with pytest.raises(SettingsError, match="wanted:") as caught:
        load_settings({})
    assert path.name in str(caught.value) and named in str(caught.value)


def test_an_unknown_key_is_answered_with_the_nearest(elsewhere: Path) -> None:
    toml(elsewhere, "limmit = 3")
    with pytest.raises(SettingsError, match=r"unknown setting 'limmit'; did you mean limit\?"):
        load_settings({})
    toml(elsewhere, "zzz = 3")
    with pytest.raises(SettingsError, match="known are batch_size, device"):
        load_settings({})


def test_a_named_file_must_be_there(elsewhere: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load_settings({"XUNZHANG_CONFIG": str(elsewhere / "none.toml")})
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({}, elsewhere)


@pytest.mark.parametrize("data", [b"limit = ", b"\xff\xfe\x00", b'state = "\xd6\xd0"'])
def test_a_file_that_is_no_toml(data: bytes, elsewhere: Path) -> None:
    (elsewhere / "xunzhang.toml").write_bytes(data)
    with pytest.raises(SettingsError, match="not valid TOML"):
        load_settings({})


def test_paths_in_a_file_are_relative_to_it(elsewhere: Path) -> None:
    folder = elsewhere / "conf"
    folder.mkdir()
    path = toml(folder, '\ufeffstate = "data"\nindex = "/abs"\n', "my.toml")
    settings = load_settings({"XUNZHANG_CONFIG": str(path)})
    assert settings.state == folder / "data"
    assert settings.index == Path("/abs")


def test_a_path_given_wins_over_the_variable(elsewhere: Path) -> None:
    first, second = toml(elsewhere, "limit = 1", "1.toml"), toml(elsewhere, "limit = 2", "2.toml")
    assert load_settings({"XUNZHANG_CONFIG": str(first)}, second).limit == 2


def test_variables_nothing_reads_are_named() -> None:
    environ = dict.fromkeys(
        ["XUNZHANG_LIMT", "XUNZHANG_LIMIT", "XUNZHANG_PROXY", "XUNZHANG_TELEGRAM_API", "HOME"], "1"
    )
    (line,) = unknown_variables(environ)
    assert line == "XUNZHANG_LIMT is not a setting and is ignored; did you mean XUNZHANG_LIMIT?"
