"""Tables that leave the product run nothing where they are opened, and stream."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.export import FORMULA_STARTS, PIECE, csv_rows, safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", '=HYPERLINK("x")']
)
def test_text_that_would_run_is_made_to_stand(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (-5, "-5"),
        (Decimal("-1.50"), "-1.50"),
        (True, "True"),
        ("a-b", "a-b"),
        ("", ""),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00+00:00"),
    ],
)
def test_what_cannot_run_is_left_as_it_is(value, cell):
    assert safe_cell(value) == cell


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=20))
def test_no_cell_of_any_table_begins_as_a_formula_and_nothing_is_lost(rows):
    text = b"".join(csv_rows(["=a", "b"], rows)).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["'=a", "b"]
    assert not any(cell.lstrip(" ").startswith(FORMULA_STARTS) for row in read for cell in row)
    assert [[cell.removeprefix("'") for cell in row] for row in read[1:]] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]


def test_a_long_table_leaves_while_it_is_read():
    asked = 0

    def rows():
        nonlocal asked
        for number in range(100_000):
            asked += 1
            yield [number, "x" * 50]

    pieces = csv_rows(["n", "text"], rows())
    first = next(pieces)
    assert PIECE <= len(first) < 2 * PIECE
    assert asked < 2_000
