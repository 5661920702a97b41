"""Any file as a table of text: a spreadsheet is turned into one first, after which everything is one road."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from crm.ingestion.csv_file import Table, open_table, text_start
from crm.ingestion.rules import ReadingRules
from crm.ingestion.spreadsheet import is_spreadsheet, spool


def rules_recognised(path: Path) -> ReadingRules:
    """How the file is read as far as its first bytes tell. Raises BadRequestError for what is no table."""
    return ReadingRules(format="xlsx") if is_spreadsheet(path) else open_table(path).rules


@contextmanager
def table_opened(path: Path, rules: ReadingRules, *, most_rows: int | None = None) -> Iterator[Table]:
    """The table; of a spreadsheet a copy as text that is deleted afterwards, with its first `most_rows` only if given."""
    if rules.format == "csv":
        # What is no text is refused even where somebody said that it is.
        text_start(path)
        yield Table(path=path, rules=rules)
        return
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        target = Path(folder) / "sheet.csv"
        spooled = spool(path, target, sheet=rules.sheet, most_rows=most_rows, decimal_mark=rules.decimal_mark)
        text = replace(rules, encoding="utf-8-sig", delimiter=",", escape="", is_wrapped=False)
        yield Table(path=target, rules=text, spooled=spooled)
