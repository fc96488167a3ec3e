from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from bot.wording import LANGUAGES, TABLE, Language, language_of, say
from corpus.script import script_weight

BOT = Path(__file__).resolve().parents[1] / "bot"


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", TABLE)
def test_every_language_says_it_with_the_same_placeholders(key: str) -> None:
    sentences = TABLE[key]
    assert len(sentences) == len(LANGUAGES)
    assert all(sentence.strip() for sentence in sentences)
    assert len({frozenset(placeholders(sentence)) for sentence in sentences}) == 1


@pytest.mark.parametrize("key", TABLE)
def test_each_script_keeps_to_itself(key: str) -> None:
    hans, hant, _ = TABLE[key]
    # 简体 and 繁體 name each other; nothing else may stray.
    assert all(script_weight(character) <= 0 for character in hans)
    assert all(script_weight(character) >= 0 for character in hant)


def test_every_sentence_is_used_and_every_used_one_is_there() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in BOT.glob("*.py"))
    for table in ("wording.py", "filter_wording.py"):
        source = source.replace((BOT / table).read_text(encoding="utf-8"), "")
    named = set(re.findall(r'(?:\bsay|_say)\(\s*"([a-z_0-9]+)"', source))
    assert named <= TABLE.keys()
    prefixes = tuple(re.findall(r'f"([a-z]+_)\{', source))
    quoted = set(re.findall(r"""["']([a-z_0-9]+)["']""", source))
    unused = {key for key in TABLE.keys() - quoted if not key.startswith(prefixes)}
    assert unused == set()


def test_say_fills_in() -> None:
    assert say("also_in", "hans", count=3) == "另见于 3 处"
    assert say("unknown_command", "en", command="{x}").startswith("There is no command {x};")
    with pytest.raises(KeyError):
        say("also_in", "en")


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "hans"),
        ({"LANG": "zh_TW.UTF-8"}, "hant"),
        ({"LANG": "zh_HK"}, "hant"),
        ({"LANG": "zh-Hant"}, "hant"),
        ({"LANG": "zh_CN", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "hans"),
    ],
)
def test_the_language_of_a_locale(environ: dict[str, str], language: Language) -> None:
    assert language_of(environ) == language
