"""What a file is, before anything of it goes in: how it is read, its columns, its first rows, and what has to be asked."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from crm.ingestion.cells import cell_text
from crm.ingestion.csv_file import MOST_COLUMNS, Row, Table
from crm.ingestion.recognition import decimal_mark_of, has_header, order_of_dates
from crm.ingestion.rules import ReadingRules
from crm.ingestion.source import rules_recognised, table_opened
from crm.ingestion.spreadsheet import sheet_names
from kernel.errors import BadRequestError

SAMPLE_ROWS: Final = 200
# Rows that are read to settle marks and orders; the first hundreds may well hold no day after the twelfth.
_ROWS_READ: Final = 5_000
_LINE: Final = 1024 * 1024
#: What forms and exports write where nobody answered, beside what every mapping takes as such.
_FURTHER_PLACEHOLDERS: Final = frozenset(
    ["null", "none", "nan", "nil", "(blank)", "(none)", "-none-", "not provided", "not set", "not specified",
     "keine angabe", "k.a.", "k. a.", "unbekannt", "nicht angegeben", "brak", "brak danych", "nie podano", "nieznane",
     "please select", "bitte wählen", "wybierz", "?"]
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the file does not settle: the rule it is about, in words, the columns concerned and what it may be."""

    rule: str
    detail: str
    columns: Sequence[str] = ()
    choices: Sequence[str] = ()
    examples: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class FileLook:
    """A file at a glance. `columns` are the header's names, or numbers from 1; `rows` the first, without the header."""

    file_name: str
    rules: ReadingRules
    columns: Sequence[str]
    rows: Sequence[Row]
    sheets: Sequence[str] = ()
    estimated_rows: int = 0
    questions: Sequence[Question] = ()
    placeholders: Sequence[str] = ()

    @property
    def header(self) -> list[str]:
        """The columns' names, trimmed and in lower case: by these a saved mapping is found again."""
        return [name.casefold() for name in self.columns]

    def cells(self, column: str) -> list[str]:
        """What the first rows say in a column, without blanks."""
        place = list(self.columns).index(column)
        return [text for row in self.rows if place < len(row.cells) and (text := cell_text(row.cells[place]))]


def file_look(path: Path, *, file_name: str, given: Mapping[str, object] | None = None) -> FileLook:
    """Look at a file. `given` rules go before the recognised ones. Raises BadRequestError for what is no table."""
    given = given or {}
    rules = rules_recognised(path).changed({key: said for key, said in given.items() if key != "format"})
    sheets = sheet_names(path) if rules.format == "xlsx" else []
    if rules.format == "xlsx" and not rules.sheet:
        rules = replace(rules, sheet=sheets[0])
    with table_opened(path, rules, most_rows=_ROWS_READ) as table:
        rows, is_whole = _first_rows(table)
        if not rows:
            raise BadRequestError(_("The file is empty."), code="empty")
        estimated = _estimated(table, read=len(rows), is_whole=is_whole)
    if "has_header" not in given:
        rules = replace(rules, has_header=has_header(rows))
    columns = column_names(rows[0], has_header=rules.has_header)
    data = rows[1:] if rules.has_header else rows
    rules, questions = _settled(rules, columns, data, given)
    return FileLook(
        file_name=file_name,
        rules=rules,
        columns=columns,
        rows=data[:SAMPLE_ROWS],
        sheets=sheets,
        estimated_rows=max(0, estimated - rules.has_header),
        questions=questions,
        placeholders=_placeholders(data),
    )


def column_names(first: Row, *, has_header: bool) -> list[str]:
    """The names of the columns; their numbers where there is no header or a column of it has no name but cells may.

    Refuses a first row that cannot be read, and names that stand twice.
    """
    if first.is_broken:
        detail = _("The first line cannot be read: a quote in it is never closed, or it is far too long.")
        raise BadRequestError(detail, code="broken_header")
    if len(first.cells) > MOST_COLUMNS:
        detail = _("The file has more than %(most)s columns: its separator is another, or it is no table.")
        raise BadRequestError(detail % {"most": f"{MOST_COLUMNS:,}"}, code="too_many_columns")
    numbers = [str(number) for number in range(1, len(first.cells) + 1)]
    if not has_header:
        return numbers
    names = [unicodedata.normalize("NFC", cell_text(cell)) for cell in first.cells]
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        detail = _("Columns stand twice: %(names)s. Rename one of each.") % {"names": ", ".join(sorted(twice))}
        raise BadRequestError(detail, code="column_twice")
    taken = set(names)
    return [
        name or (number if number not in taken else f"# {number}") for name, number in zip(names, numbers, strict=True)
    ]


def _first_rows(table: Table) -> tuple[list[Row], bool]:
    """The first rows, and whether they are all."""
    rows: list[Row] = []
    for row in table.rows():
        if len(rows) > _ROWS_READ:
            return rows, False
        rows.append(row)
    return rows, True


def _estimated(table: Table, *, read: int, is_whole: bool) -> int:
    """About how many rows there are, with the header; exactly where all were read."""
    if table.spooled and not table.spooled.is_whole:
        return table.spooled.estimated_rows
    if is_whole:
        return read
    lines = size = 0
    with table.path.open("rb") as stream:
        for line in iter(lambda: stream.readline(_LINE), b""):
            lines += 1
            size += len(line)
            if lines >= _ROWS_READ:
                break
    return round(table.path.stat().st_size * lines / size)


def _settled(
    rules: ReadingRules, columns: Sequence[str], data: Sequence[Row], given: Mapping[str, object]
) -> tuple[ReadingRules, list[Question]]:
    """The decimal mark and the order of dates as the cells show them, and what they leave open."""
    cells = {
        name: [text for row in data if place < len(row.cells) and (text := cell_text(row.cells[place]))]
        for place, name in enumerate(columns)
    }
    questions = []
    if "decimal_mark" not in given:
        mark, doubtful = decimal_mark_of(cells, delimiter=rules.delimiter)
        if rules.format == "xlsx":
            # A sheet's own numbers come with a point; only texts that look like numbers leave it open.
            doubtful = {name: text for name, text in doubtful.items() if "," in text}
        rules = replace(rules, decimal_mark=mark)
        if doubtful:
            detail = _("Is 1,234 a thousand or one and a bit? Say what stands before the decimals.")
            questions.append(
                Question(
                    rule="decimal_mark",
                    detail=detail,
                    columns=tuple(doubtful),
                    choices=(".", ","),
                    examples=tuple(doubtful.values()),
                )
            )
    if "date_order" not in given:
        order, open_columns = order_of_dates(cells)
        rules = replace(rules, date_order=order)
        if open_columns:
            detail = _("These dates can be read with the day or with the month first. Say which it is.")
            questions.append(
                Question(
                    rule="date_order",
                    detail=detail,
                    columns=tuple(open_columns),
                    choices=("dmy", "mdy"),
                    examples=tuple(open_columns.values()),
                )
            )
    return rules, questions


def _placeholders(data: Sequence[Row]) -> list[str]:
    """Texts of the first rows that stand for no answer, as they are written; those every mapping knows are left out."""
    found = Counter(text for row in data for cell in row.cells if (text := cell_text(cell)) and len(text) < 20)
    return sorted(text for text in found if text.casefold() in _FURTHER_PLACEHOLDERS)
