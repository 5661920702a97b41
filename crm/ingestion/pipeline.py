"""A file into the database: read, mapped and stored in batches, in constant memory; a bad row stops no other."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from crm.ingestion.csv_file import Row, Table, open_table
from crm.ingestion.mapping import FileMapping, RowValues, parse_mapping, row_values
from crm.services.activities import activities_record
from crm.services.external_ids import OtherId, external_ids_add
from crm.services.feeds import feed_ensure
from crm.services.leads import leads_upsert_many
from crm.services.results import ItemResult, rejected
from kernel.errors import BadRequestError, Problem

BATCH: Final = 500
SHIPPED: Final = Path(__file__).parent / "mappings"


@dataclass(frozen=True, kw_only=True)
class RejectedRow:
    """A row that did not go in: its line, the first reason with its place, and its cells as read."""

    line: int
    code: str
    pointer: str
    detail: str
    cells: Sequence[str]


@dataclass(kw_only=True)
class ImportReport:
    """How many rows ended how (`created`, `updated`, `unchanged`, `accepted`, `duplicate`, `quarantined`, `rejected`)."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    header: Sequence[str] = ()
    unmapped_columns: Sequence[str] = ()


def load_mapping(name: str) -> FileMapping:
    """The mapping of a file, or one shipped with the product by its name."""
    path = Path(name)
    if not path.is_file():
        path = SHIPPED / f"{Path(name).stem}.yaml"
    if not path.is_file():
        shipped = ", ".join(sorted(found.stem for found in SHIPPED.glob("*.yaml")))
        raise BadRequestError(
            _("There is no such mapping. Give a file, or one of: %(shipped)s.") % {"shipped": shipped},
            code="no_mapping",
        )
    return parse_mapping(path.read_text(encoding="utf-8-sig"))


def import_file(
    path: Path,
    mapping: FileMapping,
    *,
    feed: str = "",
    by: User | None = None,
    on_rejected: Callable[[RejectedRow], None] = lambda _row: None,
) -> ImportReport:
    """Import a file; each batch of rows is committed on its own, and the same file again changes nothing.

    Raises BadRequestError for a file that is no table, or that lacks a column of the mapping.
    """
    table = open_table(path)
    names = _column_names(table, mapping)
    feed = feed or mapping.feed
    feed_ensure(slug=feed, label=mapping.name)
    report = ImportReport(header=names)
    report.unmapped_columns = _unmapped(names, mapping)
    store = _store_leads if mapping.about == "leads" else _store_activities
    for batch in _batches(table, skip=1 if mapping.has_header else 0):
        read = [_mapped(row, names, mapping) for row in batch]
        for row, result in zip(batch, store(feed, read, by), strict=True):
            report.rows += 1
            report.counts[result.status] += 1
            if result.status == "rejected":
                on_rejected(
                    RejectedRow(
                        line=row.line,
                        code=result.code,
                        pointer=result.pointer,
                        detail=result.detail,
                        cells=row.cells,
                    )
                )
    return report


def _column_names(table: Table, mapping: FileMapping) -> list[str]:
    """The names of the columns; their numbers where there is no header. Refuses a file that lacks one of the mapping."""
    first = next(table.rows(), None)
    if first is None or first.is_broken:
        raise BadRequestError(_("The first line cannot be read: a quote is never closed."), code="broken_header")
    numbers = [str(number) for number in range(1, len(first.cells) + 1)]
    names = [cell.strip() for cell in first.cells] if mapping.has_header else numbers
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        detail = _("Columns stand twice: %(names)s. Rename one of each.") % {"names": ", ".join(twice)}
        raise BadRequestError(detail, code="column_twice")
    missing = [column.name for column in mapping.columns if column.name not in names]
    if missing:
        detail = _("The file lacks columns of the mapping: %(names)s.") % {"names": ", ".join(missing)}
        raise BadRequestError(detail, code="column_missing")
    return names


def _unmapped(names: Sequence[str], mapping: FileMapping) -> list[str]:
    mapped = {column.name for column in mapping.columns} | mapping.ignored
    return [name for name in names if name and name not in mapped]


def _batches(table: Table, *, skip: int) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for index, row in enumerate(table.rows()):
        if index < skip:
            continue
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _mapped(row: Row, names: Sequence[str], mapping: FileMapping) -> RowValues:
    problem = ""
    if row.is_broken:
        problem = _("A quote in this row is never closed, or a cell is longer than 128 KB.")
    elif len(row.cells) > len(names) and any(cell.strip() for cell in row.cells[len(names) :]):
        problem = _("This row has more cells than the header has columns.")
    elif len(row.cells) < len([name for name in names if name]):
        problem = _("This row has fewer cells than the header has columns.")
    if problem:
        return RowValues(values={}, other_ids={}, problems=[Problem(pointer="", code="broken_row", detail=problem)])
    # A row may end in more empty cells than there are columns.
    return row_values(mapping, dict(zip(names, row.cells, strict=False)))


@transaction.atomic
def _store_leads(feed: str, read: Sequence[RowValues], by: User | None) -> list[ItemResult]:
    good = [row for row in read if not row.problems]
    stored = leads_upsert_many(feed=feed, items=[row.values for row in good], by=by)
    external_ids_add(
        ids=[
            OtherId(lead_id=result.lead_id, feed=other_feed, external_id=external_id)
            for row, result in zip(good, stored, strict=True)
            if result.lead_id is not None
            for other_feed, external_id in row.other_ids.items()
        ]
    )
    return _in_order(read, stored)


def _store_activities(feed: str, read: Sequence[RowValues], by: User | None) -> list[ItemResult]:
    good = [row.values for row in read if not row.problems]
    return _in_order(read, activities_record(feed=feed, items=good, by=by))


def _in_order(read: Sequence[RowValues], stored: Sequence[ItemResult]) -> list[ItemResult]:
    """The results of all rows: of those that could not be mapped their problems, of the others what was stored."""
    left = iter(stored)
    return [rejected(index, row.problems) if row.problems else next(left) for index, row in enumerate(read)]
