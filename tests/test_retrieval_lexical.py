from __future__ import annotations

import math
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import IndexDamaged
from retrieval.lexical import LexicalIndex, PartWriter, join_parts, parts_of

ROWS = [
    "退 货 期 限 退货 货期 期限",
    "赔 偿 三 倍 赔偿 偿三 三倍",
    "退 货 运 费 退货 货运 运费 谁 付",
    "退 货 期 限 退货 货期 期限",
]


def written(folder: Path, documents: Sequence[str], parts: int = 1) -> LexicalIndex:
    """Write an index, its rows dealt out to parts."""
    rows = [np.arange(part, len(documents), parts, dtype=np.int32) for part in range(parts)]
    made = []
    for part, own in enumerate(rows):
        writer = PartWriter(folder.with_name(f"part-{part}"), part)
        for row in own.tolist():
            writer.add(documents[row])
        made.append(writer.finish(f"digest {part}"))
    join_parts(made, rows, folder)
    return LexicalIndex(folder)


@pytest.fixture(params=[1, 3, 5], ids="{} parts".format)
def index(tmp_path: Path, request: pytest.FixtureRequest) -> LexicalIndex:
    return written(tmp_path / "lexical", ROWS, request.param)


def asked(terms: list[str]) -> dict[str, float]:
    return dict(Counter(terms))


def bm25(question: list[str], row: int) -> float:
    """Score by the textbook formula, k1 = 1.2 and b = 0.75."""
    documents = [terms.split() for terms in ROWS]
    average = sum(map(len, documents)) / len(documents)
    total = 0.0
    for term in question:
        frequency = documents[row].count(term)
        holding = sum(term in document for document in documents)
        idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        norm = 1.2 * (0.25 + 0.75 * len(documents[row]) / average)
        total += idf * frequency * 2.2 / (frequency + norm)
    return total


def test_scores_are_bm25(index: LexicalIndex) -> None:
    question = ["退货", "运费", "谁"]
    found = dict(index.search(asked(question), limit=10))
    assert found.keys() == {0, 2, 3}
    for row, score in found.items():
        assert score == pytest.approx(bm25(question, row), rel=1e-3)


def test_best_first_and_equal_scores_by_row(index: LexicalIndex) -> None:
    assert [row for row, _ in index.search(asked(["退货"]), limit=10)] == [0, 3, 2]
    assert [row for row, _ in index.search(asked(["退货"]), limit=1)] == [0]


def test_a_term_given_twice_counts_twice(index: LexicalIndex) -> None:
    once, twice = (
        index.search(asked(["三倍"]), limit=1),
        index.search(asked(["三倍", "三倍"]), limit=1),
    )
    assert twice[0][1] == pytest.approx(2 * once[0][1])


def test_every_term_must_stand_there(index: LexicalIndex) -> None:
    found = index.search(asked(["退货", "费"]), limit=5, every=True)
    assert [row for row, _ in found] == [2]
    assert index.search(asked(["退货", "三倍"]), limit=5, every=True) == []


def test_nothing_known_finds_nothing(index: LexicalIndex) -> None:
    assert index.search(asked(["天气"]), limit=5) == []
    assert index.search(asked([]), limit=5) == []


def test_terms_are_taken_literally(index: LexicalIndex) -> None:
    assert index.search(asked(['"', "AND", "terms:退货", "*"]), limit=5) == []


def test_limit_must_be_positive(index: LexicalIndex) -> None:
    with pytest.raises(ValueError, match="limit must be at least 1"):
        index.search(asked(["退货"]), limit=0)


def test_counts(index: LexicalIndex) -> None:
    assert len(index) == 4
    assert index.document_frequency("退货") == 3
    assert index.document_frequency("天气") == 0


def test_a_folder_that_is_no_index_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match=r"keyword index .* cannot be read"):
        LexicalIndex(tmp_path)


@pytest.mark.parametrize("byte", [0, 30, 150, -60, -20, -10])
def test_a_byte_gone_bad_among_the_rows_is_damage(tmp_path: Path, byte: int) -> None:
    written(tmp_path / "lexical", ROWS)
    content = bytearray((tmp_path / "lexical" / "rows.npz").read_bytes())
    content[byte] ^= 0x55
    (tmp_path / "lexical" / "rows.npz").write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"keyword index .* cannot be read"):
        LexicalIndex(tmp_path / "lexical")


@pytest.mark.parametrize(("suffix", "part"), [("term", 0.0), ("fast", 0.0), ("fast", 0.1)])
def test_bytes_gone_bad_that_are_read_with_the_question_are_damage(
    tmp_path: Path, suffix: str, part: float
) -> None:
    """The first is an error of tantivy's, the second of ours, the third a panic."""
    written(tmp_path / "lexical", 100 * ROWS)
    # A copy: files that tantivy has mapped must not be cut.
    folder = shutil.copytree(tmp_path / "lexical", tmp_path / "damaged")
    (path,) = folder.glob(f"*.{suffix}")
    content = bytearray(path.read_bytes())
    place = int(part * len(content))
    content[place : place + 2] = b"\xff\xff"
    path.write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"keyword index .* cannot be read"):
        LexicalIndex(folder).search(asked(["退货"]), limit=4)


def test_an_index_that_may_not_be_locked_is_read(tmp_path: Path) -> None:
    written(tmp_path / "lexical", ROWS)
    # As on a read-only mount, where root too is refused: tantivy's lock cannot be opened.
    lock = tmp_path / "lexical" / ".tantivy-meta.lock"
    lock.unlink()
    lock.mkdir()
    index = LexicalIndex(tmp_path / "lexical")
    assert [row for row, _ in index.search(asked(["三倍"]), limit=10)] == [1]


def test_a_part_of_another_index_is_copied(tmp_path: Path) -> None:
    written(tmp_path / "old" / "lexical", ROWS, 2)
    first, second = parts_of(tmp_path / "old" / "lexical")
    assert (first.digest, second.digest) == ("digest 0", "digest 1")
    # The second part now holds other rows of the index, and the first is written anew.
    writer = PartWriter(tmp_path / "new" / "part", 0)
    for row in (0, 1):
        writer.add(ROWS[row] + " 新")
    parts = [writer.finish("new"), second]
    rows = [np.array([2, 3], np.int32), np.array([0, 1], np.int32)]
    join_parts(parts, rows, tmp_path / "new" / "lexical")
    index = LexicalIndex(tmp_path / "new" / "lexical")
    assert [row for row, _ in index.search(asked(["新"]), limit=10)] == [2, 3]
    assert [row for row, _ in index.search(asked(["三倍"]), limit=10)] == [0, 3]
    within = np.array([True, False, False, False])
    assert [row for row, _ in index.search(asked(["三倍"]), limit=10, within=within)] == [0]
    assert parts_of(tmp_path / "old" / "lexical") == [first, second]


def test_parts_that_cannot_be_told_are_none(tmp_path: Path) -> None:
    assert parts_of(tmp_path) == []
    (tmp_path / "parts.json").write_text('[{"digest": "x"}]', encoding="utf-8")
    assert parts_of(tmp_path) == []


def test_restricted_to_some_rows(tmp_path: Path) -> None:
    draw = random.Random(5)
    # So many that both ways to restrict a search are taken: rows named, and a deeper search.
    letters = "退货赔偿三倍期限运费"
    documents = [" ".join(draw.choices(letters, k=draw.randint(1, 4))) for _ in range(12_000)]
    index = written(tmp_path / "lexical", documents)
    question = asked(["退", "赔", "三", "三"])
    everything = index.search(question, limit=len(index))
    for count in (1, 40, 4_000, 6_000, 11_000):
        within = np.zeros(len(index), dtype=np.bool_)
        # The worst rows together: a search as deep as it takes at random falls short.
        rows = [row for row, _ in everything[-count:]] if count > 5_000 else range(0, count * 2, 2)
        within[list(rows)] = True
        wanted = [pair for pair in everything if within[pair[0]]]
        assert index.search(question, limit=50, within=within) == wanted[:50]
        assert index.search(question, limit=12_000, within=within) == wanted
    assert index.search(question, limit=5, within=np.zeros(len(index), dtype=np.bool_)) == []
