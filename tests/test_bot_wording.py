from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from bot.report_wording import KINDS
from bot.report_wording import TABLE as REPORT
from bot.telegram.wording import TABLE as TELEGRAM
from bot.wording import LANGUAGES, TABLE, Language, language_of, say
from corpus.script import script_weight

BOT = Path(__file__).resolve().parents[1] / "bot"
SENTENCES = [
    pytest.param(sentences, id=f"{name} {key}")
    for name, table in (("bot", TABLE), ("report", REPORT | KINDS), ("telegram", TELEGRAM))
    for key, sentences in table.items()
]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("sentences", SENTENCES)
def test_every_language_says_it_with_the_same_placeholders(sentences: tuple[str, ...]) -> None:
    assert len(sentences) == len(LANGUAGES)
    assert all(sentence.strip() for sentence in sentences)
    assert len({frozenset(placeholders(sentence)) for sentence in sentences}) == 1


@pytest.mark.parametrize("sentences", SENTENCES)
def test_each_script_keeps_to_itself(sentences: tuple[str, str, str]) -> None:
    hans, hant, _ = sentences
    # 简体 and 繁體 name each other; nothing else may stray.
    assert all(script_weight(character) <= 0 for character in hans)
    assert all(script_weight(character) >= 0 for character in hant)


def source(modules: str) -> str:
    """The source of modules of the bot, less the tables of words."""
    paths = [path for path in BOT.glob(modules) if not path.stem.endswith("wording")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize(
    ("table", "modules", "function"),
    [
        (TABLE, "*.py", r"(?:\bsay|_say)"),
        (REPORT, "report*.py", r"\bword"),
        (TELEGRAM, "telegram/*.py", r"\btell"),
    ],
    ids=["bot", "report", "telegram"],
)
def test_every_sentence_is_used_and_every_used_one_is_there(
    table: dict[str, tuple[str, str, str]], modules: str, function: str
) -> None:
    text = source(modules)
    named = set(re.findall(rf'{function}\(\s*"([a-z_0-9]+)"', text))
    assert named and named <= table.keys()
    prefixes = tuple(re.findall(r'f"([a-z]+_)\{', text))
    quoted = set(re.findall(r"""["']([a-z_0-9]+)["']""", text))
    assert {key for key in table.keys() - quoted if not key.startswith(prefixes)} == set()


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
        ({"LANG": "zh_SG.UTF-8@modified"}, "hans"),
        ({"LANG": "zh"}, "hans"),
        ({"LANG": "zh_CN", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "hans"),
    ],
)
def test_the_language_of_a_locale(environ: dict[str, str], language: Language) -> None:
    assert language_of(environ) == language
