"""The write path of scores: what waits is judged again, from facts, in one order of locks.

1. hold the current versions (no publication and no new day until we commit), 2. ask which versions and days they are,
3. claim waiting work, skipping what others hold, 4. lock its leads in the order of their ids, 5. lock their scores,
6. read the facts, 7. evaluate, 8. write scores and changes, 9. delete the claimed work by its ids, 10. commit, 11. ring.

Facts are read after the lead is locked: two scorers with different work of one lead would else both read, and the one
with the older facts could write last. Work is deleted by id: what came in since it was claimed must stay.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, transaction

from crm.models import Lead, Work
from crm.queries import facts_for_leads
from crm.services.work import work_claim, work_delete
from scoring.services.imported import imports_alone
from scoring.services.locks import current_versions_hold
from scoring.services.poison import score_quarantine, scores_settle
from scoring.services.score_rows import scores_lock
from scoring.services.verdicts import Judge, Verdict, judges_now, verdict, verdicts_write
from scoring.signals import scores_changed

logger = logging.getLogger(__name__)

BATCH = 200
# The database is away or chose us as the victim of a deadlock: nothing is wrong with the lead.
TRANSIENT = (OperationalError, InterfaceError)
# An erasure locks its lead before it deletes the lead's work: the one place where two may wait for each other.
DEADLOCK = "40P01"
MOST_DEADLOCKS = 5


@dataclass(kw_only=True)
class DrainReport:
    """What one drain did: leads judged, scores written, leads put into quarantine."""

    batches: int = 0
    leads: int = 0
    written: int = 0
    quarantined: int = 0


@dataclass(kw_only=True)
class _Batch:
    lead_ids: list[int] = field(default_factory=list)
    # Leads that could not be evaluated, with what stopped them.
    failed: dict[int, Exception] = field(default_factory=dict)
    written: int = 0


def work_drain(*, batch: int = BATCH, max_batches: int | None = None) -> DrainReport:
    """Judge what waits, `batch` rows of work at a time, until nothing is left that nobody else has claimed.

    A lead that fails is tried once more alone and then quarantined with its reason. Raises OperationalError where the
    database is away; what was not committed then still waits.
    """
    report = DrainReport()
    deadlocks = 0
    while max_batches is None or report.batches < max_batches:
        done = _Batch()
        try:
            _judge_waiting(done, limit=batch)
            again: Collection[int] = done.failed
        except TRANSIENT as error:
            deadlocks += 1
            if getattr(error.__cause__, "pgcode", "") != DEADLOCK or deadlocks > MOST_DEADLOCKS:
                raise
            continue
        except Exception:
            if not done.lead_ids:
                raise
            logger.exception("A batch of %s leads could not be written; each is tried alone.", len(done.lead_ids))
            again, done.written = done.lead_ids, 0
        if not done.lead_ids:
            break
        report.batches += 1
        report.leads += len(done.lead_ids) - len(again)
        report.written += done.written
        for lead_id in again:
            alone = work_judge_alone(lead_id=lead_id)
            report.leads += alone.leads
            report.written += alone.written
            report.quarantined += alone.quarantined
    return report


def work_judge_alone(*, lead_id: int) -> DrainReport:
    """Judge what waits of one lead; on failure its work becomes a row of quarantine, so that it stops nobody."""
    report = DrainReport()
    with transaction.atomic():
        current_versions_hold()
        judges = judges_now()
        works = work_claim(limit=None, lead_ids=[lead_id])
        if not works:
            return report
        done = _Batch()
        try:
            with transaction.atomic():
                _judge(works, judges, done)
                for error in done.failed.values():
                    raise error
        except TRANSIENT:
            raise
        except Exception as error:
            logger.exception("Lead %s cannot be scored.", lead_id)
            score_quarantine(lead_id=lead_id, error=error)
            work_delete(ids=[work.pk for work in works])
            report.quarantined = 1
        else:
            report.leads, report.written = 1, done.written
    return report


@transaction.atomic
def _judge_waiting(done: _Batch, *, limit: int) -> None:
    current_versions_hold()
    judges = judges_now()
    # With each lead all that waits of it: a burst of a hundred activities is judged once.
    first = work_claim(limit=limit)
    works = work_claim(limit=None, lead_ids={work.lead_id for work in first}) if first else []
    if works:
        _judge(works, judges, done)


def _judge(works: Sequence[Work], judges: Sequence[Judge], done: _Batch) -> None:
    """Judge the leads of claimed work under every judge, write, and delete the work of those that could be judged."""
    done.lead_ids = sorted({work.lead_id for work in works})
    list(Lead.objects.filter(pk__in=done.lead_ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    stored = {(each.lead_id, each.model_id): each for each in scores_lock(lead_ids=done.lead_ids)}
    facts = facts_for_leads(done.lead_ids)
    verdicts: list[Verdict] = []
    for lead_id in done.lead_ids:
        try:
            verdicts += [
                verdict(
                    judge=judge,
                    lead_id=lead_id,
                    facts=facts.get(lead_id),
                    before=stored.get((lead_id, judge.model_id)),
                )
                for judge in judges
            ]
        except Exception as error:  # noqa: BLE001 - the edge of the loop over leads: one must not stop the others
            done.failed[lead_id] = error
    causes: dict[int, list[str]] = {}
    for work in works:
        causes.setdefault(work.lead_id, []).append(work.cause)
    written = [each for each in verdicts if not each.is_current]
    by_import = {work.lead_id for work in works if work.imported_by_id is not None}
    held = verdicts_write(written, causes=causes, imports=imports_alone(by_import) if by_import else {})
    done.written = len(held)
    # With its lead and its row locked every write holds; were one not to, its work must stay.
    unsettled = {each.lead_id for each in written}.difference(each.lead_id for each in held).union(done.failed)
    judged = [lead_id for lead_id in done.lead_ids if lead_id not in unsettled]
    scores_settle(lead_ids=judged)
    work_delete(ids=[work.pk for work in works if work.lead_id not in unsettled])
    if judged:
        transaction.on_commit(lambda: rescored_ring(judged))


def rescored_ring(lead_ids: list[int]) -> None:
    """Say which leads were judged. A bell that fails has no say: the rows are committed, a sweeper looks again."""
    for receiver, response in scores_changed.send_robust(sender=None, lead_ids=lead_ids):
        if isinstance(response, Exception):
            logger.error("%r failed on changed scores.", receiver, exc_info=response)
