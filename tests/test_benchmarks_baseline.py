"""The gate of `make eval`: a drop beyond chance is seen, chance is not taken for a drop."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.baseline import (
    BaselineError,
    Reached,
    compare,
    read_baseline,
    write_baseline,
)

FIRST = tuple(float(number % 20 > 0) for number in range(200))  # 95 % right


def with_first(values: tuple[float, ...]) -> Reached:
    return Reached("same", {"R@1": values})


def wrong_at(*places: int) -> tuple[float, ...]:
    return tuple(0.0 if number in places else value for number, value in enumerate(FIRST))


def test_the_same_run_has_not_changed() -> None:
    [change] = compare(with_first(FIRST), with_first(FIRST))
    assert (change.before, change.after, change.low, change.high) == (0.95, 0.95, 0.0, 0.0)
    assert not change.dropped


def test_six_questions_lost_and_none_won_is_a_drop() -> None:
    [change] = compare(with_first(FIRST), with_first(wrong_at(1, 2, 3, 4, 5, 6)))
    assert change.dropped
    assert change.after == pytest.approx(0.92)
    assert change.low < -0.03 < change.high < 0


def test_one_question_lost_is_chance() -> None:
    [change] = compare(with_first(FIRST), with_first(wrong_at(1)))
    assert not change.dropped


def test_as_many_won_as_lost_is_no_drop() -> None:
    after = [*wrong_at(1, 2, 3, 4)]
    for was_wrong in (0, 20, 40, 60):
        after[was_wrong] = 1.0
    [change] = compare(with_first(FIRST), with_first(tuple(after)))
    assert change.before == change.after
    assert not change.dropped


def test_refusal_is_compared_by_four_figures() -> None:
    sure, unsure = (0.9,) * 100, (0.2,) * 100
    before = Reached("same", {"refusal answerable": sure, "refusal unanswerable": unsure})
    after = Reached("same", {"refusal answerable": sure, "refusal unanswerable": (0.6,) * 100})
    changes = {change.measure: change for change in compare(before, after)}
    assert list(changes) == [
        "refusal AUC",
        "refusal refused at 5 %",
        "refusal answered",
        "refusal refused",
    ]
    assert [name for name, change in changes.items() if change.dropped] == ["refusal refused"]
    assert changes["refusal refused"].after == 0.0


def test_other_questions_are_not_compared() -> None:
    with pytest.raises(BaselineError, match="other questions"):
        compare(Reached("one", {}), Reached("two", {}))


def test_a_suite_left_out_is_not_passed_over() -> None:
    with pytest.raises(BaselineError, match="has R@1, this run has not"):
        compare(with_first(FIRST), Reached("same", {}))


@given(st.lists(st.integers(0, 1000).map(lambda number: number / 1000), max_size=300))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    sets = {"a": Reached("1", {"R@1": FIRST, "refusal answerable": tuple(values)})}
    write_baseline(path, sets)
    assert read_baseline(path) == sets


def test_without_a_baseline_there_is_nothing_to_compare(tmp_path: Path) -> None:
    assert read_baseline(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    "content", ["", "[]", '{"a": {}}', '{"a": {"questions": "1", "columns": {"b": [[0], "z"]}}}']
)
def test_a_broken_baseline_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BaselineError, match=r"baseline\.json is no baseline"):
        read_baseline(path)
