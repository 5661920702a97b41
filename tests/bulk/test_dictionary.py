"""Values by code: exact, whatever JSON they are, and asked of once."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.bulk import dictionary as dictionary_module
from scoring.bulk import truths as truths_module
from scoring.bulk.dictionary import FALSE, MISSING, TRUE, UNKNOWN, Dictionary, Kept
from scoring.bulk.from_facts import column_of_values
from scoring.bulk.truths import answers
from scoring.engine.conditions import leaf_test
from scoring.engine.json_text import write_json
from scoring.engine.matrix import Leaf
from tests.engine.oracle_values import values as odd_values

AS_OF = date(2026, 3, 3)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=None, min_value=-(10**40), max_value=10**40)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | decimals
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)
LEAVES = [
    *(Leaf(field="lead.attributes.x", op=op, value=("7", "a", "1.5", True)) for op in ("in", "has_any", "has_all")),
    *(Leaf(field="lead.attributes.x", op=op, value=("1", "e", "A")) for op in ("contains", "starts_with", "has_word")),
    *(Leaf(field="lead.attributes.x", op=op, value=Decimal("0.1")) for op in ("gt", "gte", "lt", "lte", "is")),
    Leaf(field="lead.attributes.x", op="between", value=(Decimal("-1.5"), 7)),
    Leaf(field="lead.attributes.x", op="is_known"),
]


@settings(max_examples=500)
@given(st.lists(json_values | odd_values, max_size=8))
def test_every_test_answers_the_same_of_a_value_and_of_what_a_column_keeps_of_it(values: list[Any]) -> None:
    column = column_of_values(values)
    kept = [column.dictionary.value(int(code)) for code in column.codes]
    assert [write_json(each) for each in kept] == [write_json(each) for each in values]
    for leaf in LEAVES:
        test = leaf_test(leaf)
        own = column.dictionary.truths(test, AS_OF)[column.codes]
        assert own.tolist() == [{True: TRUE, False: FALSE, None: UNKNOWN}[test(each, AS_OF)] for each in values]


def test_a_number_with_a_point_or_an_exponent_is_read_exactly() -> None:
    kept = Dictionary.of_json([b"0.1", b"0.10000000000000000000000001", b"1e400", b"12", b'"0.1"', b"[0.1]"])
    assert kept.values() == [
        None, Decimal("0.1"), Decimal("0.10000000000000000000000001"), Decimal("1e400"), 12, "0.1", [Decimal("0.1")],
    ]  # fmt: skip
    assert [type(each) for each in kept.values()[1:5]] == [Decimal, Decimal, Decimal, int]


def test_texts_with_escapes_and_without_are_read_alike() -> None:
    texts = ['a"b', "a\\b", "é\u2028😀", "line\nbreak", "", '"', "[1]", "\x7f"]
    column = column_of_values(texts)
    assert [column.dictionary.value(int(code)) for code in column.codes] == texts
    assert column.dictionary.values() == [None, *texts]


def test_equal_numbers_and_booleans_keep_codes_of_their_own() -> None:
    assert column_of_values([1, True, 1.0, "1", None, 1]).codes.tolist() == [1, 2, 3, 4, MISSING, 1]


def test_values_are_read_in_order_over_the_border_of_what_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary_module, "_READ_AT_ONCE", 3)
    for rows in range(8):
        kept = Dictionary.of_json([str(number * 1000).encode() for number in range(rows)])
        assert kept.values() == [None, *(number * 1000 for number in range(rows))]
        assert len(kept) == rows + 1


def test_a_leaf_is_asked_once_of_each_distinct_value_and_again_only_where_the_day_matters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    def counting(leaf: Leaf) -> Any:
        test = leaf_test(leaf)
        return lambda value, as_of: (asked.append(value), test(value, as_of))[1]

    monkeypatch.setattr(truths_module, "leaf_test", counting)
    dictionary = Dictionary.of_json([b'"1980-05-05"', b'"x"'])
    years = Leaf(field="lead.attributes.x", op="years_between", value=(0, 45))
    known = Leaf(field="lead.attributes.y", op="has_word", value="x")
    for as_of in (date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 4)):
        for _ in range(2):
            answers(dictionary, known, as_of)
    assert asked == [None, "1980-05-05", "x"]
    asked.clear()
    days = (date(2026, 5, 4), date(2026, 5, 6), date(2026, 5, 4), date(1979, 5, 5))
    found = [answers(dictionary, years, day).tolist() for day in days]
    assert asked == [None, "1980-05-05", "x"] * 3
    assert found == [[1, 2, 1], [1, 0, 1], [1, 2, 1], [1, 0, 1]]


def test_true_and_one_are_different_leaves() -> None:
    dictionary = Dictionary.of_json([b"true", b"1"])
    of_true = answers(dictionary, Leaf(field="lead.attributes.x", op="is", value=True), AS_OF)
    of_one = answers(dictionary, Leaf(field="lead.attributes.x", op="is", value=1), AS_OF)
    assert (of_true.tolist(), of_one.tolist()) == ([1, 2, 0], [1, 0, 2])


def test_what_is_kept_is_forgotten_before_it_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary_module, "MOST_BYTES_KEPT", 250)
    kept = Kept()
    made: list[int] = []

    def ask(number: int) -> None:
        kept(number, lambda: (made.append(number), np.zeros(100, np.uint8))[1])

    for number in (1, 2, 1, 2, 3, 1):
        ask(number)
    assert made == [1, 2, 3, 1]


def test_what_is_kept_cannot_be_written_into() -> None:
    found = Kept()("key", lambda: np.zeros(1, np.uint8))
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1
