"""Folded text to rows: characters, pairs, words, numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.tokens import WORD, Vocabulary


def make_vocabulary(characters: str, pairs: list[str], words: list[str]) -> Vocabulary:
    keys = sorted(characters.index(pair[0]) << 16 | characters.index(pair[1]) for pair in pairs)
    codes = np.array([ord(character) for character in characters], dtype=np.uint32)
    return Vocabulary(codes, np.array(keys, dtype=np.uint32), words)


# Rows: 退0 货1 款2 | 退货3 退款4 货退5 | ok6 7天's 7 is row 7
SMALL = make_vocabulary("退货款", ["退货", "退款", "货退"], ["ok", "7"])


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("。，!?\n", []),
        ("退", [0]),
        ("退货", [0, 1, 3]),
        ("退 货", [0, 1]),
        ("退,货", [0, 1]),
        ("退货退款", [0, 1, 0, 2, 3, 5, 4]),
        ("退甲货", [0, 1]),
        ("货款", [1, 2]),
        ("ok", [6]),
        ("okay", []),
        ("7天退ok货", [0, 1, 7, 6]),
        ("77", []),
        ("\U0002a6d6退\ud800货😀", [0, 1]),
    ],
)
def test_rows(text: str, rows: list[int]) -> None:
    assert SMALL.rows(text).tolist() == rows


def test_first_character_of_a_plane_beyond_the_table() -> None:
    assert SMALL.rows(chr(0x10FFFF) + "退").tolist() == [0]


@pytest.mark.parametrize(
    ("characters", "pairs"),
    [
        ([], []),
        ([1, 2], [1, 0]),
        ([1, 2], [1, 1]),
        ([1, 2], [2 << 16]),
        ([1, 2], [2]),
    ],
    ids=["none", "falling", "twice", "first unknown", "second unknown"],
)
def test_impossible_vocabulary(characters: list[int], pairs: list[int]) -> None:
    with pytest.raises(ValueError, match=r"vocabulary|pairs"):
        Vocabulary(np.array(characters, np.uint32), np.array(pairs, np.uint32), [])


def slow_rows(text: str) -> list[int]:
    characters, pairs, words = "退货款", ["退货", "退款", "货退"], ["ok", "7"]
    rows = [characters.index(character) for character in text if character in characters]
    rows += [
        3 + pairs.index(text[start : start + 2])
        for start in range(len(text))
        if text[start : start + 2] in pairs
    ]
    return rows + [6 + words.index(word) for word in WORD.findall(text) if word in words]


@given(st.text(alphabet="退货款甲ok7 。\U0002a6d6", max_size=30))
def test_rows_as_a_plain_loop_finds_them(text: str) -> None:
    # The plain loop numbers pairs as written; the vocabulary sorts them by character rows.
    renumbered = {3: 3, 4: 4, 5: 5}
    assert SMALL.rows(text).tolist() == [renumbered.get(row, row) for row in slow_rows(text)]
