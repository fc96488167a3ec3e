"""What is given to run the bot as a service fits this program."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deploy"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    units = []
    for unit in sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer")):
        # The program is not installed here; everything else is checked as it stands.
        text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text("utf-8"))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
        units.append(str(tmp_path / unit.name))
    assert len(units) == 3
    command = ["systemd-analyze", "verify", "--man=no", *units]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    found = [line for line in checked.stderr.splitlines() if str(tmp_path) in line]
    assert (checked.returncode, found) == (0, [])


def test_what_the_dockerfile_copies_is_there() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = [name for line in re.findall(r"(?m)^COPY (.+) \S+$", text) for name in line.split()]
    assert len(copied) > 4
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert 'CMD ["xunzhang", "telegram"]' in text
