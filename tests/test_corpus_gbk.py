"""The code the damage was done in, and PHP's way of reading it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.gbk import characters, decode, encode, pairs


def test_every_character_has_one_pair_and_back() -> None:
    assert len(pairs()) == sum(1 for character in characters() if character)
    for character, pair in pairs().items():
        assert characters()[pair] == character


def test_common_characters_agree_with_the_standard_codec() -> None:
    for code in range(0x4E00, 0xA000):
        character = chr(code)
        try:
            expected = character.encode("gbk")
        except UnicodeEncodeError:
            continue
        assert encode(character) == expected


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (0xAAA1, 0xE000),
        (0xAFFE, 0xE233),
        (0xF8A1, 0xE234),
        (0xFEFE, 0xE4C5),
        (0xA140, 0xE4C6),
        (0xA7A0, 0xE765),
        (0xA989, 0xE7E7),
        (0xA995, 0xE7F3),
        (0xA6BA, 0xE786),
        (0xA8C1, 0xE7C9),
    ],
)
def test_user_areas_are_where_microsoft_put_them(pair: int, code: int) -> None:
    assert characters()[pair] == chr(code)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("D6D8 93FA", "重擔"),
        ("D893", "負"),
        ("AA84", "獎"),
        ("93 28 6A", "?j"),
        ("8F 3F 71", "?q"),
        ("E9 32 30", "?0"),
        ("A1", "?"),
        ("80 41", "€A"),
        ("FF 41", "?A"),
        ("8C57", "學"),
    ],
)
def test_decoding_swallows_what_does_not_fit(data: str, text: str) -> None:
    assert decode(bytes.fromhex(data)) == text


def test_what_the_code_lacks_becomes_a_reference() -> None:
    assert encode("©") == b"&#169;"


@given(st.binary(max_size=80))
def test_any_bytes_decode(data: bytes) -> None:
    assert len(decode(data)) <= len(data)


@given(st.text(st.sampled_from(sorted(pairs())), max_size=40))
def test_text_survives_the_round_trip(text: str) -> None:
    assert decode(encode(text)) == text
