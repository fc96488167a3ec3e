"""Questions lean towards answers of questions like them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from embeddings.centring import centred, centred_one
from embeddings.memory import NEIGHBOURS, QuestionMemory

Matrix = npt.NDArray[np.float32]
DIM = 8


def unit(count: int, seed: int) -> Matrix:
    rows = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def make(count: int = 700, values: int = 40) -> tuple[QuestionMemory, Matrix, Matrix, Matrix]:
    keys, answers = unit(count, 1), unit(values, 2)
    leads_to = [[key % values] for key in range(count)]
    common = np.full(DIM, 0.05, dtype=np.float32)
    return QuestionMemory.of(keys, answers, leads_to, common), keys, answers, common


def besides(memory: QuestionMemory, leaning: Matrix) -> Matrix:
    """Return a leaning without what it says of how often something is asked for."""
    return np.asarray(leaning - (leaning @ memory.often) * memory.often, dtype=np.float32)


def test_a_known_question_leans_to_its_answer() -> None:
    memory, keys, answers, common = make()
    likeness = np.array([centred(answers, common) @ memory.lean(key) for key in keys])
    own = likeness[np.arange(700), np.arange(700) % 40]
    # Other keys near it have their say as well, so its own answer need not be the first.
    assert own.mean() > likeness.mean() + 3 * likeness.std() / 700**0.5
    assert np.mean(own >= np.sort(likeness, axis=1)[:, -20]) > 0.8


def test_what_every_key_agrees_on_is_said() -> None:
    memory, _, answers, common = make(values=1)
    leaning = besides(memory, memory.lean(unit(1, 3)[0]))
    cosine = centred(answers, common)[0] @ leaning / np.linalg.norm(leaning)
    assert cosine > 0.98


def test_a_question_like_none_stays_put() -> None:
    keys = np.zeros((NEIGHBOURS, DIM), dtype=np.float32)
    keys[:, 0] = 1
    common = np.zeros(DIM, dtype=np.float32)
    memory = QuestionMemory.of(keys, keys[:1], NEIGHBOURS * [[0]], common)
    assert not memory.lean(-keys[0]).any()
    assert not memory.lean(np.zeros(DIM, dtype=np.float32)).any()


def test_a_question_with_two_answers_leans_between_them() -> None:
    axes = np.eye(DIM, dtype=np.float32)
    memory = QuestionMemory.of(axes[:1], axes[1:3], [[0, 1]], np.zeros(DIM, dtype=np.float32))
    leaning = besides(memory, memory.lean(axes[0]))
    np.testing.assert_allclose(leaning, 0.25 * (axes[1] + axes[2]), atol=0.04)


def test_a_known_answer_leans_to_what_was_asked_of_it() -> None:
    axes = np.eye(DIM, dtype=np.float32)
    # The first two keys ask for the first answer, the third for both.
    memory = QuestionMemory.of(
        axes[:3], axes[3:5], [[0], [0], [0, 1]], np.zeros(DIM, dtype=np.float32)
    )
    first, second = (besides(memory, memory.lean_passage(axes[row])) for row in (3, 4))
    np.testing.assert_allclose(first, 0.2 * axes[:3].sum(axis=0), atol=0.05)
    np.testing.assert_allclose(second, 0.6 * axes[2], atol=0.1)


def test_what_is_asked_for_often_comes_nearer() -> None:
    axes = np.eye(DIM, dtype=np.float32)
    # Questions of one kind; nine in ten ask for the first answer.
    keys = np.repeat(axes[:1], 10, axis=0)
    memory = QuestionMemory.of(keys, axes[1:3], [*9 * [[0]], [1]], np.zeros(DIM, np.float32))
    question = axes[0] + besides(memory, memory.lean(axes[0]))
    often, seldom = (axes[row] + memory.lean_passage(axes[row]) for row in (1, 2))
    asked = memory.lean(axes[0]) - besides(memory, memory.lean(axes[0]))
    assert asked @ often > 1.5 * (asked @ seldom) > 0
    # It lies where nothing else is told apart.
    np.testing.assert_allclose(memory.often[:3], 0, atol=1e-6)
    np.testing.assert_allclose(question @ memory.often, 0, atol=1e-6)


def test_a_passage_like_no_answer_stays_put() -> None:
    memory, _, answers, common = make(values=3)
    far = centred(answers, common).sum(axis=0)
    assert not memory.lean_passage(-far / np.linalg.norm(far)).any()
    assert not memory.lean_passage(np.zeros(DIM, dtype=np.float32)).any()


def test_the_nearest_groups_hold_what_all_of_them_would_say() -> None:
    crowds = np.repeat(unit(60, 5), 50, axis=0) + 0.1 * unit(3000, 6)
    vectors = np.asarray(crowds / np.linalg.norm(crowds, axis=1, keepdims=True), np.float32)
    common = np.zeros(DIM, dtype=np.float32)
    memory = QuestionMemory.of(vectors, vectors, [[row] for row in range(3000)], common)
    assert len(memory.centres) == len(memory.answer_centres) == 24
    # One group of all keys: nothing is passed over.
    whole = replace(
        memory,
        centres=memory.centres[:1],
        ends=memory.ends[-1:],
        answer_centres=memory.answer_centres[:1],
        answer_ends=memory.answer_ends[-1:],
    )
    for vector in (*vectors[::50], *unit(60, 5)):
        np.testing.assert_allclose(memory.lean(vector), whole.lean(vector), atol=1e-6)
        np.testing.assert_allclose(
            memory.lean_passage(vector), whole.lean_passage(vector), atol=1e-6
        )


def test_a_memory_of_nothing() -> None:
    assert not QuestionMemory.empty(DIM).lean(unit(1, 1)[0]).any()
    assert not QuestionMemory.empty(DIM).lean_passage(unit(1, 1)[0]).any()
    nothing = np.zeros((0, DIM), dtype=np.float32)
    made = QuestionMemory.of(nothing, nothing, [], np.zeros(DIM, np.float32))
    assert not made.lean(unit(1, 1)[0]).any()


def test_saved_and_loaded(tmp_path: Path) -> None:
    memory, keys, answers, _ = make()
    memory.save(tmp_path / "memory.npz")
    loaded = QuestionMemory.load(tmp_path / "memory.npz", DIM)
    for key in keys[:20]:
        np.testing.assert_array_equal(loaded.lean(key), memory.lean(key))
    for answer in answers:
        np.testing.assert_array_equal(loaded.lean_passage(answer), memory.lean_passage(answer))
    loaded.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "memory.npz").read_bytes()


def test_parts_that_do_not_belong_together(tmp_path: Path) -> None:
    memory, _, _, _ = make()
    wrong = memory.leads_to.copy()
    wrong[0] = 40
    path = tmp_path / "memory.npz"
    for broken in (
        replace(memory, leads_to=wrong),
        replace(memory, leads_to=memory.leads_to[:-1]),
        replace(memory, leads_ends=memory.leads_ends - 1),
        replace(memory, ends=memory.ends[:-1]),
        replace(memory, answer_ends=memory.answer_ends[:-1]),
        replace(memory, answer_steps=memory.answer_steps[1:]),
        replace(memory, often=memory.often[1:]),
    ):
        broken.save(path)
        with pytest.raises(ValueError, match="do not belong together"):
            QuestionMemory.load(path, DIM)
    memory.save(path)
    with pytest.raises(ValueError, match="do not belong together"):
        QuestionMemory.load(path, DIM + 2)


def test_one_vector_is_centred_as_many_are() -> None:
    vectors, common = unit(20, 7), np.full(DIM, 0.05, dtype=np.float32)
    one_by_one = [centred_one(vector, common) for vector in vectors]
    np.testing.assert_allclose(one_by_one, centred(vectors, common), atol=1e-6)
