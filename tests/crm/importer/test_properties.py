"""What holds of every table: it is read as it was written, and its activities are known by who and what."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.ingestion.cells import cell_text
from crm.ingestion.csv_file import Table, open_table
from crm.ingestion.mapping import mapping_from_document
from crm.ingestion.rows import row_values
from crm.ingestion.rules import ENCODINGS, ReadingRules

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\ufeff"), max_size=12)
PLAIN = st.text("abcdefghij @.-/0123456789", max_size=12)


def written(rows, delimiter, *, quoting=csv.QUOTE_MINIMAL, end="\r\n"):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    return stream.getvalue()


def read(content, rules=None):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        table = Table(path=path, rules=rules) if rules else open_table(path)
        return [list(row.cells) for row in table.rows()]


def tables(cells):
    return st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)
    )


@settings(max_examples=150, deadline=None)
@given(
    rows=tables(WORDS),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
)
def test_any_table_is_read_as_written_by_its_rules(rows, delimiter, quoting, end, encoding):
    content = written(rows, delimiter, quoting=quoting, end=end).encode(encoding)

    found = read(content, ReadingRules(delimiter=delimiter, encoding=encoding))

    assert found == [row for row in rows if any(cell.strip() for cell in row)]


@settings(max_examples=150, deadline=None)
@given(
    rows=tables(PLAIN),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"]),
)
def test_an_ordinary_table_is_recognised(rows, delimiter, encoding):
    header = [f"Name {letter}" for letter in "abcdef"[: len(rows[0])]]
    if encoding != "utf-8":
        header[0] += " ü"
    content = written([header, *rows], delimiter).encode(encoding)

    assert read(content) == [header, *(row for row in rows if any(cell.strip() for cell in row))]


@given(
    values=st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["a@b.example", "2026-03-04", "x", "5", ""])),
    order=st.randoms(use_true_random=False),
)
def test_activities_are_known_by_who_and_what_whatever_the_order_of_columns(values, order):
    mapping = mapping_from_document(
        {
            "schema": 1, "about": "leads", "feed": "f", "columns": {"a": "external_id", "b": "email"},
            "activities": [{"kind": "call", "occurred_at": "c", "subject": "d", "value": "e"}],
        }
    )  # fmt: skip
    cells = {name: values.get(name, "") for name in "abcdefgh"}
    mixed = list(cells.items())
    order.shuffle(mixed)

    first, second = row_values(mapping, cells), row_values(mapping, dict(mixed))

    assert first == second
    ids = [item["message_id"] for item in first.activities]
    assert all(ids)
    assert len(ids) == len(set(ids))
    without_who = row_values(mapping, {**cells, "a": "somebody else"})
    assert {item["message_id"] for item in without_who.activities}.isdisjoint(ids)


@given(st.sampled_from(ENCODINGS), st.sampled_from(",;\t|"), st.booleans(), st.sampled_from(["", "ymd", "dmy", "mdy"]))
def test_rules_are_stored_and_read_again(encoding, delimiter, has_header, order):
    rules = ReadingRules(encoding=encoding, delimiter=delimiter, has_header=has_header, date_order=order)

    assert ReadingRules.from_json(rules.to_json()) == rules


@given(WORDS)
def test_a_cell_says_the_same_however_often_it_is_asked(text):
    assert cell_text(cell_text(text)) == cell_text(text)
