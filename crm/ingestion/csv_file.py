"""A table of text as it is found in the wild, read row by row in constant memory.

Takes a byte order mark, commas, semicolons, tabs and bars, CRLF, a nameless empty last column, rows quoted as one field,
quotes escaped by backslashes, UTF-8, UTF-16, and Windows-1252. Refuses in one sentence what is no such table.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.ingestion.encodings import NOT_TEXT, UNREADABLE, encoding_of
from crm.ingestion.rules import DELIMITERS, ReadingRules
from kernel.errors import BadRequestError

SAMPLE: Final = 64 * 1024
#: Characters of one row, whatever its cells; a row that is longer is broken, and never held whole.
LONGEST_ROW: Final = 1024 * 1024
#: What a spreadsheet can hold, and more than any mapping names.
MOST_COLUMNS: Final = 16_384
# How often a quote that is never closed is undone by reading on behind its line; each may cost one row's length.
_MOST_RESUMED: Final = 1_000
_STARTS: Final = (
    (
        re.compile(rb"PK\x03\x04|\xd0\xcf\x11\xe0"),
        "spreadsheet",
        gettext_lazy("This is a spreadsheet, whatever its name. Open it and save it as CSV (UTF-8)."),
    ),
    (
        re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|script|\?xml|table)", re.IGNORECASE),
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
        re.compile(rb"\x1f\x8b|BZh|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd|\xfd7zXZ"),
        "packed",
        gettext_lazy("This file is packed. Unpack it and bring the table inside."),
    ),
    (re.compile(rb"%PDF|\x89PNG|\xff\xd8\xff|GIF8"), "not_text", NOT_TEXT),
    (
        re.compile(rb"(\xef\xbb\xbf)?\s*[\[{]\s*[\"{\[]"),
        "not_text",
        gettext_lazy("This file is JSON, not a table. Save it as CSV."),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record: the line it begins on, from 1, and its cells; `is_broken` where a quote was never closed."""

    line: int
    cells: tuple[str, ...]
    is_broken: bool = False


@dataclass(frozen=True, kw_only=True)
class Spooled:
    """What was written of a sheet: its first rows or all, and about how many there are."""

    rows: int
    is_whole: bool
    estimated_rows: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """A text file and how it is to be read. `rows()` may be called again; blank lines are left out.

    `spooled` says that we wrote it from a sheet, a record for each of the sheet's rows: lines are those rows.
    """

    path: Path
    rules: ReadingRules
    spooled: Spooled | None = None

    @property
    def encoding(self) -> str:
        return self.rules.encoding

    def rows(self) -> Iterator[Row]:
        with self.path.open(encoding=self.rules.encoding, errors=UNREADABLE, newline="") as stream:
            lines = _Lines(stream)
            for number, row in enumerate(self._read(lines), start=1):
                if row.is_broken or any(cell.strip() for cell in row.cells):
                    yield Row(line=number, cells=row.cells) if self.spooled and not row.is_broken else row

    def _read(self, lines: "_Lines") -> Iterator[Row]:
        reader = csv.reader(lines, delimiter=self.rules.delimiter, escapechar=self.rules.escape or None)
        while True:
            line = lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooLongError):
                yield Row(line=line, cells=(lines.give_back(),), is_broken=True)
                continue
            if lines.is_at_end and self._is_open(lines.record):
                yield Row(line=line, cells=(lines.give_back(),), is_broken=True)
                continue
            if self.rules.is_wrapped and len(cells) == 1:
                cells = next(csv.reader(cells, delimiter=self.rules.delimiter), [])
            yield Row(line=line, cells=tuple(cells))

    def _is_open(self, record: list[str]) -> bool:
        """Whether the last record of the file ends inside quotes."""
        reader = csv.reader(record, delimiter=self.rules.delimiter, escapechar=self.rules.escape or None, strict=True)
        try:
            next(reader)
        except csv.Error as error:
            return "end of data" in str(error)
        return False


class _TooLongError(Exception):
    """A row is longer than any row is."""


class _Lines:
    """The lines of a stream for csv.reader, with those of the record it is at; a broken record's are given again.

    A quote that is never closed would swallow the rows behind it: only its first line is given up, and reading goes on
    with the next one.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.record: list[str] = []
        self.is_at_end = False
        self._line = 0
        self._size = 0
        self._again: list[str] = []
        self._left = _MOST_RESUMED

    def __iter__(self) -> "_Lines":
        return self

    def begin(self) -> int:
        """A new record begins: the line it begins on."""
        self.record = []
        self._size = 0
        return self._line + 1

    def __next__(self) -> str:
        text = self._again.pop() if self._again else self.stream.readline(LONGEST_ROW)
        if not text:
            self.is_at_end = True
            raise StopIteration
        self._line += 1
        self._size += len(text)
        self.record.append(text)
        if len(text) >= LONGEST_ROW and text[-1] not in "\r\n":
            while (rest := self.stream.readline(LONGEST_ROW)) and rest[-1] not in "\r\n":
                pass
            raise _TooLongError
        if self._size > LONGEST_ROW:
            raise _TooLongError
        return text

    def give_back(self) -> str:
        """Give the lines behind the record's first one again; the first one, cut to what can be shown."""
        if self._left and len(self.record) > 1:
            self._left -= 1
            self._line -= len(self.record) - 1
            self._again.extend(reversed(self.record[1:]))
            self.is_at_end = False
        return self.record[0][:2_000].rstrip("\r\n") if self.record else ""


def open_table(path: Path) -> Table:
    """Look at a file and say how to read it. Raises BadRequestError where it is no table of text, or is not there."""
    start = text_start(path)
    encoding = encoding_of(path, start)
    sample = start.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if not sample.strip("\ufeff \n\t"):
        raise BadRequestError(_("The file is empty."), code="empty")
    delimiter, is_wrapped = _delimiter(sample)
    # A backslash before a quote that does not end the cell can only be an escape.
    escape = "\\" if re.search(rf'\\"(?![{re.escape(DELIMITERS)}\n])', sample) else ""
    rules = ReadingRules(encoding=encoding, delimiter=delimiter, escape=escape, is_wrapped=is_wrapped)
    return Table(path=path, rules=rules)


def text_start(path: Path) -> bytes:
    """The first bytes of what may be a table of text. Raises BadRequestError for what begins as something else."""
    start = file_start(path)
    for pattern, code, detail in _STARTS:
        if pattern.match(start):
            raise BadRequestError(str(detail), code=code)
    if not start.strip():
        raise BadRequestError(_("The file is empty."), code="empty")
    return start


def file_start(path: Path) -> bytes:
    """The first bytes. Raises BadRequestError where the file cannot be opened."""
    try:
        with path.open("rb") as stream:
            return stream.read(SAMPLE)
    except OSError:
        raise BadRequestError(_("This file cannot be opened. Check its name and its rights."), code="no_file") from None


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
    try:
        return next((cells for cells in csv.reader(text.split("\n"), delimiter=delimiter) if cells), [])
    except csv.Error:
        return []
