"""Four bits a number: what is lost, and that nothing else is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from embeddings.nibbles import pack, quantise, unpack

shapes = st.tuples(st.integers(0, 9), st.integers(0, 6).map(lambda half: 2 * half))


@given(arrays.arrays(np.int8, shapes, elements=st.integers(-8, 7)))
def test_packed_and_unpacked(numbers: npt.NDArray[np.int8]) -> None:
    packed = pack(numbers)
    assert packed.nbytes == numbers.size // 2
    np.testing.assert_array_equal(unpack(packed), numbers)


@pytest.mark.parametrize("numbers", [[[1, 2, 3]], [[8, 0]], [[0, -9]]])
def test_what_does_not_fit(numbers: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"rows of even width|do not fit"):
        pack(np.array(numbers, dtype=np.int8))


def test_only_bytes_are_unpacked() -> None:
    with pytest.raises(ValueError, match="float64"):
        unpack(np.zeros((2, 2)))  # type: ignore[arg-type]


def test_rows_of_any_length_lose_a_seventh_at_most() -> None:
    matrix = np.random.default_rng(1).standard_normal((50, 64)).astype(np.float32)
    matrix *= np.logspace(-3, 2, 50, dtype=np.float32)[:, None]
    matrix[7] = 0
    numbers, steps = quantise(matrix)
    lost = np.linalg.norm(numbers * steps[:, None] - matrix, axis=1)
    assert (lost <= 1 / 7 * np.linalg.norm(matrix, axis=1)).all()
    assert not numbers[7].any()
    np.testing.assert_array_equal(steps, steps.astype(np.float16))
