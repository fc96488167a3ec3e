from __future__ import annotations

from pathlib import Path

import pytest

from retrieval import IndexMissing, build_index, standings
from tests.fakes import HashEncoder
from tests.test_retrieval_increments import BODIES, FOOTER

BESIDE = (
    "路灯熄了三个晚上，老人下楼只好打着手电。街道答应本周换上新的灯泡，并且留下报修的号码。",
    "渡口的木船停开以后，对岸的孩子绕行八里才能上学，校长盼着那座桥早些动工，家长也一样。",
    "面馆把价目贴在门外，一碗加蛋十二元。客人说清楚就好，怕的是吃完才晓得另外收茶位费。",
)


def test_a_file_is_told_what_became_of_it(tmp_path: Path) -> None:
    folder, index = tmp_path / "archive", tmp_path / "index"
    folder.mkdir()
    texts = {
        "0.txt": f"{BESIDE[0]}\n\n{FOOTER}",
        "1.txt": f"{BESIDE[1]}\n\n{FOOTER}",
        "2.txt": f"{BESIDE[2]}\n\n{FOOTER}",
        "3.txt": BODIES[3],
        "4.txt": BODIES[3],
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    build_index([folder], index, HashEncoder())
    (first,) = standings(index, folder / "0.txt")
    assert (first.head, first.copies) == (None, 0)
    assert first.passages >= 1
    (block,) = first.blocks
    assert block.startswith("本站声明甲")
    (third,), (fourth,) = (standings(index, folder / name) for name in ("3.txt", "4.txt"))
    shown, reprint = (third, fourth) if third.copies else (fourth, third)
    assert (shown.head, shown.copies, shown.blocks) == (None, 1, ())
    assert reprint.head is not None
    assert (reprint.head.id, reprint.passages, reprint.copies) == (shown.article, 0, 0)
    assert standings(index, folder / "none.txt") == []


def test_without_an_index_there_is_nothing_to_tell(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        standings(tmp_path, tmp_path / "0.txt")
