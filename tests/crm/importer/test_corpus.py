"""Files as they come: each gives the right facts, or one clear sentence and nothing else."""

import codecs
import gzip
import io
import zipfile

import pytest

from crm.ingestion.csv_file import open_table
from crm.ingestion.looking import file_look
from crm.ingestion.mapping import mapping_from_document
from crm.ingestion.pipeline import import_file
from crm.ingestion.preview import preview_rows
from crm.models import Activity, Feed, Lead
from kernel.errors import BadRequestError
from tests.crm.importer.sheets import MAIN, book, lying_about_size, sheet

POLISH = "Imię;Miasto\nŻaneta;Łódź\nGrażyna;Wałcz\n"
TABLE = [["Mail", "Town"], ["ann@acme.example", "Łódź"], ["bob@acme.example", "Köln"]]


@pytest.fixture
def look(tmp_path):
    def make(content, given=None, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file_look(path, file_name=name, given=given)

    return make


def whole(look):
    """The header and the cells below."""
    return [list(look.columns), *([*row.cells] for row in look.rows)]


def text(delimiter=",", end="\n"):
    return end.join(delimiter.join(row) for row in TABLE) + end


DRESSES = {
    "commas": text(),
    "semicolons": text(";"),
    "tabs": text("\t"),
    "bars": text("|"),
    "crlf": text(end="\r\n"),
    "cr alone": text(end="\r"),
    "mixed line ends": "Mail,Town\r\nann@acme.example,Łódź\rbob@acme.example,Köln\n",
    "no line end at the end": text().rstrip("\n"),
    "byte order mark": codecs.BOM_UTF8 + text().encode(),
    "utf-16 with a mark": text().encode("utf-16"),
    "utf-16 little endian": codecs.BOM_UTF16_LE + text().encode("utf-16-le"),
    "utf-16 big endian": codecs.BOM_UTF16_BE + text().encode("utf-16-be"),
    "utf-16 without a mark": text("\t").encode("utf-16-le"),
    "utf-16 big endian without a mark": text("\t").encode("utf-16-be"),
    "whole rows quoted": "".join(f'"{",".join(row)}"\n' for row in TABLE),
    "every cell quoted": "".join(";".join(f'"{cell}"' for cell in row) + "\n" for row in TABLE),
    "blank lines between": "\n\nMail,Town\n\nann@acme.example,Łódź\n , \nbob@acme.example,Köln\n\n",
    "spaces around the header": text().replace("Mail,Town", " Mail ,\u00a0Town\u200f"),
    "a spreadsheet": book(TABLE),
    "a spreadsheet whose texts are shared": book(
        sheets=[("S", "visible", sheet([[b'<c {r} t="s"><v>0</v></c>', b'<c {r} t="s"><v>1</v></c>'], *TABLE[1:]]))],
        shared=f'<sst xmlns="{MAIN}"><si><t>Mail</t></si><si><r><t>To</t></r><r><t>wn</t></r><rPh><t>x</t></rPh></si></sst>',
    ),
    "a spreadsheet with its parts prefixed": book(
        sheets=[
            ("S", "visible", sheet(TABLE).replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x="))
        ]
    ),
    "a hidden sheet first": book(
        sheets=[("Lists", "hidden", sheet([["a"]])), ("Data", "visible", sheet(TABLE)), ("More", "visible", sheet([]))]
    ),
    "a sheet without references": book(sheets=[("S", "visible", sheet(TABLE).replace(' r="', ' x="'))]),
    "a sheet that says it is one cell": book(sheets=[("S", "visible", sheet(TABLE, before='<dimension ref="A1"/>'))]),
    "a sheet that says it is endless": book(
        sheets=[("S", "visible", sheet(TABLE, before='<dimension ref="A1:XFD1048576"/>'))]
    ),
    "a sheet with merged cells": book(
        sheets=[("S", "visible", sheet(TABLE, after='<mergeCells><mergeCell ref="A1:A2"/></mergeCells>'))]
    ),
    "a sheet with macros beside it": book(TABLE, parts={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 never run"}),
}


@pytest.mark.parametrize("content", DRESSES.values(), ids=DRESSES.keys())
def test_one_table_in_every_dress(look, content):
    found = look(content)

    assert whole(found) == TABLE
    assert (found.estimated_rows, found.questions) == (2, [])


@pytest.mark.parametrize("name", ["leads.csv", "leads.xlsx", "leads.txt", "leads"])
def test_the_name_of_a_file_says_nothing(look, name):
    assert whole(look(book(TABLE), name=name)) == whole(look(text(), name=name)) == TABLE


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("Name,Town\nJörg,Köln\n".encode("cp1252"), ["Jörg", "Köln"]),
        ("Name,Town\nJ\x81rg,Köln\n".encode("latin-1"), ["J\x81rg", "Köln"]),
        (POLISH.encode("cp1250"), ["Żaneta", "Łódź"]),
        ("Name,Town\nann 🦊,शहर\n", ["ann 🦊", "शहर"]),
        ('Name,Town\n"two\nlines","a ""quote"""\n', ["two\nlines", 'a "quote"']),
        ('Name,Town\n"say \\"hi\\", Ann",X\n', ['say "hi", Ann', "X"]),
        ('Name,Town\n5" pipe,6\' 2"\n', ['5" pipe', "6' 2\""]),
        ("Name,Town\n=1+1,@SUM(A1)\n", ["=1+1", "@SUM(A1)"]),
        ("Name,Town\n-,+49 30 1234567\n", ["-", "+49 30 1234567"]),
        ("Name,Town\nann\u2028lee,a\u00a0b\n", ["ann\u2028lee", "a\u00a0b"]),
        ("Name,Town\nعلي\u200f,x\n", ["علي\u200f", "x"]),
        (b"Name,Town\nann,a\x00b\n".replace(b"\x00", b"") + b"x,y\n" * 20_000, ["ann", "ab"]),
    ],
)
def test_letters_and_quotes_stay_what_they_are(look, content, found):
    assert list(look(content).rows[0].cells) == found


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("Mail\nann@acme.example\n", ["Mail"]),
        ("ann@acme.example\nbob@acme.example\n", ["1"]),
        ("1001,Acme,www.acme.example\n1002,Loom,www.loom.example\n", ["1", "2", "3"]),
        ("Mail,2023,2024\na@b.example,5,6\n", ["Mail", "2023", "2024"]),
        ("Mail,,Town\na@b.example,5,X\n", ["Mail", "2", "Town"]),
        ("Mail,Town,\na@b.example,X,\n", ["Mail", "Town", "3"]),
        ("Mail,Town\n", ["Mail", "Town"]),
        ("7927b2df-8bba-4d29-b9a2-b6e0beafe620,x\n", ["1", "2"]),
        (book([["Mail", None, "Town"], ["a@b.example", None, "X"]]), ["Mail", "2", "Town"]),
    ],
)
def test_a_header_is_told_from_data(look, content, columns):
    assert list(look(content).columns) == columns


def test_what_sheets_hold_becomes_plain_text(look):
    rows = [
        ["a", "b"],
        [0.1, b"<c {r}><v>0.10000000000000001</v></c>"],
        [240, b"<c {r}><v>1.2E3</v></c>"],
        [True, False],
        [b'<c {r} s="1"><v>45716</v></c>', b'<c {r} s="2"><v>45716.604166666664</v></c>'],
        [b'<c {r} t="d"><v>2025-02-28T00:00:00</v></c>', b'<c {r} s="3"><v>0.25</v></c>'],
        [b'<c {r} t="str"><f>A1&amp;"x"</f><v>ax</v></c>', b"<c {r}><f>1+1</f><v>2</v></c>"],
        [b'<c {r} t="e"><v>#N/A</v></c>', b'<c {r} t="e"><v>#REF!</v></c>'],
        ["  kept  ", "tab_x0009_and_x005F_x000D_"],
        [b'<c {r} s="4"><v>1.5</v></c>', 12345678901234567890],
        ["=HYPERLINK(1)", "+1"],
    ]

    assert [list(row.cells) for row in look(book(rows)).rows] == [
        ["0.1", "0.1"], ["240", "1200"], ["true", "false"], ["2025-02-28", "2025-02-28T14:30:00"],
        ["2025-02-28", "0.25"], ["ax", "2"], ["#N/A", "#REF!"], ["  kept  ", "tab\tand_x000D_"],
        ["1.5", "12345678901234567890"], ["=HYPERLINK(1)", "+1"],
    ]  # fmt: skip


def test_days_of_old_macs_are_counted_from_1904(look):
    day = [["day"], [b'<c {r} s="1"><v>44254</v></c>']]

    assert look(book(day, book_attributes='<workbookPr date1904="1"/>')).rows[0].cells == ("2025-02-28",)


def test_rows_of_a_sheet_keep_their_numbers(look):
    gap = sheet([["a"], ["1"], ["2\n2"]]).replace('<row r="3">', '<row r="9">')

    assert [row.line for row in look(book(sheets=[("S", "visible", gap)])).rows] == [2, 9]


def test_a_sheet_is_chosen_by_its_name(look):
    sheets = [
        ("Lists", "hidden", sheet([["a"]])),
        ("One", "visible", sheet(TABLE)),
        ("Two", "visible", sheet([["b"], ["c"]])),
    ]

    assert look(book(sheets=sheets)).sheets == ["One", "Two"]
    assert whole(look(book(sheets=sheets), {"sheet": "Two"})) == [["b"], ["c"]]


def zipped(name, content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def encrypted(content):
    """The same file with every part marked as locked, as other packers do it."""
    changed = bytearray(content)
    for start, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(start)
        while at >= 0:
            changed[at + flag] |= 1
            at = changed.find(start, at + 4)
    return bytes(changed)


LOL = '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
REFUSED = {
    "nothing": (b"", "empty"),
    "blank lines": (b" \r\n\r\n", "empty"),
    "a mark alone": (codecs.BOM_UTF8, "empty"),
    "only separators": (b",,,\n,,,\n", "empty"),
    "an empty sheet": (book([]), "empty"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "spreadsheet"),
    "a locked spreadsheet": (b"\xd0\xcf\x11\xe0" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "a spreadsheet with locked parts": (encrypted(book(TABLE)), "encrypted"),
    "an open document": (zipped("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "spreadsheet"),
    "a binary spreadsheet": (zipped("xl/workbook.bin", "x"), "spreadsheet"),
    "a document": (zipped("[Content_Types].xml", "x"), "not_text"),
    "a packed table": (zipped("leads.csv", text()), "packed"),
    "a gzipped table": (gzip.compress(text().encode()), "packed"),
    "a truncated spreadsheet": (book(TABLE)[:-200], "damaged"),
    "a spreadsheet that is no zip": (b"PK\x03\x04" + b"rest" * 100, "damaged"),
    "a spreadsheet without its sheet": (book(TABLE, without=["xl/worksheets/sheet1.xml"]), "no_sheet"),
    "a sheet that ends in the middle": (book(sheets=[("S", "visible", sheet(TABLE)[:-40])]), "damaged"),
    "a sheet that is smaller than it says": (lying_about_size(book(TABLE), "xl/worksheets/sheet1.xml", 10), "damaged"),
    "a text that is not there": (book([[b'<c {r} t="s"><v>7</v></c>']], shared="<sst/>"), "damaged"),
    "a reference that is none": (book([[b'<c r="7A"><v>7</v></c>']]), "damaged"),
    "rows that go back": (book(sheets=[("S", "visible", sheet(TABLE).replace('r="2"', 'r="1"'))]), "damaged"),
    "a row beyond the last": (book(sheets=[("S", "visible", sheet(TABLE).replace('r="2"', 'r="9999999"'))]), "damaged"),
    "laughs in a sheet": (book(sheets=[("S", "visible", LOL + sheet([["x"]]).replace(">x<", ">&c;<"))]), "damaged"),
    "laughs in the list of sheets": (book(TABLE, parts={"xl/workbook.xml": LOL + "<workbook>&c;</workbook>"}), "damaged"),
    "laughs in the shared texts": (book(TABLE, shared=LOL + "<sst><si><t>&c;</t></si></sst>"), "damaged"),
    "an outer file": (
        book(sheets=[("S", "visible", '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + sheet(TABLE))]), "damaged",
    ),
    "a deep sheet": (book(sheets=[("S", "visible", "<a>" * 100_000 + "</a>" * 100_000)]), "damaged"),
    "a formula nobody worked out": (book([["a"], [b"<c {r}><f>1+1</f></c>"]]), "formula_without_result"),
    "a web page": (b"<!DOCTYPE html><html><table><tr><td>Mail</td></tr></table></html>", "web_page"),
    "a web page with a mark": (codecs.BOM_UTF8 + b"<html><body>Sign in</body></html>", "web_page"),
    "xml": (b"<?xml version='1.0'?><leads/>", "web_page"),
    "json": (b'[{"mail": "ann@acme.example"}]', "not_text"),
    "json lines": (b'{"mail": "ann@acme.example"}\n', "not_text"),
    "a pdf": (b"%PDF-1.7\n%\xe2\xe3", "not_text"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "not_text"),
    "a program": (b"\x7fELF\x02\x01\x01\x00\x00\x00", "not_text"),
    "a pointer to a large file": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "pointer_file"),
    "a pointer of an annex": (b"/annex/objects/SHA256E-s9--0.csv\n", "pointer_file"),
    "columns that stand twice": (b"Mail,Town,Mail\na@b.example,X,c@d.example\n", "column_twice"),
    "columns that stand twice but for a space": (b"Mail,Mail \na@b.example,x\n", "column_twice"),
    "a header of too many columns": (b"a,b\n".replace(b"a", b"a," * 20_000 + b"z"), "too_many_columns"),
    "a quote never closed": (b'"Mail,Town\n' + b"ann,x\n" * 300_000, "broken_header"),
}  # fmt: skip
DOCUMENT = {"schema": 1, "about": "leads", "feed": "corpus", "columns": {"Mail": "email", "Town": "city"}}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_table_is_refused_in_one_sentence(look, tmp_path, content, code):
    with pytest.raises(BadRequestError) as refused:
        look(content)

    assert refused.value.code == code
    assert refused.value.detail.endswith(".")
    assert len(refused.value.detail) < 200
    with pytest.raises(BadRequestError):
        # Nothing here asks the database, which this test has none of.
        import_file(tmp_path / "file.csv", mapping_from_document(DOCUMENT))


ROWS = {
    "a cell too many": ("ann@a.example,X,3\n", "This row has more cells than the header has columns."),
    "a cell too few": ("ann@a.example\n", "This row has fewer cells than the header has columns."),
    "a nul": ("ann@a.example,a\x00b\n", "A text holds a character that cannot be stored."),
    "a lone surrogate": (b"ann@a.example,\xed\xa0\x80\n", "A text holds a character that cannot be stored."),
    "a byte that is no letter": (b"ann@a.example,K\xf6ln\n", "A text holds a character that cannot be stored."),
    "nobody": (",X\n", "Give an id (external_id) or a valid email: without one we cannot know who it is."),
    "a long line": ("ann@a.example," + "x" * 2_000_000 + "\n", "A quote in this row is never closed, or a cell is longer than 128 KB."),
    "a lone quote": ('ann@a.example,"5 inch\n', "A quote in this row is never closed, or a cell is longer than 128 KB."),
}  # fmt: skip
GOOD = "".join(f"p{number}@łódź.example,Łódź\n" for number in range(12)).encode()


@pytest.mark.django_db
@pytest.mark.parametrize(("row", "detail"), ROWS.values(), ids=ROWS.keys())
def test_a_bad_row_is_told_with_its_line_and_stops_no_other(tmp_path, row, detail):
    path = tmp_path / "rows.csv"
    bad = row if isinstance(row, bytes) else row.encode()
    # The first 64 KB hold none of it: there a NUL says that the file is no text.
    before = b"".join(b"q%d@a.example,X\n" % number for number in range(6_000))
    path.write_bytes(b"Mail,Town\n" + before + GOOD + bad + GOOD.replace(b"p", b"r"))
    told = []

    def stop_at(batch):
        told.extend(batch.rejected)

    import_file(path, mapping_from_document(DOCUMENT), after_line=6_001, on_batch=stop_at)

    assert [(found.line, found.detail) for found in told] == [(6_014, detail)]
    assert Lead.objects.count() == 24


@pytest.mark.parametrize(
    ("end", "broken"),
    [
        ('bob@a.example,"cut o', [3]),
        ('bob@a.example,"cut o\n', [3]),
        ('bob@a.example,"cut\nout\n', [3]),
        ('bob@a.example,"whole"', []),
        ("bob@a.example,whole", []),
    ],
)
def test_a_file_cut_off_inside_quotes_gives_no_half_cell(tmp_path, end, broken):
    path = tmp_path / "cut.csv"
    path.write_text("Mail,Town\nann@a.example,X\n" + end)

    assert [row.line for row in open_table(path).rows() if row.is_broken] == broken


@pytest.mark.django_db
def test_rows_that_repeat_are_one_lead(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("Mail,Town\nann@a.example,X\nANN@a.example,X\nann@a.example,Y\n")

    report = import_file(path, mapping_from_document(DOCUMENT))

    assert (report.rows, Lead.objects.get().city) == (3, "Y")
    assert not report.counts["rejected"]


@pytest.mark.django_db
def test_a_file_that_breaks_late_leaves_whole_batches_or_nothing(tmp_path):
    path = tmp_path / "rows.xlsx"
    rows = [["Mail", "Town"], *([f"p{number}@a.example", "X"] for number in range(1_500))]
    path.write_bytes(book(sheets=[("S", "visible", sheet(rows)[:-60])]))

    with pytest.raises(BadRequestError, match="damaged"):
        import_file(path, mapping_from_document(DOCUMENT))

    assert [model.objects.count() for model in (Lead, Feed, Activity)] == [0, 0, 0]


def test_the_preview_shows_values_as_they_will_be(look, tmp_path):
    found = look(
        "Mail;Land;Staff;Since;Budget\n ANN@Acme.example ;Deutschland;1.200;03.04.2026;12,5\nx;Narnia;lots;;\n"
    )
    mapping = mapping_from_document(
        {
            **DOCUMENT,
            "columns": {
                "Mail": "email", "Land": "country", "Staff": "company.employees",
                "Since": {"to": "attributes.since", "as": "date"}, "Budget": {"to": "attributes.budget", "as": "number"},
            },
        }
    )  # fmt: skip

    first, second = preview_rows(tmp_path / "file.csv", found.rules, mapping)

    assert first.values == {
        "email": "ANN@acme.example", "country": "DE", "company.employees": 1200, "attributes.since": "2026-04-03",
        "attributes.budget": 12.5,
    }  # fmt: skip
    assert (first.line, first.problems) == (2, [])
    assert {(problem.column, problem.detail) for problem in second.problems} == {
        ("Staff", "This cell is no number."),
        ("Land", "This is no country we know. Send its two-letter ISO 3166 code or its name."),
        ("", "Give an id (external_id) or a valid email: without one we cannot know who it is."),
    }
