"""Bulk runs: a new version or a new day brings the whole population up, range by range, without stopping events.

A run is claimed range by range with SKIP LOCKED; each range is one transaction, so a killed worker leaves it whole for
the next one. Scores are judged from a snapshot without locking their leads and written only where their revision is
still that of the snapshot; a lead that was judged meanwhile gets a row of work and is judged again singly. Leads that
have no score yet have no revision to hold them against: those are locked before their facts are read.

Equal scores are not rewritten. The range says of them that they are of this version and day.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone

from crm.models import Cause, Lead
from crm.queries import facts_for_leads
from crm.services.retrying import retried
from crm.services.work import work_add
from scoring.bell import ring
from scoring.models import MatrixVersion, Run, RunRange, ScoredRange, ScoringModel
from scoring.services.locks import current_versions_hold, current_versions_switch
from scoring.services.rescoring import rescored_ring
from scoring.services.score_rows import StoredScore, scores_of_range
from scoring.services.verdicts import Judge, Verdict, judges_now, verdict, verdicts_write

logger = logging.getLogger(__name__)

# Ranges are powers of two wide and begin at multiples of their width, so that two of them either nest or are apart.
MOST_RANGES = 1_000
LEAST_WIDTH = 512
# Leads whose facts are in memory at once.
CHUNK = 512

_RANGES = """
INSERT INTO scoring_runrange (run_id, lead_from, lead_to, leads, changed)
SELECT %(run)s, start, start + %(width)s - 1, 0, 0
FROM generate_series(0, %(last)s::bigint, %(width)s::bigint) AS start
WHERE EXISTS (SELECT 1 FROM crm_lead WHERE id BETWEEN start AND start + %(width)s - 1)
   OR EXISTS (SELECT 1 FROM scoring_scoredrange WHERE model_id = %(model)s AND lead_from BETWEEN start AND start + %(width)s - 1)
"""


@dataclass(frozen=True, kw_only=True)
class RangeReport:
    """What became of one range: leads looked at, scores changed, leads left to be judged singly."""

    leads: int
    changed: int
    again: int


def population_count() -> int:
    """How many leads a run will look at, to show its progress against."""
    return Lead.objects.filter(merged_into=None).count()


def run_start(*, model: ScoringModel, version: MatrixVersion, as_of: date, cause: Cause, population: int) -> Run:
    """Open a run over all leads and end the model's unfinished one, which it overtakes.

    Only inside a transaction that switches the current versions; it writes a thousand small rows at the most.
    """
    unfinished = Run.objects.filter(model=model, finished_at=None)
    unfinished.update(finished_at=timezone.now(), is_superseded=True)
    run = Run.objects.create(model=model, version=version, as_of=as_of, cause=cause, total=population)
    last = Lead.objects.aggregate(last=Max("pk"))["last"] or 0
    widest = ScoredRange.objects.filter(model=model).aggregate(width=Max(F("lead_to") - F("lead_from") + 1))["width"]
    width = max(LEAST_WIDTH, widest or 0)
    while last // width >= MOST_RANGES:
        width *= 2
    with connection.cursor() as cursor:
        cursor.execute(_RANGES, {"run": run.pk, "model": model.pk, "width": width, "last": last})
    transaction.on_commit(ring)
    return run


def night_start() -> int:
    """Open a run for each model in whose zone a day began since its last one; after days of rest only today's.

    Answers how many were opened.
    """
    due = [judge.model_id for judge in judges_now() if _is_new_day(judge)]
    if not due:
        return 0
    population = population_count()
    return sum(_day_start(model_id, population) for model_id in due)


@transaction.atomic
def _day_start(model_id: int, population: int) -> bool:
    current_versions_switch()
    # Asked again under the lock: another process may have begun the day meanwhile.
    judge = next((each for each in judges_now() if each.model_id == model_id and _is_new_day(each)), None)
    if judge is None:
        return False
    run_start(
        model=ScoringModel.objects.get(pk=model_id),
        version=MatrixVersion.objects.get(pk=judge.version_id),
        as_of=judge.as_of,
        cause=Cause.DAY,
        population=population,
    )
    return True


def _is_new_day(judge: Judge) -> bool:
    return judge.run_as_of is None or judge.run_as_of < judge.as_of


def runs_drain(*, max_ranges: int | None = None) -> int:
    """Judge open ranges one after the other until none is left that nobody else has claimed; answers how many."""
    judged = 0
    while max_ranges is None or judged < max_ranges:
        if range_judge_next() is None:
            break
        judged += 1
    return judged


def range_judge_next() -> RangeReport | None:
    """Judge one open range; None where there is none to claim."""
    # Again where a lead was erased under our hands, or two waited for each other.
    report = retried(_judge_next)
    # After the commit, so that of two workers with the last two ranges the later one sees both done.
    still_open = RunRange.objects.filter(run=OuterRef("pk"), done_at=None)
    Run.objects.filter(~Exists(still_open), finished_at=None).update(finished_at=timezone.now())
    return report


def _judge_next() -> RangeReport | None:
    current_versions_hold()
    judges = {judge.version_id: judge for judge in judges_now()}
    claimed = (
        RunRange.objects.filter(done_at=None, run__finished_at=None, run__version__in=judges)
        .select_related("run")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("run_id", "lead_from")
        .first()
    )
    if claimed is None:
        return None
    run = claimed.run
    report = _judge_range(replace(judges[run.version_id], as_of=run.as_of), claimed, Cause(run.cause))
    _speak_for(claimed)
    claimed.leads, claimed.changed, claimed.done_at = report.leads, report.changed, timezone.now()
    claimed.save(update_fields=["leads", "changed", "done_at"])
    return report


def _judge_range(judge: Judge, run_range: RunRange, cause: Cause) -> RangeReport:
    bounds = (run_range.lead_from, run_range.lead_to)
    # Revisions first, facts after: facts are never older than the revision that the write is held against.
    stored = scores_of_range(model_id=judge.model_id, lead_from=bounds[0], lead_to=bounds[1])
    scores = {each.lead_id: each for each in stored}
    present = Lead.objects.filter(pk__range=bounds, merged_into=None).order_by("pk")
    lead_ids = sorted({*present.values_list("pk", flat=True), *scores})
    unscored = [lead_id for lead_id in lead_ids if lead_id not in scores]
    list(Lead.objects.filter(pk__in=unscored).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    due = [lead_id for lead_id in lead_ids if lead_id not in scores or not _is_later(scores[lead_id], judge)]
    verdicts, failed = _judge_leads(judge, due, scores)
    differing = [each for each in verdicts if not each.is_equal]
    held = verdicts_write(differing, causes={lead_id: [cause.value] for lead_id in unscored})
    changed = [each.lead_id for each in held]
    again = sorted({each.lead_id for each in differing}.difference(changed).union(failed))
    if again:
        work_add(lead_ids=again, cause=cause)
    if changed:
        transaction.on_commit(lambda: rescored_ring(changed))
    return RangeReport(leads=len(lead_ids), changed=len(changed), again=len(again))


def _is_later(stored: StoredScore, judge: Judge) -> bool:
    """Judged by this version on this day or later: by the event path, from facts at least as new as ours."""
    return (stored.number, stored.as_of) >= (judge.number, judge.as_of)


def _judge_leads(
    judge: Judge, lead_ids: Sequence[int], scores: dict[int, StoredScore]
) -> tuple[list[Verdict], list[int]]:
    """The verdicts, and the leads that could not be evaluated."""
    verdicts: list[Verdict] = []
    failed: list[int] = []
    for start in range(0, len(lead_ids), CHUNK):
        chunk = lead_ids[start : start + CHUNK]
        facts = facts_for_leads(chunk)
        for lead_id in chunk:
            try:
                verdicts.append(
                    verdict(judge=judge, lead_id=lead_id, facts=facts.get(lead_id), before=scores.get(lead_id))
                )
            except Exception:
                logger.exception("Lead %s could not be judged in bulk; it is tried alone.", lead_id)
                failed.append(lead_id)
    return verdicts, failed


def _speak_for(run_range: RunRange) -> None:
    """Let the range say of which version and day its leads are; narrower ranges inside it have had their say."""
    run = run_range.run
    inside = ScoredRange.objects.filter(
        model=run.model_id, lead_from__gte=run_range.lead_from, lead_to__lte=run_range.lead_to
    )
    inside.exclude(lead_from=run_range.lead_from).delete()
    ScoredRange.objects.bulk_create(
        [
            ScoredRange(
                model_id=run.model_id,
                lead_from=run_range.lead_from,
                lead_to=run_range.lead_to,
                version_id=run.version_id,
                as_of=run.as_of,
            )
        ],
        update_conflicts=True,
        unique_fields=["model", "lead_from"],
        update_fields=["lead_to", "version", "as_of"],
    )
