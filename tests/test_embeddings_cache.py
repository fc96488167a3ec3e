"""The vector cache: what it keeps, and that no damage to it is fatal."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import VectorCache
from tests.fakes import HashEncoder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "vectors.sqlite"


@pytest.fixture
def hashing() -> HashEncoder:
    return HashEncoder(dim=8)


TEXTS = ["买到假货", "", "退货运费", "买到假货"]


def test_second_run_encodes_nothing(path: Path, hashing: HashEncoder) -> None:
    expected = HashEncoder(dim=8).encode_passages(TEXTS)
    first = VectorCache(path)
    np.testing.assert_array_equal(first.encode(hashing, TEXTS), expected)
    first.close()
    assert hashing.encoded == ["买到假货", "", "退货运费"]
    second = VectorCache(path)
    result = second.encode(hashing, TEXTS)
    second.close()
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == np.float32
    assert len(hashing.encoded) == 3


def test_only_the_new_is_encoded(path: Path, hashing: HashEncoder) -> None:
    cache = VectorCache(path)
    cache.encode(hashing, ["甲乙", "丙丁"])
    done = list[int]()
    result = cache.encode(hashing, ["戊己", "丙丁"], progress=done.append)
    cache.close()
    assert hashing.encoded == ["甲乙", "丙丁", "戊己"]
    assert sum(done) == 2
    np.testing.assert_array_equal(result, HashEncoder(dim=8).encode_passages(["戊己", "丙丁"]))


def test_another_encoder_finds_nothing(path: Path) -> None:
    cache = VectorCache(path)
    cache.encode(HashEncoder(dim=8), ["甲乙"])
    other = HashEncoder(dim=8, name="other")
    cache.encode(other, ["甲乙"])
    assert other.encoded == ["甲乙"]
    assert cache.get_many("hash:8", 8, ["甲乙"]).keys() == {"甲乙"}
    assert cache.get_many("hash:8", 9, ["甲乙"]) == {}
    cache.close()


def test_nothing_to_encode(path: Path, hashing: HashEncoder) -> None:
    cache = VectorCache(path)
    assert cache.encode(hashing, []).shape == (0, 8)
    cache.close()


def test_more_texts_than_one_statement_takes(path: Path, hashing: HashEncoder) -> None:
    texts = [f"文{number}" for number in range(2000)]
    cache = VectorCache(path)
    cache.encode(hashing, texts)
    cache.encode(hashing, texts)
    cache.close()
    assert len(hashing.encoded) == 2000


def test_counts_must_agree(path: Path) -> None:
    cache = VectorCache(path)
    with pytest.raises(ValueError, match="2 texts but 1"):
        cache.put_many("hash:8", ["甲", "乙"], np.zeros((1, 8), dtype=np.float32))
    cache.close()


@pytest.mark.parametrize("content", [b"not a database, but long enough " * 40, b"\0" * 5000])
def test_damaged_file_is_set_aside(
    path: Path, hashing: HashEncoder, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        cache = VectorCache(path)
    assert cache.available
    assert path.with_name("vectors.sqlite.damaged").read_bytes() == content
    assert "set aside" in caplog.text or "moved to" in caplog.text
    cache.encode(hashing, TEXTS)
    cache.close()
    reopened = VectorCache(path)
    assert reopened.get_many("hash:8", 8, TEXTS).keys() == set(TEXTS)
    reopened.close()


def test_another_format_is_set_aside(path: Path) -> None:
    VectorCache(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("pragma user_version = 77")
    connection.close()
    cache = VectorCache(path)
    assert cache.available
    assert path.with_name("vectors.sqlite.damaged").exists()
    cache.close()


def test_damage_in_the_middle_costs_the_cache_not_the_work(
    path: Path, hashing: HashEncoder
) -> None:
    texts = [f"文章{number}" for number in range(3000)]
    cache = VectorCache(path)
    expected = cache.encode(hashing, texts)
    cache.close()
    content = bytearray(path.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 8192 - 4096)
    path.write_bytes(content)
    reopened = VectorCache(path)
    np.testing.assert_array_equal(reopened.encode(hashing, texts), expected)
    reopened.close()


def test_a_spoilt_vector_is_encoded_again(path: Path, hashing: HashEncoder) -> None:
    cache = VectorCache(path)
    expected = cache.encode(hashing, ["甲乙"])
    cache.close()
    with sqlite3.connect(path) as connection:
        spoilt = np.full(8, np.nan, dtype="<f4").tobytes()
        connection.execute("update vector set vector = ?", (spoilt,))
    connection.close()
    cache = VectorCache(path)
    np.testing.assert_array_equal(cache.encode(hashing, ["甲乙"]), expected)
    cache.close()
    assert hashing.encoded == ["甲乙", "甲乙"]


def test_a_place_that_cannot_hold_it(tmp_path: Path, hashing: HashEncoder) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cache = VectorCache(tmp_path / "file" / "vectors.sqlite")
    assert not cache.available
    assert cache.encode(hashing, TEXTS).shape == (4, 8)
    cache.close()


_WRITER = """
import sys
from pathlib import Path
import numpy as np
from embeddings import VectorCache
cache = VectorCache(Path(sys.argv[1]))
for number in range(10**6):
    texts = [f"{number}-{i}" for i in range(50)]
    vectors = np.zeros((50, 8), dtype=np.float32)
    vectors[:, number % 8] = 1
    cache.put_many("hash:8", texts, vectors)
    print(number, flush=True)
"""


def test_killed_while_writing_keeps_whole_blocks(path: Path) -> None:
    root = Path(__file__).resolve().parents[1]
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for _ in range(5):
        last = int(writer.stdout.readline())
    time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.stdout.close()
    writer.wait()
    cache = VectorCache(path)
    for number in range(last + 200):
        texts = [f"{number}-{i}" for i in range(50)]
        found = cache.get_many("hash:8", 8, texts)
        assert len(found) in ((50,) if number <= last else (0, 50))
        assert all(vector[number % 8] == 1 for vector in found.values())
    cache.close()


@given(texts=st.lists(st.text(max_size=8), max_size=8))
def test_any_text_comes_back(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    hashing = HashEncoder(dim=8)
    cache = VectorCache(tmp_path_factory.mktemp("cache") / "vectors.sqlite")
    first, second = cache.encode(hashing, texts), cache.encode(hashing, texts)
    cache.close()
    np.testing.assert_array_equal(first, second)
    assert len(hashing.encoded) == len(set(texts))
