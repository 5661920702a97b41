"""Tables as they are found in the wild."""

import codecs

import pytest

from crm.ingestion.csv_file import open_table
from kernel.errors import BadRequestError


@pytest.fixture
def table(tmp_path):
    def make(content):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_table(path)

    return make


def cells(table):
    return [list(row.cells) for row in table.rows()]


@pytest.mark.parametrize(
    "content",
    [
        "name,city\nAnn,Łódź\n",
        "name;city\nAnn;Łódź\n",
        "name\tcity\nAnn\tŁódź\n",
        "name|city\nAnn|Łódź",
        "name,city\r\nAnn,Łódź\r\n",
        "\n\nname,city\n\nAnn,Łódź\n  ,  \n",
        codecs.BOM_UTF8 + "name,city\nAnn,Łódź\n".encode(),
        "name\tcity\nAnn\tŁódź\n".encode("utf-16"),
        '"name,city"\n"Ann,Łódź"\n',
        '"name";"city"\n"Ann";"Łódź"\n',
    ],
)
def test_a_table_is_read_whatever_its_dress(table, content):
    assert cells(table(content)) == [["name", "city"], ["Ann", "Łódź"]]


def test_windows_1252_is_read_where_utf_8_cannot_be(table):
    assert cells(table("name,city\nJörg,Zürich\n".encode("cp1252"))) == [["name", "city"], ["Jörg", "Zürich"]]


def test_latin_1_is_read_where_windows_1252_has_no_letter(table):
    assert table(b"name\nJ\xf6rg\x81\n").encoding == "latin-1"


def test_a_letter_late_in_a_big_file_decides_its_encoding(table):
    assert table(b"name,city\n" + b"Ann,Bonn\n" * 200_000 + "Jörg,Köln\n".encode("cp1252")).encoding == "cp1252"


def test_an_empty_last_column_is_an_empty_cell(table):
    assert cells(table("a,b,\r\n1,2,\r\n")) == [["a", "b", ""], ["1", "2", ""]]


def test_quotes_may_be_doubled_or_escaped_and_hold_line_breaks(table):
    assert cells(table('a,b\n"say ""hi""","two\nlines"\n'))[1] == ['say "hi"', "two\nlines"]
    assert cells(table('a,b\n"say \\"hi\\", Ann",2\n'))[1] == ['say "hi", Ann', "2"]


def test_a_backslash_that_escapes_nothing_stays(table):
    assert cells(table('a,b\n"C:\\dir\\",2\n'))[1] == ["C:\\dir\\", "2"]


def test_a_row_knows_the_line_it_begins_on(table):
    assert [row.line for row in table('a,b\n"1\n1",2\n3,4\n').rows()] == [1, 2, 4]


def test_a_quote_that_is_never_closed_breaks_its_row_only(table):
    rows = list(table('a,b\n"1,2\n' + "x" * 200_000 + "\n3,4\n").rows())

    assert [row.is_broken for row in rows][:2] == [False, True]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet"),
        (b"\n <!DOCTYPE html><html>", "web_page"),
        (b"<html><body>Sign in", "web_page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "pointer_file"),
        (b"%PDF-1.7", "not_text"),
        (b"a,b\x00\n", "not_text"),
        (b'[{"a": 1}]', "not_text"),
        (b"", "empty"),
        (b" \n \n", "empty"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(table, content, code):
    with pytest.raises(BadRequestError) as refused:
        table(content)

    assert refused.value.code == code
    assert refused.value.detail.endswith(".")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadRequestError) as refused:
        open_table(tmp_path / "nothing.csv")

    assert refused.value.code == "no_file"
