from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.keys import (
    NOTHING,
    Action,
    Press,
    from_data,
    from_payload,
    new_key,
    to_data,
    to_payload,
)

ACTIONS: tuple[Action, ...] = (
    "page", "article", "sources", "up", "down", "language", "script", "index",
)  # fmt: skip
PRESSES = st.builds(
    Press,
    st.sampled_from(ACTIONS),
    st.builds(new_key),
    st.integers(0, 999_999),
    st.integers(0, 999_999),
)


@given(PRESSES)
def test_what_a_button_carries_comes_back(press: Press) -> None:
    data = to_data(press)
    assert 1 <= len(data.encode()) <= 64
    assert from_data(data) == press


@given(st.text(max_size=64))
def test_forged_data_is_understood_or_refused(data: str) -> None:
    press = from_data(data)
    assert press is None or from_data(to_data(press)) == press


@pytest.mark.parametrize("data", ["", NOTHING, "p", "p:", "z:key", "p:k:1:2:3", "p:键", "p:k:-1"])
def test_foreign_data_is_refused(data: str) -> None:
    assert from_data(data) is None


def test_keys_do_not_repeat() -> None:
    assert len({new_key() for _ in range(1000)}) == 1000


@given(st.text(max_size=60))
def test_an_article_id_comes_back_from_its_link(article_id: str) -> None:
    payload = to_payload(article_id)
    if payload is None:
        assert len(article_id.encode("utf-8", "surrogatepass")) > 40
    elif article_id:
        assert len(payload) <= 64 and payload.replace("-", "").replace("_", "").isalnum()
        assert from_payload(payload) == article_id


def test_an_id_that_is_no_text_has_no_link() -> None:
    assert to_payload("\ud800") is None


@given(st.text(max_size=64))
def test_a_forged_payload_is_an_id_or_nothing(payload: str) -> None:
    found = from_payload(payload)
    again = to_payload(found) if found else None
    assert again is None or from_payload(again) == found


@pytest.mark.parametrize(
    "payload", ["", "a_", "b_", "b_!", "c_x", "inline", "a_../../etc", "b_gICA", "b_7aCA"]
)
def test_other_payloads_name_no_article(payload: str) -> None:
    assert from_payload(payload) is None
