"""Spreadsheets (.xlsx): which sheets one has, and a sheet turned into text row by row, in constant memory.

Days become ISO 8601, numbers what was typed, formulas their stored results; macros and everything else is never looked at.
Of merged cells the first one holds the value.
"""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from crm.ingestion.csv_file import Spooled, file_start
from crm.ingestion.xlsx_package import MOST_INFLATED, Package, Sheet, package_opened, too_large
from crm.ingestion.xlsx_sheet import CellReading, SharedTexts, SheetRows, shared_texts_read
from kernel.errors import BadRequestError

_OLD: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_CHUNK: Final = 1024 * 1024


def is_spreadsheet(path: Path) -> bool:
    """Whether it is one, by its first bytes, whatever its name. Raises BadRequestError for those we do not read."""
    start = file_start(path)
    if start.startswith(_OLD):
        if _is_locked(path):
            detail = _("This spreadsheet is locked with a password. Save it without one.")
            raise BadRequestError(detail, code="encrypted")
        raise BadRequestError(_("This is an old spreadsheet (.xls). Save it as .xlsx."), code="spreadsheet")
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def sheet_names(path: Path) -> list[str]:
    """The names of the sheets to choose from: those that are shown, all where none is."""
    with package_opened(path) as package:
        return [sheet.name for sheet in _offered(package)]


def spool(
    path: Path, target: Path, *, sheet: str = "", most_rows: int | None = None, decimal_mark: str = "."
) -> Spooled:
    """Write a sheet (the first one shown, unless named) as CSV in UTF-8, a record for each of its rows, blank ones too."""
    with package_opened(path) as package, tempfile.TemporaryFile() as kept:
        part = _chosen(package, sheet).part
        shared_part = package.shared_texts_part()
        shared = shared_texts_read(package.chunks(shared_part), kept) if shared_part else None
        rows = SheetRows(package.chunks(part), _reading(package, shared, decimal_mark))
        written, last = 0, 0
        is_whole = True
        # What a cell may hold that UTF-8 may not is written all the same, and refused with its row.
        with target.open("w", encoding="utf-8", errors="surrogatepass", newline="") as stream:
            writer = csv.writer(stream)
            for row in rows:
                if most_rows is not None and written >= most_rows:
                    is_whole = False
                    break
                stream.write("\r\n" * (row.number - last - 1))
                writer.writerow(row.cells)
                last = row.number
                written += 1
                if not written % 1_000 and stream.tell() > MOST_INFLATED:
                    raise too_large()
        share = package.size(part) / max(rows.bytes_read, 1)
        return Spooled(rows=written, is_whole=is_whole, estimated_rows=written if is_whole else round(written * share))


def _reading(package: Package, shared: SharedTexts | None, decimal_mark: str) -> CellReading:
    from openpyxl.styles.numbers import is_date_format, is_timedelta_format  # noqa: PLC0415 - only files of sheets need it

    formats = package.formats()
    are_dates = {code: is_date_format(code) and not is_timedelta_format(code) for code in set(formats)}
    return CellReading(
        shared=shared,
        are_dates=[bool(are_dates[code]) for code in formats],
        is_from_1904=package.is_from_1904(),
        decimal_mark=decimal_mark,
    )


def _offered(package: Package) -> Sequence[Sheet]:
    sheets = package.sheets()
    return [sheet for sheet in sheets if not sheet.is_hidden] or sheets


def _chosen(package: Package, name: str) -> Sheet:
    if not name:
        return _offered(package)[0]
    sheets = package.sheets()
    found = next((sheet for sheet in sheets if sheet.name == name), None)
    if found is None:
        detail = _("There is no sheet of this name. Choose one of: %(names)s.")
        names = ", ".join(sheet.name for sheet in _offered(package))
        raise BadRequestError(detail % {"names": names}, code="no_sheet")
    return found


def _is_locked(path: Path) -> bool:
    """A locked .xlsx is wrapped as an old one, with a part of that name."""
    with path.open("rb") as stream:
        before = b""
        while chunk := stream.read(_CHUNK):
            if _LOCKED in before + chunk:
                return True
            before = chunk[-len(_LOCKED) :]
    return False
