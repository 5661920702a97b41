"""The rows of scores: read with the version and day they stand for, written in one statement however many they are.

By hand in SQL because Django's bulk_update writes one CASE per row and column, cannot hold a row against the revision
it was read with, and cannot say which rows it changed. `scoring_score` is touched here and nowhere else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

from django.db import connection


@dataclass(frozen=True, kw_only=True)
class ScoreValues:
    """What a score says, and what lists filter it by. `stage` is "" where none is met."""

    total: int
    fit: int
    behavior: int
    qualification: int
    grade: str
    level: int
    rating: str
    stage: str
    decided_by: str
    is_qualified: bool
    is_disqualified: bool
    is_fast_tracked: bool
    owner_id: int | None
    country: str
    industry: str


@dataclass(frozen=True, kw_only=True)
class StoredScore:
    """A row of scores. `version_id` and `as_of` are the row's own; the `effective_` ones are the later of those and of
    the range's that speaks for the lead, and what the score stands for."""

    id: int
    lead_id: int
    model_id: int
    revision: int
    version_id: int
    number: int
    as_of: date
    effective_number: int
    effective_as_of: date
    values: ScoreValues


@dataclass(frozen=True, kw_only=True)
class ScoreWrite:
    """What is to become of one score: `before` None inserts, `after` None deletes."""

    lead_id: int
    model_id: int
    version_id: int
    as_of: date
    before: StoredScore | None
    after: ScoreValues | None


_VALUE_TYPES = {
    "total": "bigint",
    "fit": "bigint",
    "behavior": "bigint",
    "qualification": "bigint",
    "grade": "text",
    "level": "smallint",
    "rating": "text",
    "stage": "text",
    "decided_by": "text",
    "is_qualified": "boolean",
    "is_disqualified": "boolean",
    "is_fast_tracked": "boolean",
    "owner_id": "bigint",
    "country": "text",
    "industry": "text",
}
_VALUES = tuple(field.name for field in fields(ScoreValues))
_COLUMNS = ", ".join(_VALUES)
_ARRAYS = ", ".join(f"%s::{_VALUE_TYPES[name]}[]" for name in _VALUES)

# Ranges of a model never overlap, so the last one that begins at or before the lead is the only one that may hold it.
_SELECT = f"""
SELECT s.id, s.lead_id, s.model_id, s.revision, s.version_id, own.number, s.as_of, spoken.number, spoken.as_of,
       {", ".join(f"s.{name}" for name in _VALUES)}
FROM scoring_score AS s
JOIN scoring_matrixversion AS own ON own.id = s.version_id
LEFT JOIN LATERAL (
    SELECT r.lead_to, r.as_of, v.number
    FROM scoring_scoredrange AS r JOIN scoring_matrixversion AS v ON v.id = r.version_id
    WHERE r.model_id = s.model_id AND r.lead_from <= s.lead_id
    ORDER BY r.lead_from DESC LIMIT 1
) AS spoken ON spoken.lead_to >= s.lead_id
"""  # noqa: S608 - made of names of this module
_OF_LEADS = f"{_SELECT} WHERE s.lead_id = ANY(%s)"
_OF_RANGE = f"{_SELECT} WHERE s.model_id = %s AND s.lead_id BETWEEN %s AND %s ORDER BY s.lead_id"

_LOCK_OF_LEADS = "SELECT id FROM scoring_score WHERE lead_id = ANY(%s) ORDER BY lead_id, model_id FOR NO KEY UPDATE"
_LOCK = "SELECT id FROM scoring_score WHERE id = ANY(%s) ORDER BY lead_id, model_id FOR NO KEY UPDATE"
_UPDATE = f"""
UPDATE scoring_score AS s
SET ({_COLUMNS}, version_id, as_of, revision)
  = ({", ".join(f"v.{name}" for name in _VALUES)}, v.version_id, v.as_of, s.revision + 1)
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[], {_ARRAYS})
  AS v(id, revision, version_id, as_of, {_COLUMNS})
WHERE s.id = v.id AND s.revision = v.revision
RETURNING s.lead_id, s.model_id
"""  # noqa: S608 - made of names of this module
_INSERT = f"""
INSERT INTO scoring_score (lead_id, model_id, version_id, as_of, revision, {_COLUMNS})
SELECT v.lead_id, v.model_id, v.version_id, v.as_of, 1, {", ".join(f"v.{name}" for name in _VALUES)}
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[], {_ARRAYS})
  AS v(lead_id, model_id, version_id, as_of, {_COLUMNS})
ON CONFLICT (model_id, lead_id) DO NOTHING
RETURNING lead_id, model_id
"""  # noqa: S608 - made of names of this module
_DELETE = """
DELETE FROM scoring_score AS s USING unnest(%s::bigint[], %s::bigint[]) AS v(id, revision)
WHERE s.id = v.id AND s.revision = v.revision
RETURNING s.lead_id, s.model_id
"""


def scores_lock(*, lead_ids: Sequence[int]) -> list[StoredScore]:
    """The scores of these leads under every model, locked against other writers in the order of (lead, model).

    Locked first and read then: a row for whose lock a joined query waited comes back joined to what belonged to it
    before the wait, or not at all.
    """
    _rows(_LOCK_OF_LEADS, [list(lead_ids)])
    return scores_of_leads(lead_ids=lead_ids)


def scores_of_leads(*, lead_ids: Sequence[int]) -> list[StoredScore]:
    """The scores of these leads under every model, as they are, not locked."""
    return [_stored(row) for row in _rows(_OF_LEADS, [list(lead_ids)])]


def scores_of_range(*, model_id: int, lead_from: int, lead_to: int) -> list[StoredScore]:
    """The scores of one model for the leads from `lead_from` to `lead_to`, both included, as they are, not locked."""
    return [_stored(row) for row in _rows(_OF_RANGE, [model_id, lead_from, lead_to])]


def scores_write(writes: Iterable[ScoreWrite]) -> set[tuple[int, int]]:
    """Write them and answer the (lead, model) of those that held.

    A row whose revision is no longer that of `before`, a row to insert that exists by now and a row to delete that is
    gone do not hold: somebody judged that lead meanwhile. Four statements at the most.
    """
    changed = [(each, each.before, each.after) for each in writes]
    updates = [(each, before, after) for each, before, after in changed if before is not None and after is not None]
    inserts = [(each, after) for each, before, after in changed if before is None and after is not None]
    deletes = [before for _each, before, after in changed if before is not None and after is None]
    held: set[tuple[int, int]] = set()
    old = [before for _each, before, _after in updates] + deletes
    if old:
        # All in the order in which the event path locks them, or the two could wait for each other.
        _rows(_LOCK, [[each.id for each in old]])
    if updates:
        keys = [
            [before.id for _each, before, _after in updates],
            [before.revision for _each, before, _after in updates],
            [each.version_id for each, _before, _after in updates],
            [each.as_of for each, _before, _after in updates],
        ]
        held |= _keys(_rows(_UPDATE, [*keys, *_columns([after for _each, _before, after in updates])]))
    if inserts:
        keys = [
            [each.lead_id for each, _after in inserts],
            [each.model_id for each, _after in inserts],
            [each.version_id for each, _after in inserts],
            [each.as_of for each, _after in inserts],
        ]
        held |= _keys(_rows(_INSERT, [*keys, *_columns([after for _each, after in inserts])]))
    if deletes:
        held |= _keys(_rows(_DELETE, [[each.id for each in deletes], [each.revision for each in deletes]]))
    return held


def _columns(values: Sequence[ScoreValues]) -> list[list[object]]:
    return [list(column) for column in zip(*(astuple(each) for each in values), strict=True)]


def _keys(rows: Iterable[tuple[Any, ...]]) -> set[tuple[int, int]]:
    return {(lead_id, model_id) for lead_id, model_id in rows}


def _stored(row: tuple[Any, ...]) -> StoredScore:
    score_id, lead_id, model_id, revision, version_id, number, as_of, spoken_number, spoken_as_of, *values = row
    own = (number, as_of)
    effective = own if spoken_number is None else max(own, (spoken_number, spoken_as_of))
    return StoredScore(
        id=score_id,
        lead_id=lead_id,
        model_id=model_id,
        revision=revision,
        version_id=version_id,
        number=number,
        as_of=as_of,
        effective_number=effective[0],
        effective_as_of=effective[1],
        values=ScoreValues(**dict(zip(_VALUES, values, strict=True))),
    )


def _rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
