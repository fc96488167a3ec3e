"""The README is true: its commands run, its files exist, every command of the program is named."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.cli import main
from bot.settings import load_settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
    if line.split("#")[0].strip()
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with articles of one's own, as the README takes for granted."""
    folder = tmp_path_factory.mktemp("reader")
    shutil.copytree(ROOT / "corpus" / "sample", folder / "articles")
    (folder / "more").mkdir()
    line = {"id": "x1", "title": "召回", "text": "缺陷汽车召回，修理的费用由生产者承担。"}
    (folder / "more" / "2024.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", [one for one in COMMANDS if "xunzhang" in one])
def test_commands_run(command: str, place: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("XUNZHANG_")
    }
    scripts = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=place,
        env=environment | {"PATH": f"{scripts}:{environment['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if "ask " in command:
        assert done.stdout.strip()
    if "--json" in command and "ask" in command:
        assert json.loads(done.stdout)["status"] == "answered"


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {target for command in COMMANDS for target in re.findall(r"\bmake (\w+)", command)}
    named |= set(re.findall(r"`make (\w+)`", README))
    assert {"ask", "test", "bench", "eval"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_extras_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = set(re.findall(r"\.\[(\w+)\]", README))
    assert named
    assert named <= project["optional-dependencies"].keys()


def test_every_command_is_named() -> None:
    for name in main.commands:
        assert f"xunzhang {name}" in README, name


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_settings_shown_are_settings(tmp_path: Path) -> None:
    [shown] = [block for language, block in BLOCKS if language == "toml"]
    path = tmp_path / "xunzhang.toml"
    path.write_text(shown, encoding="utf-8")
    assert load_settings({}, path).limit == 5


def test_no_figure_is_still_missing() -> None:
    assert not re.search(r"@[A-Z]+@", README)
