"""Rows as an .xlsx file, in constant memory: on the disk while it is written, gone when it is closed."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, Any

# What a sheet holds, and a cell.
MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767


def workbook_file(*, title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """The file, open at its beginning. Texts are written as texts, whatever they begin with: nothing is a formula."""
    # Half a second of loading, only where somebody takes out a workbook.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"

    def cell(value: object) -> Any:
        if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
            return value
        text = value.isoformat() if isinstance(value, date) else str(value)
        made = WriteOnlyCell(sheet, "")
        made._value = ILLEGAL_CHARACTERS_RE.sub("", text)[:MOST_CHARACTERS]
        # A text that begins with = would be taken for a formula otherwise.
        made.data_type = "s"
        return made

    heads = [cell(name) for name in header]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([cell(value) for value in row])
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 (whoever sends it closes it)
    try:
        book.save(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
