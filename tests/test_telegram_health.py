from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.settings import Settings
from bot.telegram.health import Health, health_file, judge, write_health

WELL = Health(1000.0, os.getpid(), "polling", 995.0, 3.0, "gen-000001")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "state").mkdir()
    return Settings(state=tmp_path / "state")


def findings(settings: Settings, health: Health, now: float = 1001.0) -> list[str]:
    write_health(health_file(settings), health)
    return judge(settings, now)


def test_a_bot_that_is_well(settings: Settings) -> None:
    assert findings(settings, WELL) == []
    assert findings(settings, replace(WELL, mode="webhook", polled=None)) == []


@pytest.mark.parametrize(
    ("health", "now", "word"),
    [
        (WELL, 1040.0, "standing still"),
        (replace(WELL, polled=900.0), 1001.0, "101 s ago"),
        (replace(WELL, polled=None), 1001.0, "not answered getUpdates yet"),
        (replace(WELL, lag_ms=5000.0), 1001.0, "5000 ms late"),
        (replace(WELL, generation=None), 1001.0, "no index"),
        (replace(WELL, pid=2**22 + 1), 1001.0, "is gone"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    settings: Settings, health: Health, now: float, word: str
) -> None:
    (finding,) = findings(settings, health, now)
    assert word in finding and "\n" not in finding


def test_no_bot_and_a_broken_file(settings: Settings) -> None:
    assert "no bot runs" in judge(settings)[0]
    health_file(settings).write_text("{", encoding="utf-8")
    assert "cannot be read" in judge(settings)[0]
    health_file(settings).write_text('{"strange": 1}', encoding="utf-8")
    assert "cannot be read" in judge(settings)[0]


def test_the_commands_end_with_one_line_and_a_code(tmp_path: Path) -> None:
    check = CliRunner().invoke(main, ["healthcheck"])
    assert check.exit_code == 1 and "no bot runs" in check.output
    start = CliRunner().invoke(main, ["telegram"], env={"TELEGRAM_BOT_TOKEN": ""})
    assert start.exit_code == 1 and "BotFather" in start.output
    assert start.output.count("\n") == 1
