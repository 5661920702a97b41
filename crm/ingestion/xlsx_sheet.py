"""The cells of a sheet, streamed: never more than one row in memory, whatever the file says of itself.

Endless texts are refused here, endless tags and what XML could do besides in `xlsx_xml`.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from crm.ingestion.csv_file import LONGEST_ROW, MOST_COLUMNS
from crm.ingestion.xlsx_package import damaged, too_large
from crm.ingestion.xlsx_xml import parsed
from kernel.errors import BadRequestError

MOST_ROWS: Final = 1_048_576
LONGEST_CELL: Final = 128 * 1024
_MOST_SHARED: Final = 20_000_000
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_PLACE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", re.ASCII)
_WHOLE: Final = re.compile(r"-?[0-9]{1,40}", re.ASCII)


class SharedTexts:
    """The texts that cells refer to by number, kept in a file: a million of them would not fit into memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._starts = array("Q", [0])
        self.text = lru_cache(maxsize=4_096)(self._read)

    def add(self, text: str) -> None:
        if len(self._starts) > _MOST_SHARED:
            raise too_large()
        self._stream.write(content := text.encode("utf-8", "surrogatepass"))
        self._starts.append(self._starts[-1] + len(content))

    def _read(self, number: int) -> str:
        if not 0 <= number < len(self._starts) - 1:
            raise damaged()
        self._stream.seek(self._starts[number])
        size = self._starts[number + 1] - self._starts[number]
        return self._stream.read(size).decode("utf-8", "surrogatepass")


def shared_texts_read(chunks: Iterable[bytes], stream: BinaryIO) -> SharedTexts:
    texts = SharedTexts(stream)
    pieces: list[str] = []
    text = _Text()

    def start(name: str, _attributes: dict[str, str]) -> None:
        text.begin(name)

    def end(name: str) -> None:
        if said := text.finish(name):
            pieces.append(said)
        if name == "si":
            texts.add("".join(pieces))
            pieces.clear()

    for _chunk in parsed(chunks, start, end, text.more):
        pass
    stream.flush()
    return texts


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """A row of a sheet: its number from 1, its cells as text."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class CellReading:
    """How cells become text: what they refer to, which of their styles are days, and the mark before decimals."""

    shared: SharedTexts | None
    are_dates: Sequence[bool]
    is_from_1904: bool
    decimal_mark: str

    def text(self, *, kind: str, style: int, value: str) -> str:
        if kind == "s":
            if not value.strip().isdigit() or self.shared is None:
                raise damaged()
            return self.shared.text(int(value))
        if kind in {"str", "inlineStr", "e"}:
            return value
        if kind == "b":
            return "true" if value.strip() == "1" else "false"
        if kind == "d":
            return value.strip().removesuffix("T00:00:00")
        if 0 <= style < len(self.are_dates) and self.are_dates[style]:
            return self._moment(value)
        return number_text(value, self.decimal_mark)

    def _moment(self, value: str) -> str:
        from openpyxl.utils.datetime import (  # noqa: PLC0415 - only files of sheets need it
            MAC_EPOCH,
            WINDOWS_EPOCH,
            from_excel,
        )

        try:
            found = from_excel(float(value), MAC_EPOCH if self.is_from_1904 else WINDOWS_EPOCH)
        except (ValueError, OverflowError, TypeError):
            return value
        if isinstance(found, datetime):
            return found.date().isoformat() if found.time() == time(0) else found.isoformat(timespec="seconds")
        return found.isoformat() if isinstance(found, date | time) else value


def number_text(value: str, decimal_mark: str) -> str:
    """The number that was typed: a sheet keeps 0.1 as 0.10000000000000001."""
    value = value.strip()
    if _WHOLE.fullmatch(value):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if abs(number) >= 1e40 or number != number:
        return value
    plain = format(Decimal(repr(number)), "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.replace(".", decimal_mark)


class SheetRows:
    """The rows of a sheet; `bytes_read` says how much of it they took."""

    def __init__(self, chunks: Iterable[bytes], reading: CellReading) -> None:
        self._chunks = chunks
        self._reading = reading
        self._text = _Text(longest=LONGEST_CELL)
        self._done: list[SheetRow] = []
        self._row: list[str] | None = None
        self._number = 0
        self._size = 0
        self._cell: dict[str, str] | None = None
        self._value: str | None = None
        self._has_formula = False
        self.bytes_read = 0

    def __iter__(self) -> Iterator[SheetRow]:
        for size in parsed(self._chunks, self._start, self._end, self._text.more):
            self.bytes_read += size
            yield from self._done
            self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._begin_row(attributes.get("r", ""))
        elif name == "c" and self._row is not None:
            self._cell, self._value, self._has_formula = attributes, None, False
        elif name == "f" and self._cell is not None:
            self._has_formula = True
        else:
            self._text.begin(name)

    def _end(self, name: str) -> None:
        if name == "row" and self._row is not None:
            self._done.append(SheetRow(number=self._number, cells=self._row))
            self._row = None
        elif name == "c" and self._cell is not None and self._row is not None:
            self._put(self._row, self._cell)
            self._cell = None
        elif (said := self._text.finish(name)) is not None and self._cell is not None:
            self._value = (self._value or "") + said

    def _begin_row(self, told: str) -> None:
        number = int(told) if re.fullmatch("[0-9]{1,7}", told) else self._number + 1
        if not self._number < number <= MOST_ROWS:
            raise damaged()
        self._number, self._row, self._size = number, [], 0

    def _put(self, row: list[str], cell: dict[str, str]) -> None:
        place = column_number(cell["r"]) if "r" in cell else len(row) + 1
        if self._value is None:
            if self._has_formula:
                detail = _(
                    "Cell %(place)s holds a formula without its result. Open the file in a spreadsheet program and save it."
                )
                raise BadRequestError(detail % {"place": cell.get("r", "")[:10]}, code="formula_without_result")
            return
        if place > MOST_COLUMNS:
            detail = _("The sheet has more than %(most)s columns.") % {"most": f"{MOST_COLUMNS:,}"}
            raise BadRequestError(detail, code="too_many_columns")
        style = cell.get("s", "")
        text = self._reading.text(
            kind=cell.get("t", "n"), style=int(style) if re.fullmatch("[0-9]{1,6}", style) else -1, value=self._value
        )
        self._size += len(text)
        if self._size > LONGEST_ROW:
            detail = _("Row %(number)s holds more than a million characters.") % {"number": self._number}
            raise BadRequestError(detail, code="row_too_long")
        row.extend([""] * (place - len(row)))
        row[place - 1] = text


def column_number(place: str) -> int:
    """1 of A7, 28 of AB7."""
    found = _PLACE.fullmatch(place)
    if found is None:
        raise damaged()
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number


class _Text:
    """The text inside `v` and `t`, without how it is to be pronounced."""

    def __init__(self, longest: int = LONGEST_CELL) -> None:
        self._longest = longest
        self._pieces: list[str] | None = None
        self._size = 0
        self._is_sounds = False

    def begin(self, name: str) -> None:
        if name == "rPh":
            self._is_sounds = True
        elif name in {"t", "v"}:
            self._pieces, self._size = [], 0

    def more(self, text: str) -> None:
        if self._pieces is None:
            return
        self._size += len(text)
        if self._size > self._longest:
            detail = _("A cell holds more than %(most)s characters.") % {"most": f"{self._longest:,}"}
            raise BadRequestError(detail, code="cell_too_long")
        self._pieces.append(text)

    def finish(self, name: str) -> str | None:
        """The text that ends here, None where none does."""
        if name == "rPh":
            self._is_sounds = False
        if name not in {"t", "v"} or self._pieces is None:
            return None
        said, self._pieces = "".join(self._pieces), None
        if self._is_sounds:
            return None
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), said) if "_x" in said else said
