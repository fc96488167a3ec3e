from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from bot.picture import draw
from tests.bot_fakes import FakeServices


def test_the_picture_is_a_whole_svg_that_fetches_nothing(tmp_path: Path) -> None:
    target = tmp_path / "docs" / "repl.svg"
    draw(target, FakeServices())
    text = target.read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert "质量问题" in text and "尋章›" in text
    assert "@font-face" not in text and "url(http" not in text
