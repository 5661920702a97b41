"""A table of text as it is found in the wild, read row by row in constant memory.

Takes a byte order mark, commas, semicolons, tabs and bars, CRLF, a nameless empty last column, rows quoted as one field,
quotes escaped by backslashes, UTF-8, UTF-16 with a mark, and Windows-1252. Refuses in one sentence what is no such table.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.errors import BadRequestError

DELIMITERS: Final = ",;\t|"
SAMPLE: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024
_SPREADSHEET: Final = gettext_lazy("This is a spreadsheet, whatever its name. Open it and save it as CSV (UTF-8).")
_STARTS: Final = (
    (re.compile(rb"PK\x03\x04|\xd0\xcf\x11\xe0"), "spreadsheet", _SPREADSHEET),
    (
        re.compile(rb"\s*<(!doctype|html|head|body|script|\?xml)", re.IGNORECASE),
        "web_page",
        gettext_lazy(
            "This is a web page, not a table: the download probably needs a sign-in. Download the file itself."
        ),
    ),
    (
        re.compile(rb"version https://git-lfs|/annex/objects/"),
        "pointer_file",
        gettext_lazy("This file only points to the real one, which was not downloaded. Fetch the file itself."),
    ),
    (
        re.compile(rb"%PDF|\x1f\x8b|BZh|7z\xbc\xaf|Rar!"),
        "not_text",
        gettext_lazy("This file is no text. Save it as CSV."),
    ),
    (re.compile(rb"\s*[\[{]\s*[\"{\[]"), "not_text", gettext_lazy("This file is JSON, not a table. Save it as CSV.")),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record: the line it begins on, from 1, and its cells; `is_broken` where a quote was never closed."""

    line: int
    cells: tuple[str, ...]
    is_broken: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """How a file is to be read. `rows()` may be called again; blank lines are left out."""

    path: Path
    encoding: str
    delimiter: str
    escape: str | None
    is_wrapped: bool

    def rows(self) -> Iterator[Row]:
        with self.path.open(encoding=self.encoding, newline="") as stream:
            yield from self._read(stream)

    def _read(self, stream: TextIO) -> Iterator[Row]:
        reader = csv.reader(stream, delimiter=self.delimiter, escapechar=self.escape)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Row(line=line, cells=(), is_broken=True)
                continue
            if self.is_wrapped and len(cells) == 1:
                cells = next(csv.reader(cells, delimiter=self.delimiter), [])
            if any(cell.strip() for cell in cells):
                yield Row(line=line, cells=tuple(cells))


def open_table(path: Path) -> Table:
    """Look at a file and say how to read it. Raises BadRequestError where it is no table of text, or is not there."""
    try:
        with path.open("rb") as stream:
            start = stream.read(SAMPLE)
    except OSError:
        raise BadRequestError(_("This file cannot be opened. Check its name and its rights."), code="no_file") from None
    for pattern, code, detail in _STARTS:
        if pattern.match(start):
            raise BadRequestError(str(detail), code=code)
    if not start.strip():
        raise BadRequestError(_("The file is empty."), code="empty")
    encoding = _encoding(path, start)
    sample = start.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    delimiter, is_wrapped = _delimiter(sample)
    # A backslash before a quote that does not end the cell can only be an escape.
    escape = "\\" if re.search(rf'\\"(?![{re.escape(DELIMITERS)}\n])', sample) else None
    return Table(path=path, encoding=encoding, delimiter=delimiter, escape=escape, is_wrapped=is_wrapped)


def _encoding(path: Path, start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in start:
        raise BadRequestError(_("This file is no text. Save it as CSV."), code="not_text")
    decoder = codecs.getincrementaldecoder("utf-8")()
    windows = codecs.getincrementaldecoder("cp1252")()
    is_windows = True
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                is_windows = is_windows and _decodes(windows, chunk)
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252" if is_windows else "latin-1"
    return "utf-8-sig"


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(sample: str) -> tuple[str, bool]:
    """The delimiter that cuts the first row into the most cells, and whether whole rows are quoted as one cell."""
    cut = {delimiter: _first_row(sample, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: len(cut[delimiter]))
    if len(cut[best]) > 1 or not cut[best]:
        return best, False
    [whole] = cut[best]
    inner = {delimiter: len(_first_row(whole, delimiter)) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: inner[delimiter])
    return best, inner[best] > 1


def _first_row(text: str, delimiter: str) -> list[str]:
    return next((cells for cells in csv.reader(text.splitlines(), delimiter=delimiter) if cells), [])
