"""Strict JSON: what two readers could understand differently is refused."""

from decimal import Decimal

import pytest

from kernel import json
from kernel.errors import BadRequestError


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("{", "broken_json"),
        ('{"a": 1,}', "broken_json"),
        ("[1] [2]", "broken_json"),
        ('{"a": NaN}', "not_a_number"),
        ("[Infinity]", "not_a_number"),
        ("[-Infinity]", "not_a_number"),
        ("[1e999]", "number_out_of_range"),
        (f"[{'9' * 401}]", "number_out_of_range"),
        ('{"a": 1, "a": 1}', "duplicate_key"),
        ('{"a": {"b": 1, "b": 2}}', "duplicate_key"),
        ("[" * 21 + "]" * 21, "too_deep"),
        ("[" * 100_000 + "]" * 100_000, "too_deep"),
    ],
)
def test_what_is_ambiguous_is_refused_with_its_code(text: str, code: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        json.read(text)
    assert caught.value.code == code
    assert caught.value.detail.endswith(".")


def test_twenty_levels_are_read() -> None:
    assert json.depth(json.read("[" * 20 + "]" * 20)) == 20


def test_a_refused_duplicate_key_is_not_echoed() -> None:
    with pytest.raises(BadRequestError) as caught:
        json.read('{"x": 1, "<script>": 1, "<script>": 2}')
    assert "script" not in caught.value.detail


def test_fractions_can_be_kept_as_written() -> None:
    assert json.read("[0.10]", parse_float=json.exact) == [Decimal("0.10")]
    assert json.read("[0.5]") == [0.5]


@pytest.mark.parametrize(
    ("text", "reason"), [("a\x00b", "nul"), ("\ud800", "lone_surrogate"), ("ordinary ☕", None), (5, None)]
)
def test_text_that_cannot_be_stored_is_told_apart(text: object, reason: str | None) -> None:
    assert json.unsafe_text(text) == reason


def test_a_pointer_escapes_its_parts() -> None:
    assert json.pointer("a/b", 0, "c~d") == "/a~1b/0/c~0d"
