"""The first rows of a file as they would go in, without anything going in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from crm.ingestion.events import read_activity
from crm.ingestion.lead_values import LeadValues, read_lead
from crm.ingestion.mapped import MappedRow, table_mapped
from crm.ingestion.mapping_language import FileMapping
from crm.ingestion.rules import ReadingRules
from crm.ingestion.source import table_opened
from kernel.errors import Problem

# The rows that are looked at may begin late in a sheet; its header and blank rows count as well.
_ROWS_READ: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class PreviewProblem:
    """What would keep the row out: the column where there is one, else "", and a sentence."""

    column: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """A row as it would go in: values by the name of the field (`company.name`), activities as REST takes them."""

    line: int
    cells: Sequence[str]
    values: Mapping[str, object]
    activities: Sequence[Mapping[str, object]]
    problems: Sequence[PreviewProblem]


def preview_rows(path: Path, rules: ReadingRules, mapping: FileMapping, *, limit: int = 10) -> list[PreviewRow]:
    """The first rows. Raises BadRequestError for a file that is no table, or that lacks a column of the mapping."""
    with table_opened(path, rules, most_rows=_ROWS_READ + limit) as table:
        return [_preview(found, mapping) for found in islice(table_mapped(table, mapping).rows(), limit)]


def _preview(found: MappedRow, mapping: FileMapping) -> PreviewRow:
    read = found.read
    problems = list(read.problems)
    values: dict[str, object] = _flat(read.values)
    if mapping.about == "leads":
        lead, refused = read_lead(read.values) if read.values or not problems else (None, [])
        problems += refused
        values = {**values, **_as_stored(lead)} if lead else values
    elif not problems:
        problems += read_activity(read.values)[1]
    return PreviewRow(
        line=found.row.line,
        cells=found.row.cells,
        values=values,
        activities=read.activities,
        problems=[PreviewProblem(column=column_of(problem, mapping), detail=problem.detail) for problem in problems],
    )


def column_of(problem: Problem, mapping: FileMapping) -> str:
    """The column that a problem of a row is about, "" where it is the row itself."""
    place = problem.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")
    if place in mapping.column_names:
        return place
    target = place.replace("/", ".")
    aliases = {target, "name"} if target in {"first_name", "last_name"} else {target}
    return next((column.name for column in mapping.columns if column.to in aliases and not column.feed), "")


def _flat(values: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat


def _as_stored(lead: LeadValues) -> dict[str, object]:
    """The fields that are written otherwise than they were sent: addresses, countries, domains."""
    company = lead.company.fields if lead.company else {}
    stored = {**lead.fields, **{f"company.{name}": value for name, value in company.items()}}
    return {**stored, "email": lead.email.address} if lead.email else stored
