"""The list as a file: which leads, frozen in their order before the first row leaves, and their rows in pieces."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice

from django.utils import timezone, translation

from accounts.models import User
from accounts.rights import REP_EXPORT_ROWS, Action, Reach, reach, sees_personal_data
from scoring.models import ScoringModel
from scoring.ranking.columns import Column, Value, lead_name
from scoring.ranking.filters import LeadFilters
from scoring.ranking.order import Order
from scoring.ranking.page import RankedLead, ranked_rows

# Leads read at once: few enough to be held, enough that reading them is what takes the time.
PIECE = 500


@dataclass(frozen=True, kw_only=True)
class Table:
    """What is exported. `lead_ids` costs eight bytes a lead; `is_cut` where there were more than one may export.

    Frozen, because the order changes while a long file is written: nobody is written twice and nobody missed.
    """

    lead_ids: Sequence[int]
    is_cut: bool
    limit: int | None
    columns: Sequence[Column]
    model: ScoringModel | None
    stages: dict[str, str]
    is_masked: bool
    zone: tzinfo
    language: str


def table_of(
    *,
    user: User,
    model: ScoringModel | None,
    filters: LeadFilters,
    columns: Sequence[Column],
    stages: dict[str, str],
    most: int | None = None,
) -> Table:
    """The leads of the list that `user` may take out, no more than `most` of them (what the kind of file holds)."""
    limits = [most, REP_EXPORT_ROWS if reach(user.role, Action.LEAD_EXPORT) is Reach.OWN else None]
    limit = min((one for one in limits if one is not None), default=None)
    found = Order(user=user, model=model, filters=filters).ids()
    lead_ids = array("q", found if limit is None else islice(found, limit + 1))
    is_cut = limit is not None and len(lead_ids) > limit
    return Table(
        lead_ids=lead_ids[:limit] if is_cut else lead_ids,
        is_cut=is_cut,
        limit=limit,
        columns=columns,
        model=model,
        stages=stages,
        is_masked=not sees_personal_data(user.role),
        zone=timezone.get_current_timezone(),
        language=translation.get_language() or "en",
    )


def table_header(table: Table) -> list[str]:
    with translation.override(table.language):
        return [translation.gettext("Name"), *(str(column.label) for column in table.columns)]


def table_rows(table: Table) -> Iterator[list[Value]]:
    """The rows, the name first. They are read while the file is sent, when no language is chosen any more."""
    needs = {column.key for column in table.columns}
    for start in range(0, len(table.lead_ids), PIECE):
        piece = list(table.lead_ids[start : start + PIECE])
        with translation.override(table.language):
            rows = [_row(row, table) for row in ranked_rows(piece, model=table.model, needs=needs)]
        yield from rows
    if table.is_cut:
        with translation.override(table.language):
            yield [
                translation.gettext(
                    "Cut here: these are the first %(limit)s leads of a longer list. Narrow the list, or ask for the rest."
                )
                % {"limit": table.limit}
            ]


def _row(row: RankedLead, table: Table) -> list[Value]:
    name = lead_name(row, is_masked=table.is_masked)
    return [name, *(_value(column, row, table) for column in table.columns)]


def _value(column: Column, row: RankedLead, table: Table) -> Value:
    value = column.value(row)
    if isinstance(value, datetime):
        return value.astimezone(table.zone)
    if column.kind == "stage":
        return table.stages.get(str(value), value)
    return value
