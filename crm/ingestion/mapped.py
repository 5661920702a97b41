"""The rows of a table, each with what its mapping makes of it. Pure but for the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from crm.ingestion.csv_file import Row, Table
from crm.ingestion.events import read_activity
from crm.ingestion.looking import column_names
from crm.ingestion.mapping_language import FileMapping
from crm.ingestion.rows import RowValues, row_values
from kernel.errors import BadRequestError, Problem


@dataclass(frozen=True, kw_only=True)
class MappedRow:
    row: Row
    read: RowValues


@dataclass(frozen=True, kw_only=True)
class MappedTable:
    """A table and the mapping by which it is read. `names` are those of its columns, `unmapped` the ones not mentioned."""

    table: Table
    mapping: FileMapping
    names: Sequence[str]
    unmapped: Sequence[str]
    # Cells that a row has to have: up to the last column that has a name or is mapped.
    fewest: int

    def rows(self, *, after_line: int = 0) -> Iterator[MappedRow]:
        """The rows behind a line, without the header."""
        for index, row in enumerate(self.table.rows()):
            if (index or not self.table.rules.has_header) and row.line > after_line:
                yield MappedRow(row=row, read=self._read(row))

    def _read(self, row: Row) -> RowValues:
        if problem := self._shape_problem(row):
            return RowValues(values={}, other_ids={}, problems=[Problem(pointer="", code="broken_row", detail=problem)])
        # A row may end in more empty cells than there are columns.
        read = row_values(self.mapping, dict(zip(self.names, row.cells, strict=False)), self.table.rules)
        return replace(read, problems=[*read.problems, *_activity_problems(read)])

    def _shape_problem(self, row: Row) -> str:
        if row.is_broken:
            return _("A quote in this row is never closed, or a cell is longer than 128 KB.")
        if len(row.cells) > len(self.names) and any(cell.strip() for cell in row.cells[len(self.names) :]):
            return _("This row has more cells than the header has columns.")
        if len(row.cells) < self.fewest:
            return _("This row has fewer cells than the header has columns.")
        return ""


def table_mapped(table: Table, mapping: FileMapping) -> MappedTable:
    """The table by its mapping. Raises BadRequestError for a first row that cannot be read, or that lacks a column."""
    first = next(table.rows(), None)
    if first is None:
        raise BadRequestError(_("The file is empty."), code="empty")
    names = column_names(first, has_header=table.rules.has_header)
    mapped = mapping.column_names
    missing = [name for name in mapped if name not in names]
    if missing:
        detail = _("The file lacks columns of the mapping: %(names)s.") % {"names": ", ".join(missing)}
        raise BadRequestError(detail, code="column_missing")
    known = {*mapped, *mapping.ignored}
    named = [
        bool(cell.strip()) or not table.rules.has_header or name in known
        for name, cell in zip(names, first.cells, strict=True)
    ]
    return MappedTable(
        table=table,
        mapping=mapping,
        names=names,
        unmapped=[name for name, is_named in zip(names, named, strict=True) if is_named and name not in known],
        fewest=max((place for place, is_named in enumerate(named, start=1) if is_named), default=0),
    )


def _activity_problems(read: RowValues) -> list[Problem]:
    """What would be refused of the row's activities: then the row as a whole is, so that nothing goes in by halves."""
    return [
        Problem(pointer=f"/activities/{index}{problem.pointer}", code=problem.code, detail=problem.detail)
        for index, item in enumerate(read.activities)
        for problem in read_activity(item)[1]
    ]
