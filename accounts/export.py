"""Tables for spreadsheets: no cell runs as a formula, and rows leave as they are read. Pure."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

# A cell that begins so would run as a formula where the file is opened in a spreadsheet; the wide ones are read as the others.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Without it some spreadsheets take UTF-8 for the code page of their machine.
BYTE_ORDER_MARK = "\ufeff"
# Rows are sent in pieces of about this many characters: one row at a time would be slower than reading them.
PIECE = 64 * 1024


def safe_cell(value: object) -> str:
    """One value as the text of a cell. Numbers stay numbers, also negative ones; text that would run is made to stand."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


class _Piece:
    """Where csv.writer writes: holds what was not sent yet."""

    def __init__(self) -> None:
        self.texts: list[str] = [BYTE_ORDER_MARK]
        self.size = 0

    def write(self, text: str) -> None:
        self.texts.append(text)
        self.size += len(text)

    def take(self) -> bytes:
        whole = "".join(self.texts).encode()
        self.texts, self.size = [], 0
        return whole


def csv_rows(header: Sequence[object], rows: Iterable[Sequence[object]], *, separator: str = ",") -> Iterator[bytes]:
    """The file as pieces of bytes, for a StreamingHttpResponse: never more than one piece is held."""
    piece = _Piece()
    writer = csv.writer(piece, delimiter=separator)
    writer.writerow([safe_cell(name) for name in header])
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        if piece.size >= PIECE:
            yield piece.take()
    yield piece.take()
