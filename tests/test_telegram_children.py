from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bot.telegram.children import child_command, child_environment
from bot.telegram.settings import VARIABLES


def test_children_inherit_nothing_that_concerns_telegram() -> None:
    kept = {"PATH": "/bin", "XUNZHANG_STATE": "var", "HTTPS_PROXY": "http://h:1"}
    own = dict.fromkeys((*VARIABLES, "TELEGRAM_BOT_TOKEN"), "hush")
    assert child_environment(kept | own) == kept


def test_children_run_this_program_wherever_they_are_started(tmp_path: Path) -> None:
    for name in ("bot.py", "corpus.py", "retrieval.py"):
        (tmp_path / name).write_text("raise RuntimeError('not ours')\n", encoding="utf-8")
    command = child_command("from bot.cli import main; main()", "rebuild", "--help")
    done = subprocess.run(
        command, cwd=tmp_path, env=child_environment(os.environ), capture_output=True, check=False
    )
    assert done.returncode == 0 and b"Usage: xunzhang rebuild" in done.stdout
