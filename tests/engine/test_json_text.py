"""Strict JSON, exact numbers, checksums."""

import hashlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import InvalidJson, checksum, parse_json, plain, write_json
from scoring.engine.json_text import checked_json, read_json

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5), inner, max_size=4),
    max_leaves=15,
)  # fmt: skip


def codes(text: str) -> dict[str, str]:
    with pytest.raises(InvalidJson) as caught:
        parse_json(text)
    return {each.path: each.code for each in caught.value.problems}


def test_numbers_stay_exact() -> None:
    assert parse_json("[1, 1.50, 1e2, 0.1]") == [1, Decimal("1.50"), Decimal("1E+2"), Decimal("0.1")]
    assert parse_json("123456789012345678901234567890.5") == Decimal("123456789012345678901234567890.5")


def test_every_fault_of_a_text_comes_back_at_once_with_its_place() -> None:
    text = r'{"a": {"x": 1, "y": 2, "x": 3}, "b/c": [NaN, -Infinity, "\ud800"], "n~": "\u0000", "\udc00": 1, "a": {}}'
    assert codes(text) == {
        "/a": "duplicate_key",
        "/b~1c/0": "not_finite",
        "/b~1c/1": "not_finite",
        "/b~1c/2": "lone_surrogate",
        "/n~0": "nul",
        "/?": "lone_surrogate",
    }


def test_a_key_that_stands_twice_is_found_wherever_it_is_kept() -> None:
    assert codes('[{"a": 1, "a": 2}, {"b": {"c": 1, "c": 1, "c": 1}}]') == {
        "/0/a": "duplicate_key",
        "/1/b/c": "duplicate_key",
    }


@pytest.mark.parametrize("text", ["", " ", "{", "[1,]", "{'a': 1}", "\ufeff{}", "1 2", '"\n"', "nul", "01", "1.", ".5"])
def test_what_is_no_json_is_refused(text: str) -> None:
    assert codes(text) == {"": "broken_json"}


def test_nothing_may_nest_without_end() -> None:
    assert parse_json("[" * 20 + "]" * 20)
    assert codes("[" * 21 + "]" * 21) == {"/0" * 20: "too_deep"}
    assert codes("[" * 100_000) == {"": "too_deep"}


@pytest.mark.parametrize("number", ["9" * 401, "1e401", "1e-401", "1e99999999999999999999", "9" * 5000])
def test_no_number_may_cost_more_than_it_says(number: str) -> None:
    assert codes(f"[{number}]") == {"/0": "too_long_a_number"}


def test_values_of_other_makers_are_held_to_the_same() -> None:
    value, problems = checked_json({"a": {1, 2}, 5: "x", "f": float("inf"), "d": Decimal("NaN"), "t": ("x", b"y")})
    assert value == {"a": None, "f": None, "d": None, "t": ["x", None]}
    assert {each.path: each.code for each in problems} == {
        "/a": "not_json",
        "/5": "not_a_text",
        "/f": "not_finite",
        "/d": "not_finite",
        "/t/1": "not_json",
    }


def test_a_broken_text_has_no_value() -> None:
    assert read_json("{")[0] is None


@given(json_values)
def test_what_is_written_reads_as_the_same(value: object) -> None:
    text = write_json(value)
    assert json.loads(text) == value
    assert write_json(parse_json(text)) == text
    assert plain(parse_json(text)) == value


@given(json_values)
def test_the_checksum_is_that_of_sorted_compact_json(value: object) -> None:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    assert checksum(value) == expected
    assert checksum(parse_json(json.dumps(value))) == expected


def test_the_checksum_tells_whole_numbers_from_others_but_not_their_spelling() -> None:
    assert checksum(parse_json("[1.5]")) == checksum(parse_json("[1.50]")) == checksum([1.5])
    assert checksum(parse_json("[1.0]")) != checksum(parse_json("[1]"))
    long = "[0.1234567890123456789]"
    assert write_json(parse_json(long)) == long
