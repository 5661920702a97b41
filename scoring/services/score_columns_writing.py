"""Writing what bulk judgement says otherwise: scores and their changes, one statement a kind however many rows.

Numbers go in as arrays and become words in SQL. An update or a deletion holds where the revision is still the one that was
read, an insertion where nobody wrote that score meanwhile; of what held, and of nothing else, the change is appended by the
same statement. Owner, country and industry, copied for the lists, stay as the event path last wrote them: whatever
changes them leaves work. Changes made here keep no card: see docs/decisions/0008-what-bulk-keeps.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from crm.models import Cause
from scoring.services.figures import NAMES, Judged, words_of
from scoring.services.score_columns import StoredScores
from scoring.services.verdicts import SAID_FIGURES, Judge

_TYPES: Final = {
    "id": "bigint",
    "lead_id": "bigint",
    "revision": "bigint",
    "said_number": "bigint",
    "said_on": "date",
    "cause": "text",
    "total": "bigint",
    "fit": "bigint",
    "behavior": "bigint",
    "qualification": "bigint",
    "grade": "smallint",
    "level": "smallint",
    "stage": "smallint",
    "decided_by": "smallint",
    "flags": "smallint",
}
_VALUES: Final = (*SAID_FIGURES, "is_disqualified", "is_fast_tracked")


def _given(names: Iterable[str], *, with_figures: bool) -> str:
    """The arrays as a table `v`, words in place of their numbers."""
    given = [*names, *(NAMES if with_figures else ())]
    arrays = ", ".join(f"%({name})s::{_TYPES[name]}[]" for name in given)
    words = """,
        u.total, u.fit, u.behavior, u.qualification, (%(grades)s::text[])[u.grade + 1] AS grade, u.level,
        (%(grades)s::text[])[u.grade + 1] || u.level AS rating, (%(stages)s::text[])[u.stage + 2] AS stage,
        (%(decided)s::text[])[u.decided_by + 1] AS decided_by, (u.flags & 1) > 0 AS is_qualified,
        (u.flags & 2) > 0 AS is_disqualified, (u.flags & 4) > 0 AS is_fast_tracked"""
    return f"""v AS MATERIALIZED (
    SELECT {", ".join(f"u.{name}" for name in names)}{words if with_figures else ""}
    FROM unnest({arrays}) AS u({", ".join(given)})
)"""  # noqa: S608 - made of names of this module


def _names(row: str, names: Iterable[str]) -> str:
    return ", ".join(f"{row}.{name}" for name in names)


def _said(row: str, number: str, day: str) -> str:
    """What a row says, in the shape of ScoreChange."""
    pairs = ", ".join(f"'{name}', {row}.{name}" for name in SAID_FIGURES)
    return f"jsonb_build_object({pairs}, 'version', {number}, 'as_of', {day})"


_BEFORE: Final = "v.said_number, v.said_on"
_AFTER: Final = "%(number)s::bigint, %(as_of)s::date"
_APPENDED: Final = """written AS (
    INSERT INTO scoring_scorechange (lead_id, model_id, version_id, imported_by_id, before, after, cause, causes,
                                     is_crossing, card, changed_at)
    SELECT lead_id, %(model)s, %(version)s, NULL, before, after, cause, jsonb_build_array(cause), is_crossing, NULL,
           %(changed_at)s
    FROM held WHERE is_said ORDER BY lead_id
)
SELECT lead_id FROM held ORDER BY lead_id
"""
_LOCK: Final = (
    "SELECT id FROM scoring_score WHERE id = ANY(%(id)s::bigint[]) ORDER BY lead_id, model_id FOR NO KEY UPDATE"
)
_UPDATE: Final = f"""
WITH {_given(("id", "revision", "said_number", "said_on", "cause"), with_figures=True)},
held AS (
    UPDATE scoring_score AS s
    SET ({", ".join(_VALUES)}, version_id, as_of, revision)
      = ({_names("v", _VALUES)}, %(version)s, %(as_of)s, s.revision + 1)
    FROM v JOIN scoring_score AS old ON old.id = v.id
    WHERE s.id = v.id AND s.revision = v.revision
    RETURNING s.lead_id, v.cause,
        {_said("old", *_BEFORE.split(", "))} AS before,
        {_said("v", *_AFTER.split(", "))} AS after,
        (old.stage, old.is_qualified) IS DISTINCT FROM (v.stage, v.is_qualified) AS is_crossing,
        ({_names("old", SAID_FIGURES)}) IS DISTINCT FROM ({_names("v", SAID_FIGURES)}) AS is_said
),
{_APPENDED}"""  # noqa: S608 - made of names of this module
_INSERT: Final = f"""
WITH {_given(("lead_id", "cause"), with_figures=True)},
inserted AS (
    INSERT INTO scoring_score (lead_id, model_id, version_id, as_of, revision, {", ".join(_VALUES)},
                               owner_id, country, industry)
    SELECT v.lead_id, %(model)s, %(version)s, %(as_of)s, 1, {_names("v", _VALUES)},
           l.owner_id, l.country, coalesce(c.industry, '')
    FROM v JOIN crm_lead AS l ON l.id = v.lead_id LEFT JOIN crm_company AS c ON c.id = l.company_id
    ORDER BY v.lead_id
    ON CONFLICT (model_id, lead_id) DO NOTHING
    RETURNING lead_id
),
held AS (
    SELECT v.lead_id, v.cause, NULL::jsonb AS before, {_said("v", *_AFTER.split(", "))} AS after,
           (v.stage, v.is_qualified) IS DISTINCT FROM ('', false) AS is_crossing, true AS is_said
    FROM v JOIN inserted ON inserted.lead_id = v.lead_id
),
{_APPENDED}"""  # noqa: S608 - made of names of this module
_DELETE: Final = f"""
WITH {_given(("id", "revision", "said_number", "said_on", "cause"), with_figures=False)},
held AS (
    DELETE FROM scoring_score AS s USING v WHERE s.id = v.id AND s.revision = v.revision
    RETURNING s.lead_id, v.cause, {_said("s", *_BEFORE.split(", "))} AS before, NULL::jsonb AS after,
        (s.stage, s.is_qualified) IS DISTINCT FROM ('', false) AS is_crossing, true AS is_said
),
{_APPENDED}"""  # noqa: S608 - made of names of this module


@dataclass(frozen=True, kw_only=True, slots=True)
class Differences:
    """What is to be written: rows of `stored` whose score says something else now, with what it says; those that go; and
    those of `judged` that have no row yet."""

    changed: StoredScores
    changed_to: Judged
    gone: StoredScores
    new: Judged

    @property
    def lead_ids(self) -> NDArray[np.int64]:
        return np.concatenate([self.changed.lead_ids, self.gone.lead_ids, self.new.lead_ids])


def differences(judge: Judge, stored: StoredScores, judged: Judged, *, may_insert: NDArray[np.int64]) -> Differences:
    """Hold what is stored against what was judged.

    Rows that somebody judged later are left alone. A stored lead that was not judged is no lead any more, or another's:
    its score goes. Of leads without a row only those of `may_insert` get one.
    """
    due = stored.take(~stored.is_later(judge))
    is_scored = np.isin(due.lead_ids, judged.lead_ids[judged.is_scored])
    place = np.searchsorted(judged.lead_ids, due.lead_ids[is_scored])
    kept = due.take(is_scored)
    differs = kept.figures.differ(judged.figures.take(place))
    is_new = judged.is_scored & ~np.isin(judged.lead_ids, stored.lead_ids) & np.isin(judged.lead_ids, may_insert)
    return Differences(
        changed=kept.take(differs),
        changed_to=_rows(judged, place[differs]),
        gone=due.take(~is_scored),
        new=_rows(judged, is_new),
    )


def differences_write(judge: Judge, found: Differences, *, cause: Cause, changed_at: datetime) -> list[int]:
    """Write them with their changes; the leads for whom it held. Five statements at the most."""
    common: dict[str, Any] = {
        **words_of(judge.compiled.matrix),
        "model": judge.model_id,
        "version": judge.version_id,
        "number": judge.number,
        "as_of": judge.as_of,
        "changed_at": changed_at,
    }
    held: list[int] = []
    old = np.concatenate([found.changed.id, found.gone.id])
    if len(old):
        # All in the order in which the event path locks them, or the two could wait for each other.
        _leads(_LOCK, {"id": _array(old)})
    if len(found.changed):
        held += _leads(_UPDATE, common | _keys(judge, found.changed) | _figures(found.changed_to))
    if len(found.new):
        new = {"lead_id": _array(found.new.lead_ids), "cause": _array([cause.value] * len(found.new))}
        held += _leads(_INSERT, common | new | _figures(found.new))
    if len(found.gone):
        held += _leads(_DELETE, common | _keys(judge, found.gone))
    return held


def _rows(judged: Judged, rows: NDArray[Any]) -> Judged:
    return Judged(lead_ids=judged.lead_ids[rows], is_scored=judged.is_scored[rows], figures=judged.figures.take(rows))


def _keys(judge: Judge, stored: StoredScores) -> dict[str, str]:
    """The rows, the version and day they stood for, and what moved on since: the version, or the day alone."""
    is_day = (stored.said_number == judge.number) & (stored.said_on != judge.as_of.toordinal())
    return {
        "id": _array(stored.id),
        "revision": _array(stored.revision),
        "said_number": _array(stored.said_number),
        "said_on": _array(date.fromordinal(day).isoformat() for day in stored.said_on.tolist()),
        "cause": _array(np.where(is_day, Cause.DAY.value, Cause.VERSION.value)),
    }


def _figures(judged: Judged) -> dict[str, str]:
    return {name: _array(getattr(judged.figures, name)) for name in NAMES}


def _array(values: NDArray[Any] | Iterable[object]) -> str:
    """Numbers, days or causes as a literal of PostgreSQL: many times faster than one parameter each."""
    return "{" + ",".join(map(str, values.tolist() if isinstance(values, np.ndarray) else values)) + "}"


def _leads(statement: str, parameters: Mapping[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
