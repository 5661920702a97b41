"""The stored scores of a range of leads as arrays, by one binary COPY: what bulk judgement is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from scoring.engine import Matrix
from scoring.models import MatrixVersion, ScoredRange
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
    "version": 8,
    "as_of": 4,
    "total": 8,
    "fit": 8,
    "behavior": 8,
    "qualification": 8,
    "small": 8,
}
# Each value stands behind its length, each row behind the number of its values.
_ROW: Final = np.dtype(
    [
        ("", ">i2"),
        *((name, kind) for each, size in _SIZES.items() for name, kind in ((f"_{each}", ">i4"), (each, f">i{size}"))),
    ]
)
# To hand a value over costs the server as much as to read it: the small ones go as one number. Of each the lowest bit, how
# many, and what was added to it.
_SMALL: Final = {
    "flags": (0, 3, 0),
    "decided_by": (3, 5, 1),
    "grade": (8, 8, 1),
    "stage": (16, 16, 2),
    "level": (32, 16, 0),
}


def _coded(column: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """The place of its word among these, counted from 1; 0 for any other word."""
    cases = "".join(f" WHEN %s THEN {number}" for number in range(1, len(words) + 1))
    return f"(CASE s.{column}{cases} ELSE 0 END)::bigint", list(words)


def _copy(matrix: Matrix) -> tuple[str, list[str]]:
    """The statement and the words that come before its other values."""
    words = words_of(matrix)
    codes = {
        "grade": _coded("grade", words["grades"]),
        "stage": _coded("stage", words["stages"]),
        "decided_by": _coded("decided_by", words["decided"]),
        "level": ("s.level::bigint", []),
        "flags": ("(s.is_qualified::int + 2 * s.is_disqualified::int + 4 * s.is_fast_tracked::int)::bigint", []),
    }
    small = " | ".join(f"({codes[name][0]} << {low})" for name, (low, _bits, _added) in _SMALL.items())
    given = [word for name in _SMALL for word in codes[name][1]]
    return (
        f"""
COPY (
    SELECT s.id, s.lead_id, s.revision, s.version_id, s.as_of, s.total, s.fit, s.behavior, s.qualification, {small}
    FROM scoring_score AS s
    WHERE s.model_id = %s AND s.lead_id BETWEEN %s AND %s
    ORDER BY s.lead_id
) TO STDOUT (FORMAT binary)
""",  # noqa: S608 - made of names of this module
        given,
    )


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
    statement, words = _copy(judge.compiled.matrix)
    found = BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(statement, [*words, judge.model_id, lead_from, lead_to]), found)
    # Behind the last row stands a number of values that no row has.
    rows = np.frombuffer(found.getbuffer(), _ROW, offset=_HEADER, count=(found.tell() - _HEADER) // _ROW.itemsize)
    wide = {name: rows[name].astype(np.int64) for name in _SIZES}
    small = {
        name: (((wide["small"] >> low) & ((1 << bits) - 1)) - added).astype(np.int16)
        for name, (low, bits, added) in _SMALL.items()
    }
    figures: dict[str, Any] = {name: small[name] if name in small else wide[name] for name in NAMES}
    number, as_of = _numbers(wide["version"]), wide["as_of"] + _EPOCH
    said_number, said_on = _spoken(judge.model_id, lead_from, lead_to, wide["lead_id"], number, as_of)
    return StoredScores(
        id=wide["id"],
        lead_ids=wide["lead_id"],
        revision=wide["revision"],
        number=number,
        as_of=as_of,
        said_number=said_number,
        said_on=said_on,
        figures=Figures(**figures),
    )


def _numbers(version_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of each version within its model."""
    distinct, places = np.unique(version_ids, return_inverse=True)
    known = dict(MatrixVersion.objects.filter(pk__in=distinct.tolist()).values_list("pk", "number"))
    return np.array([known[each] for each in distinct.tolist()], np.int64)[places]


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
