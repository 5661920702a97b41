"""The stored scores of a range of leads as arrays, by one binary COPY: what bulk judgement is compared with."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from scoring.models import ScoredRange
from scoring.services.figures import NAMES, Figures, words_of
from scoring.services.verdicts import Judge

# The first day of PostgreSQL's dates.
_EPOCH: Final = date(2000, 1, 1).toordinal()
# What COPY says before the first row: a signature, flags and the length of nothing more.
_HEADER: Final = 19
_SIZES: Final = {
    "id": 8,
    "lead_id": 8,
    "revision": 8,
    "number": 4,
    "as_of": 4,
    "total": 8,
    "fit": 8,
    "behavior": 8,
    "qualification": 8,
    "grade": 2,
    "level": 2,
    "stage": 2,
    "decided_by": 2,
    "flags": 2,
}
# Each value stands behind its length, each row behind the number of its values.
_ROW: Final = np.dtype(
    [
        ("", ">i2"),
        *((name, kind) for each, size in _SIZES.items() for name, kind in ((f"_{each}", ">i4"), (each, f">i{size}"))),
    ]
)
_COPY: Final = """
COPY (
    SELECT s.id, s.lead_id, s.revision, own.number::int4, s.as_of, s.total, s.fit, s.behavior, s.qualification,
           (coalesce(array_position(%(grades)s::text[], s.grade::text), 0) - 1)::int2, s.level::int2,
           (coalesce(array_position(%(stages)s::text[], s.stage::text), 0) - 2)::int2,
           (coalesce(array_position(%(decided)s::text[], s.decided_by::text), 0) - 1)::int2,
           (s.is_qualified::int + 2 * s.is_disqualified::int + 4 * s.is_fast_tracked::int)::int2
    FROM scoring_score AS s JOIN scoring_matrixversion AS own ON own.id = s.version_id
    WHERE s.model_id = %(model)s AND s.lead_id BETWEEN %(lead_from)s AND %(lead_to)s
    ORDER BY s.lead_id
) TO STDOUT (FORMAT binary)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredScores:
    """Rows of scores in the order of their leads. `number` and `as_of` (a date's ordinal) are the row's own, `said_number`
    and `said_on` the later of those and of the range's that speaks for the lead: what the score stands for."""

    id: NDArray[np.int64]
    lead_ids: NDArray[np.int64]
    revision: NDArray[np.int64]
    number: NDArray[np.int64]
    as_of: NDArray[np.int64]
    said_number: NDArray[np.int64]
    said_on: NDArray[np.int64]
    figures: Figures

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: NDArray[Any]) -> "StoredScores":
        return StoredScores(
            id=self.id[rows],
            lead_ids=self.lead_ids[rows],
            revision=self.revision[rows],
            number=self.number[rows],
            as_of=self.as_of[rows],
            said_number=self.said_number[rows],
            said_on=self.said_on[rows],
            figures=self.figures.take(rows),
        )

    def without(self, lead_ids: NDArray[np.int64]) -> "StoredScores":
        """All but those of these leads."""
        return self.take(~np.isin(self.lead_ids, lead_ids)) if len(lead_ids) else self

    def is_later(self, judge: Judge) -> NDArray[np.bool_]:
        """Judged by this version on this day or later: by the event path, from facts at least as new as a run's."""
        own_day = judge.as_of.toordinal()
        is_later: NDArray[np.bool_] = (self.number > judge.number) | (
            (self.number == judge.number) & (self.as_of >= own_day)
        )
        return is_later


def stored_scores(*, judge: Judge, lead_from: int, lead_to: int) -> StoredScores:
    """The scores of the judge's model for the leads from `lead_from` to `lead_to`, both included, not locked."""
    parameters = {
        **words_of(judge.compiled.matrix),
        "model": judge.model_id,
        "lead_from": lead_from,
        "lead_to": lead_to,
    }
    found = BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(_COPY, parameters), found)
    # Behind the last row stands a number of values that no row has.
    rows = np.frombuffer(found.getbuffer(), _ROW, offset=_HEADER, count=(found.tell() - _HEADER) // _ROW.itemsize)
    wide = {name: rows[name].astype(np.int64) for name in ("id", "lead_id", "revision", "number", "as_of")}
    as_of = wide["as_of"] + _EPOCH
    said_number, said_on = _spoken(judge.model_id, lead_from, lead_to, wide["lead_id"], wide["number"], as_of)
    return StoredScores(
        id=wide["id"],
        lead_ids=wide["lead_id"],
        revision=wide["revision"],
        number=wide["number"],
        as_of=as_of,
        said_number=said_number,
        said_on=said_on,
        figures=Figures(**{name: rows[name].astype(rows.dtype[name].newbyteorder("=")) for name in NAMES}),
    )


def _spoken(
    model_id: int,
    lead_from: int,
    lead_to: int,
    lead_ids: NDArray[np.int64],
    number: NDArray[np.int64],
    as_of: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The version's number and the day that the scores stand for, ranges heard."""
    ranges = ScoredRange.objects.filter(model=model_id, lead_from__lte=lead_to, lead_to__gte=lead_from)
    said_number, said_on = number.copy(), as_of.copy()
    for first, last, range_number, day in ranges.values_list("lead_from", "lead_to", "version__number", "as_of"):
        start, stop = np.searchsorted(lead_ids, [first, last + 1])
        own_number, own_day = number[start:stop], as_of[start:stop]
        range_day = day.toordinal()
        is_range = (own_number < range_number) | ((own_number == range_number) & (own_day < range_day))
        said_number[start:stop][is_range] = range_number
        said_on[start:stop][is_range] = range_day
    return said_number, said_on
