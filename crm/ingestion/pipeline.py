"""A file into the database: read, mapped and stored in batches, in constant memory; a bad row stops no other."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from crm.ingestion.looking import file_look
from crm.ingestion.mapped import MappedRow, table_mapped
from crm.ingestion.mapping import FileMapping, parse_mapping
from crm.ingestion.rules import ReadingRules
from crm.ingestion.source import table_opened
from crm.services.activities import activities_record
from crm.services.external_ids import OtherId, external_ids_add
from crm.services.feeds import feed_ensure
from crm.services.leads import leads_upsert_many
from crm.services.results import ItemResult, rejected
from kernel.errors import BadRequestError
from kernel.json import unsafe_text

BATCH: Final = 500
SHIPPED: Final = Path(__file__).parent / "mappings"
_LONGEST_CELL: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class RejectedRow:
    """A row that did not go in: its line, the first reason with its place, and its cells as read, cut where very long."""

    line: int
    code: str
    pointer: str
    detail: str
    cells: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class BatchDone:
    """What became of one batch, told before it is committed: `counts` are of its rows alone, `line` its last one's."""

    rows: int
    line: int
    counts: Mapping[str, int]
    rejected: Sequence[RejectedRow]
    lead_ids: Sequence[int]


@dataclass(kw_only=True)
class ImportReport:
    """How many rows ended how (`created`, `updated`, `unchanged`, `accepted`, `duplicate`, `quarantined`, `rejected`).

    Of a file about leads `accepted`, `duplicate` and `quarantined` count the activities that its rows tell of.
    """

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
    rules: ReadingRules | None = None,
    feed: str = "",
    by: User | None = None,
    import_id: int | None = None,
    after_line: int = 0,
    on_batch: Callable[[BatchDone], None] = lambda _batch: None,
) -> ImportReport:
    """Import a file; each batch of rows is committed on its own, and the same file again changes nothing.

    Without `rules` the file is read as it is recognised, with or without a header as the mapping says. Rows up to
    `after_line` are passed over: they are stored already. `on_batch` is called inside each batch's transaction; what it
    raises undoes that batch and ends the import. Raises BadRequestError for a file that is no table, or that lacks a
    column of the mapping.
    """
    if rules is None:
        rules = file_look(path, file_name=path.name, given={"has_header": mapping.has_header}).rules
    feed = feed or mapping.feed
    store = _Store(feed=feed, about=mapping.about, by=by, import_id=import_id)
    with table_opened(path, rules) as table:
        mapped = table_mapped(table, mapping)
        feed_ensure(slug=feed, label=mapping.name)
        report = ImportReport(header=mapped.names, unmapped_columns=mapped.unmapped)
        for batch in _batches(mapped.rows(after_line=after_line)):
            with transaction.atomic():
                done = store.batch(batch)
                on_batch(done)
            report.rows += done.rows
            report.counts.update(done.counts)
    return report


def _batches(rows: Iterable[MappedRow]) -> Iterator[list[MappedRow]]:
    batch: list[MappedRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@dataclass(frozen=True, kw_only=True)
class _Store:
    """Where the rows of one import go."""

    feed: str
    about: str
    by: User | None
    import_id: int | None

    def batch(self, batch: Sequence[MappedRow]) -> BatchDone:
        good = [found for found in batch if not found.read.problems]
        stored = self.leads(good) if self.about == "leads" else self.activities([each.read.values for each in good])
        left = iter(stored)
        results = [
            rejected(index, found.read.problems) if found.read.problems else next(left)
            for index, found in enumerate(batch)
        ]
        counts = Counter(result.status for result in results)
        if self.about == "leads":
            counts += self.told(zip(good, stored, strict=True))
        return BatchDone(
            rows=len(batch),
            line=batch[-1].row.line,
            counts=counts,
            rejected=[
                _rejected_row(found, result)
                for found, result in zip(batch, results, strict=True)
                if result.status == "rejected"
            ],
            lead_ids=sorted({result.lead_id for result in results if result.lead_id is not None}),
        )

    def leads(self, good: Sequence[MappedRow]) -> list[ItemResult]:
        stored = leads_upsert_many(
            feed=self.feed, items=[found.read.values for found in good], by=self.by, import_id=self.import_id
        )
        ids = [
            OtherId(lead_id=result.lead_id, feed=other_feed, external_id=external_id)
            for found, result in zip(good, stored, strict=True)
            if result.lead_id is not None
            for other_feed, external_id in found.read.other_ids.items()
        ]
        external_ids_add(ids=ids, import_id=self.import_id)
        return stored

    def told(self, stored: Iterable[tuple[MappedRow, ItemResult]]) -> Counter[str]:
        """Record what the rows of leads that went in tell of."""
        items = [item for found, result in stored if result.lead_id is not None for item in found.read.activities]
        return Counter(result.status for result in self.activities(items)) if items else Counter()

    def activities(self, items: Sequence[object]) -> list[ItemResult]:
        return activities_record(feed=self.feed, items=items, by=self.by, import_id=self.import_id)


def _rejected_row(found: MappedRow, result: ItemResult) -> RejectedRow:
    return RejectedRow(
        line=found.row.line,
        code=result.code,
        pointer=result.pointer,
        detail=result.detail,
        cells=[_shown(cell) for cell in found.row.cells],
    )


def _shown(cell: str) -> str:
    """A cell as it can be stored and shown: what no text can hold is replaced, and far too much is cut."""
    if unsafe_text(cell):
        cell = cell.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[:_LONGEST_CELL]}…"
