"""Files made to harm: refused in a sentence, or read, by a process that may not have much memory."""

import json
import subprocess
import sys
import zipfile

import pytest

from tests.crm.importer.sheets import book, deflated_zeros, sheet

# Of address space, most of it taken by what is loaded: a hundred megabytes held as text and cells would not fit.
MEGABYTES = 450
READ = """
import json, resource, sys
from pathlib import Path
import django
from django.conf import settings
settings.configure(USE_I18N=False, INSTALLED_APPS=[])
django.setup()
from crm.ingestion.looking import file_look
from crm.ingestion.source import table_opened
from kernel.errors import BadRequestError
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) * 1024**2,) * 2)
path = Path(sys.argv[1])
try:
    look = file_look(path, file_name=path.name)
    with table_opened(path, look.rules) as table:
        rows = [(row.line, row.is_broken, len(row.cells)) for row in table.rows()]
    print(json.dumps({"rows": rows[:5], "count": len(rows)}))
except BadRequestError as error:
    print(json.dumps({"code": error.code, "detail": error.detail}))
"""


@pytest.fixture
def read(tmp_path, settings):
    """Read a file in a process of its own: what it found, or the code of its refusal."""

    def run(content):
        path = tmp_path / "hostile.csv"
        if content is not None:
            path.write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-c", READ, str(path), str(MEGABYTES)],
            cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2_000:]
        return json.loads(done.stdout)

    return run


def written(tmp_path, pieces):
    with (tmp_path / "hostile.csv").open("wb") as stream:
        for piece in pieces:
            stream.write(piece)


def test_a_cell_of_a_hundred_megabytes_breaks_its_row_alone(read, tmp_path):
    written(tmp_path, [b"Mail,Town\nann@a.example,", *[b"x" * 1024**2] * 100, b"\nbob@a.example,X\n"])

    assert read(None) == {"count": 3, "rows": [[1, False, 2], [2, True, 1], [3, False, 2]]}


def test_a_quoted_cell_of_a_hundred_megabytes_in_lines_is_never_held(read, tmp_path):
    written(tmp_path, [b'Mail,Town\nann@a.example,"', *[(b"x" * 1023 + b"\n") * 1024] * 100, b'"\nbob@a.example,X\n'])

    found = read(None)

    assert found["rows"][:2] == [[1, False, 2], [2, True, 1]]


def test_a_header_of_ten_million_columns_is_refused(read, tmp_path):
    written(tmp_path, [b"a," * 1_000_000] * 10)
    assert read(None)["code"] == "broken_header"

    written(tmp_path, [b"a," * 200_000, b"\n1\n"])
    assert read(None)["code"] == "too_many_columns"


def packed(tmp_path, part, packed_bytes, crc, size):
    """A spreadsheet of which one part is given as packed already."""
    path = tmp_path / "hostile.csv"
    path.write_bytes(book([["Mail"]], without=[part]))
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo(part)
        info.compress_type = zipfile.ZIP_STORED
        archive.writestr(info, packed_bytes)
        info.compress_type, info.file_size, info.CRC = zipfile.ZIP_DEFLATED, size, crc
        archive._didModify = True
    content = bytearray(path.read_bytes())
    # The entry's own header, which was written before we said how it is packed.
    at = content.index(part.encode()) - 30
    content[at + 8 : at + 10] = (8).to_bytes(2, "little")
    content[at + 14 : at + 18] = crc.to_bytes(4, "little")
    content[at + 22 : at + 26] = size.to_bytes(4, "little")
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_zip_bomb_is_not_inflated(read, tmp_path, part):
    content, crc = deflated_zeros(128)
    packed(tmp_path, part, content, crc, 128 * 1024**2)

    assert read(None)["code"] == "too_large"


def test_a_zip_bomb_that_hides_its_size_is_read_no_further_than_it_says(read, tmp_path):
    content, crc = deflated_zeros(128)
    packed(tmp_path, "xl/worksheets/sheet1.xml", content, crc, 30 * 1024**2)

    assert read(None)["code"] == "damaged"


def test_spreadsheets_inside_one_another_are_not_opened(read):
    inner = book([["x"]])
    for _depth in range(20):
        inner = book([["Mail"], ["ann@a.example"]], parts={"xl/embeddings/sheet.xlsx": inner})

    assert read(inner)["count"] == 2


def long_text(megabytes):
    return "x" * (megabytes * 1024**2)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([b"<c {r}><v>" + b"7" * (20 * 1024**2) + b"</v></c>"], "cell_too_long"),
        ([long_text(20)], "cell_too_long"),
        ([b"<c {r} t='n' x='" + b"y" * (20 * 1024**2) + b"'/>"], "damaged"),
        ([b"<!--" + b"y" * (20 * 1024**2) + b"--><c {r}><v>1</v></c>"], "damaged"),
        (["x" * 120_000] * 20, "row_too_long"),
        ([b'<c r="XFE1"><v>1</v></c>'], "too_many_columns"),
        ([b"<c><v>1</v></c>" * 20_000], "too_many_columns"),
    ],
)
def test_what_no_sheet_holds_is_refused(read, row, code):
    content = book([["a"], row])

    assert read(content)["code"] in {code, "too_large"}


def test_texts_that_are_shared_and_endless_stay_on_disk(read):
    shared = "<sst>" + "".join(f"<si><t>{number:0>40}</t></si>" for number in range(400_000)) + "</sst>"
    cells = [[b'<c {r} t="s"><v>%d</v></c>' % number] for number in range(0, 400_000, 200)]

    assert read(book([["a"], *cells], shared=shared))["count"] == 2_001


def test_a_shared_text_repeated_by_every_cell_fills_no_memory(read):
    row = [b'<c {r} t="s"><v>0</v></c>'] * 200

    assert read(book([row] * 3, shared=f"<sst><si><t>{'x' * 100_000}</t></si></sst>"))["code"] == "row_too_long"


def test_a_sheet_is_never_held_as_a_whole(read):
    rows = [[f"p{number}@a.example", "X", number] for number in range(30_000)]

    assert read(book(sheets=[("S", "visible", sheet(rows))]))["count"] == 30_000
