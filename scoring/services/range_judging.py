"""One range of a run, judged in bulk within the transaction that claimed it.

The order is what makes it right while events go on beside it:

1. The versions are held (by whoever claims the range), so whoever judges meanwhile judges by the same version and day.
2. Scores and their revisions are read.
3. Which leads were touched since the column file began is read: leads with work, and leads whose work was done since. What
   the file says of any other lead was true when this was read, so it is not older than the revision of its score.
4. Leads to be judged from the file that have no score and would get one have no revision to be held against, and neither
   have touched ones without a score. All those are locked, as the event path locks its leads, and touches are looked at
   again: whose facts changed in between counts as touched, and who is not touched now is judged by nobody else until we
   commit.
5. The facts of the touched are read afresh, after revisions and locks, and judged by the same code.
6. Only what differs is written, and only where the revision is still the one that was read. What does not hold was judged
   meanwhile: it gets work, and is judged again singly.

A fact that changes after its lead was looked at leaves work with it, and that work is judged after us: by a scorer that
waits for our rows, or finds them written. Where there is no file the range is read after revisions and locks, and the same
holds.

Two kinds of leads are judged by the engine here too. Those in quarantine, so that what cannot be read keeps its reason.
And those for whom an import alone waits, because what sales are told of them rests on the card their change keeps: at
most IMPORTED_MOST of a range; the rest are left to their work, which is waiting.

If bulk judgement itself fails, the range is judged by the engine and says so (`RunRange.way`), with the reason in the log.
"""

import logging
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone
from numpy.typing import NDArray

from crm.models import Cause, Lead, Quarantine, Work
from crm.queries import engine_kinds
from crm.services.retrying import MovedError
from crm.services.work import work_add
from scoring.bulk.naming import matrix_named
from scoring.columns.generations import Generation, generation_current
from scoring.columns.reading import columns_read, columns_read_leads
from scoring.columns.touched import leads_touched
from scoring.services.figures import Judged, judged_together
from scoring.services.imported import imports_alone
from scoring.services.range_by_engine import leads_judge_by_engine, leads_lock, range_judge_by_engine
from scoring.services.range_measured import judged_columns, judged_of_file
from scoring.services.rescoring import rescored_ring
from scoring.services.score_columns import StoredScores, stored_scores
from scoring.services.score_columns_writing import differences, differences_write
from scoring.services.verdicts import Judge

logger = logging.getLogger(__name__)

#: How a range was judged (`RunRange.way`).
BY_FILE: Final = "file"
BY_READING: Final = "read"
BY_ENGINE: Final = "engine"

# Leads for whom an import alone waits are judged singly with their card; of more the work decides.
IMPORTED_MOST: Final = 200
# The database's word, not the code's: the whole range is tried again.
_TRANSIENT: Final = (OperationalError, InterfaceError, IntegrityError, MovedError)
_Ids = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class RangeReport:
    """What became of one range: leads looked at, scores changed, leads left to be judged singly, and by which way."""

    leads: int
    changed: int
    again: int
    way: str


def range_judge(judge: Judge, *, lead_from: int, lead_to: int, cause: Cause, has_file: bool) -> RangeReport:
    """Judge the leads from `lead_from` to `lead_to`, both included, by this version on this day.

    Within the transaction that claimed the range and holds the versions. `has_file` says that a column file was made
    for the run; without it, or where the file is gone, the range is read.
    """
    bounds = (lead_from, lead_to)
    try:
        with transaction.atomic():
            return _in_bulk(judge, bounds, cause, generation_current() if has_file else None)
    except _TRANSIENT:
        raise
    except Exception:
        logger.exception("Leads %s to %s could not be judged in bulk; the engine judges each.", *bounds)
    written = range_judge_by_engine(judge, lead_from=lead_from, lead_to=lead_to, cause=cause)
    return _ended(cause, leads=written.leads, changed=written.changed, again=written.again, way=BY_ENGINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Population:
    """A range as it was judged: the leads in `locked` may get a score they do not have; those in `singly` are the engine's,
    those in `left` their work's. Nothing that bulk judgement says of these two is here."""

    judged: Judged
    locked: _Ids
    singly: _Ids
    left: _Ids


def _in_bulk(judge: Judge, bounds: tuple[int, int], cause: Cause, generation: Generation | None) -> RangeReport:
    stored = stored_scores(judge=judge, lead_from=bounds[0], lead_to=bounds[1])
    # Whoever shows the card of a change later asks what was known at this moment.
    looked_at = timezone.now()
    found = _by_file(judge, bounds, stored, generation) if generation else _by_reading(judge, bounds, stored)
    apart = np.union1d(found.singly, found.left)
    found_differences = differences(judge, stored.without(apart), found.judged, may_insert=found.locked)
    changed = differences_write(judge, found_differences, cause=cause, changed_at=looked_at)
    alone = leads_judge_by_engine(judge, found.singly.tolist(), cause=cause)
    again = {*found_differences.lead_ids.tolist()}.difference(changed).union(alone.again)
    return _ended(
        cause,
        leads=len(np.union1d(np.union1d(found.judged.lead_ids, stored.lead_ids), apart)),
        changed=[*changed, *alone.changed],
        again=sorted(again),
        way=BY_READING if generation is None else BY_FILE,
    )


def _by_file(judge: Judge, bounds: tuple[int, int], stored: StoredScores, generation: Generation) -> _Population:
    kinds = engine_kinds()
    touched = leads_touched(generation, lead_from=bounds[0], lead_to=bounds[1])
    singly, left = _apart(bounds, touched)
    filed = judged_of_file(judge, generation, kinds, lead_from=bounds[0], lead_to=bounds[1]).without(touched)
    newcomers = np.setdiff1d(filed.lead_ids[filed.is_scored], stored.lead_ids)
    locked = np.union1d(newcomers, np.setdiff1d(touched, stored.lead_ids))
    leads_lock({*locked.tolist(), *singly.tolist()})
    if len(newcomers):
        late = np.intersect1d(newcomers, leads_touched(generation, lead_from=bounds[0], lead_to=bounds[1]))
        touched = np.union1d(touched, late)
    fresh = np.setdiff1d(touched, np.union1d(singly, left))
    judged = filed.without(touched)
    if len(fresh):
        named = matrix_named(judge.compiled.matrix)
        judged = judged_together([judged, judged_columns(judge, columns_read_leads(fresh, named=named), kinds)])
    return _without_imported(judged, locked=locked, fresh=fresh, singly=singly, left=left)


def _by_reading(judge: Judge, bounds: tuple[int, int], stored: StoredScores) -> _Population:
    present = _ids(Lead.objects.filter(pk__range=bounds, merged_into=None).order_by("pk").values_list("pk", flat=True))
    waiting = _waiting(bounds)
    singly, left = _apart(bounds, waiting)
    locked = np.setdiff1d(present, stored.lead_ids)
    leads_lock({*locked.tolist(), *singly.tolist()})
    named = matrix_named(judge.compiled.matrix)
    columns = columns_read(lead_from=bounds[0], lead_to=bounds[1], named=named)
    judged = judged_columns(judge, columns, engine_kinds())
    return _without_imported(judged, locked=locked, fresh=_waiting(bounds), singly=singly, left=left)


def _waiting(bounds: tuple[int, int]) -> _Ids:
    rows = Work.objects.filter(lead__gte=bounds[0], lead__lte=bounds[1]).order_by()
    return _ids(rows.values_list("lead_id", flat=True).distinct())


def _apart(bounds: tuple[int, int], touched: _Ids) -> tuple[_Ids, _Ids]:
    """The leads that the engine judges, and those that are left to their work."""
    rows = Quarantine.objects.filter(kind="score", settled_at=None, lead__gte=bounds[0], lead__lte=bounds[1])
    poison = _ids(rows.order_by().values_list("lead_id", flat=True))
    imported = np.setdiff1d(_imported(touched), poison)
    return np.union1d(poison, imported[:IMPORTED_MOST]), imported[IMPORTED_MOST:]


def _without_imported(judged: Judged, *, locked: _Ids, fresh: _Ids, singly: _Ids, left: _Ids) -> _Population:
    """Whose import came in while the facts were read is left to its work as well: the facts may be the import's."""
    left = np.union1d(left, np.setdiff1d(_imported(fresh), singly))
    return _Population(judged=judged.without(np.union1d(singly, left)), locked=locked, singly=singly, left=left)


def _imported(lead_ids: _Ids) -> _Ids:
    """Those of them for whom an import alone waits."""
    return _ids(imports_alone(lead_ids.tolist())) if len(lead_ids) else lead_ids


def _ids(values: object) -> _Ids:
    return np.array(sorted(values), np.int64)  # type: ignore[call-overload]


def _ended(cause: Cause, *, leads: int, changed: list[int], again: list[int], way: str) -> RangeReport:
    if again:
        # Whoever was erased meanwhile has nothing to be judged by.
        work_add(lead_ids=Lead.objects.filter(pk__in=again).order_by().values_list("pk", flat=True), cause=cause)
    if changed:
        transaction.on_commit(lambda: rescored_ring(changed))
    return RangeReport(leads=leads, changed=len(changed), again=len(again), way=way)
