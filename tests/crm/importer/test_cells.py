"""Numbers, days and what a file settles about how they are written."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.export import safe_cell
from crm.ingestion.cells import cell_text, moment_of, number_of
from crm.ingestion.csv_file import Row
from crm.ingestion.looking import file_look
from crm.ingestion.mapping import mapping_from_document
from crm.ingestion.recognition import decimal_mark_of, has_header, order_of_dates
from crm.ingestion.rows import row_values
from crm.ingestion.rules import ReadingRules
from kernel.errors import BadRequestError

ZONE = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("42", ".", 42), ("-1.5", ".", -1.5), ("+7", ".", 7), ("1,234", ".", 1234), ("1,234,567.8", ".", 1234567.8),
        ("1 234,5", ",", 1234.5), ("1.234", ",", 1234), ("1.234.567,25", ",", 1234567.25), ("12,5", ",", 12.5),
        ("1'234.50", ".", 1234.5), ("1\u00a0234", ".", 1234), ("12,34", ".", None), ("1.23.4", ".", None),
        ("12.5", ",", None), ("", ".", None), ("1e5", ".", None), ("٣", ".", None), ("0x1F", ".", None), ("NaN", ".", None),
        ("1 2", ".", None), ("--1", ".", None),
    ],
)  # fmt: skip
def test_a_number_is_what_its_mark_says(text, mark, number):
    assert number_of(text, decimal_mark=mark) == number


def test_a_number_of_many_digits_stays_exact():
    assert str(number_of("0.12345678901234567890")) == "0.12345678901234567890"


@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        ("2026-04-03", "", "2026-04-03"),
        ("2026/4/3", "mdy", "2026-04-03"),
        ("20.04.2026", "", "2026-04-20"),
        ("03.04.2026", "mdy", "2026-04-03"),
        ("03/04/2026", "dmy", "2026-04-03"),
        ("03/04/2026", "mdy", "2026-03-04"),
        ("03/04/2026", "", None),
        ("04/04/2026", "", "2026-04-04"),
        ("13/04/2026", "", "2026-04-13"),
        ("04/13/2026", "", "2026-04-13"),
        ("13/04/2026", "mdy", None),
        ("04/13/2026", "dmy", None),
        ("3-4-26", "dmy", "2026-04-03"),
        ("3.4.71", "", "1971-04-03"),
        ("26/04/03", "ymd", "2026-04-03"),
        ("30.02.2026", "", None),
        ("29.02.2024", "", "2024-02-29"),
        ("3 Apr 2026", "", "2026-04-03"),
        ("April 3rd, 2026", "", "2026-04-03"),
        ("3. März 2026", "", "2026-03-03"),
        ("3 września 2026", "", "2026-09-03"),
        ("45716", "", "2025-02-28"),
        ("45716.5", "", "2025-02-28T12:00:00+01:00"),
        ("1740744000", "", "2025-02-28T12:00:00+00:00"),
        ("1740744000000", "", "2025-02-28T12:00:00+00:00"),
        ("2026-07-03 10:15", "", "2026-07-03T10:15:00+02:00"),
        ("2026-07-03T10:15:30.25Z", "", "2026-07-03T10:15:30.250000+00:00"),
        ("2026-07-03T10:15:30+0530", "", "2026-07-03T10:15:30+05:30"),
        ("7/3/2026, 10:15 PM", "mdy", "2026-07-03T22:15:00+02:00"),
        ("7/3/2026 12:05 am", "mdy", "2026-07-03T00:05:00+02:00"),
        ("2026-07-03 25:00", "", None),
        ("2026-07-03 13:00 PM", "", None),
        ("tomorrow", "", None),
        ("12345", "", None),
        ("0000-01-01", "", None),
    ],
)
def test_a_day_is_read_in_the_order_of_the_file_and_never_guessed(text, order, found):
    moment = moment_of(text, order=order, zone=ZONE)

    assert (moment and moment.as_text()) == found


def test_a_day_alone_happened_at_noon_of_the_zone():
    assert moment_of("2026-07-03", order="", zone=ZONE).as_time(ZONE) == "2026-07-03T12:00:00+02:00"


@pytest.mark.parametrize(
    ("cells", "order", "asked"),
    [
        (["2026-04-03"], "ymd", []),
        (["03/04/2026", "13/04/2026"], "dmy", []),
        (["03/04/2026", "04/13/2026"], "mdy", []),
        (["03/04/2026", "05/06/2026"], "", ["A"]),
        (["13/04/2026", "04/13/2026"], "", ["A"]),
        (["03.04.2026"], "dmy", []),
        (["hello", "world"], "", []),
        ([], "", []),
    ],
)
def test_the_order_of_dates_is_settled_by_the_cells_or_asked(cells, order, asked):
    found, doubtful = order_of_dates({"A": cells})

    assert (found, list(doubtful)) == (order, asked)


def test_two_columns_of_two_orders_are_asked_about():
    found, doubtful = order_of_dates({"A": ["13/04/2026"], "B": ["04/13/2026"]})

    assert (found, sorted(doubtful)) == ("", ["A", "B"])


@pytest.mark.parametrize(
    ("cells", "delimiter", "mark", "asked"),
    [
        (["1.5", "20.25"], ",", ".", []),
        (["1,5", "20,25"], ";", ",", []),
        (["1,234.50"], ",", ".", []),
        (["1.234,50"], ";", ",", []),
        (["1,234", "2,345"], "\t", ".", ["A"]),
        (["1.234", "2.345"], ";", ",", []),
        (["0.125"], ",", ".", []),
        (["0,125"], "\t", ",", []),
        (["12", "13"], ",", ".", []),
        (["1.5", "1,5"], "\t", ".", []),
    ],
)
def test_the_decimal_mark_is_settled_by_the_cells_or_asked(cells, delimiter, mark, asked):
    found, doubtful = decimal_mark_of({"A": cells}, delimiter=delimiter)

    assert (found, list(doubtful)) == (mark, asked)


def test_what_a_file_leaves_open_is_asked_and_what_is_said_goes_first(tmp_path):
    path = tmp_path / "open.csv"
    path.write_text("Mail\tSince\tBudget\na@b.example\t03/04/2026\t1,234\n")

    asked = file_look(path, file_name="open.csv")
    said = file_look(path, file_name="open.csv", given={"date_order": "mdy", "decimal_mark": ",", "has_header": False})

    assert [(each.rule, each.columns, each.examples) for each in asked.questions] == [
        ("decimal_mark", ("Budget",), ("1,234",)),
        ("date_order", ("Since",), ("03/04/2026",)),
    ]
    assert all(each.detail.endswith(".") for each in asked.questions)
    assert (said.questions, said.rules.date_order, said.columns[0], len(said.rows)) == ([], "mdy", "1", 2)


def test_an_open_date_is_refused_with_what_to_say_and_a_column_may_have_its_own_order():
    def read(text, **more):
        columns = {"A": "external_id", "D": {"to": "attributes.d", "as": "date", **more}}
        mapping = mapping_from_document({"schema": 1, "about": "leads", "feed": "f", "columns": columns})
        return row_values(mapping, {"A": "1", "D": text}, ReadingRules())

    assert [problem.detail for problem in read("03/04/2026").problems] == [
        "This can be two days: say whether the day or the month comes first."
    ]
    assert read("03/04/2026", dates="mdy").values["attributes"] == {"d": "2026-03-04"}
    assert [problem.detail for problem in read("13/04/2026", dates="mdy").problems] == [
        "There is no such day in the order in which this file writes its dates."
    ]
    assert read("soon", unreadable_to="attributes.words").values["attributes"] == {"words": "soon"}


def test_lists_are_cut_at_their_separator():
    columns = {
        "A": "external_id", "T": "company.technologies",
        "L": {"to": "attributes.l", "as": "list", "separator": "|"},
    }  # fmt: skip
    mapping = mapping_from_document({"schema": 1, "about": "leads", "feed": "f", "columns": columns})

    read = row_values(mapping, {"A": "1", "T": "Go, Rust,,Go", "L": "a | b,c |"})

    assert read.values["company"] == {"technologies": ["Go", "Rust"]}
    assert read.values["attributes"] == {"l": ["a", "b,c"]}


@pytest.mark.parametrize(
    ("first", "is_header"),
    [
        (("Mail", "Town"), True), (("a@b.example", "Town"), False), (("1", "Acme"), False), (("2026-01-01", "x"), False),
        (("Name", "2024"), True), (("www.acme.example", "x"), False), (("true", "x"), False), (("x", ""), True),
    ],
)  # fmt: skip
def test_a_first_row_that_holds_values_is_no_header(first, is_header):
    assert has_header([Row(line=1, cells=first)]) is is_header


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"delimiter": "x"}, "/delimiter"), ({"encoding": "klingon"}, "/encoding"), ({"has_header": "yes"}, "/has_header"),
        ({"time_zone": "Mars/Base"}, "/time_zone"), ({"time_zone": "../etc/passwd"}, "/time_zone"),
        ({"colour": "red"}, "/colour"), ({"sheet": 1}, "/sheet"), ({"sheet": "x" * 300}, "/sheet"),
        ({"date_order": "myd"}, "/date_order"), ([], ""),
    ],
)  # fmt: skip
def test_wrong_rules_are_refused_with_their_place(given, pointer):
    with pytest.raises(BadRequestError) as refused:
        ReadingRules.from_json(given)

    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    assert refused.value.detail.endswith(".")


def test_encodings_have_one_name():
    assert ReadingRules.from_json({"encoding": "Windows-1252"}).encoding == "cp1252"
    assert ReadingRules.from_json({"encoding": "UTF8"}).encoding == "utf-8-sig"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'+49 30 1234567", "+49 30 1234567"),
        (" '=1+1", "=1+1"),
        ("'-", "-"),
        ("'s Hertogenbosch", "'s Hertogenbosch"),
        ("'", "'"),
        ("'quoted'", "'quoted'"),
    ],
)
def test_the_apostrophe_before_a_formula_goes_again(cell, text):
    assert cell_text(cell) == text


@given(st.text().map(str.strip).filter(lambda text: not text.startswith("'")))
def test_what_a_download_made_safe_is_read_as_it_was(text):
    assert cell_text(safe_cell(text)) == cell_text(text)
