"""Bulk runs: a new version or a new day brings the whole population up, range by range, without stopping events.

A run is claimed range by range with SKIP LOCKED; each range is one transaction, so a killed worker leaves it whole for
the next one. How a range is judged, and why that is right beside events, is said in scoring.services.range_judging.

Equal scores are not rewritten. The range says of them that they are of this version and day.
"""

import logging
import time
from dataclasses import replace
from datetime import date

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Sum
from django.utils import timezone

from crm.models import Cause, Lead
from crm.services.retrying import retried
from scoring.bell import ring
from scoring.models import MatrixVersion, Run, RunRange, ScoredRange, ScoringModel
from scoring.services.locks import current_versions_hold, current_versions_switch
from scoring.services.percentiles import distribution_renew
from scoring.services.range_judging import RangeReport, range_judge
from scoring.services.run_columns import Readiness, run_columns
from scoring.services.verdicts import Judge, judges_now

logger = logging.getLogger(__name__)

# Ranges are powers of two wide and begin at multiples of their width, so that two of them either nest or are apart.
# A range holds the versions while it is judged: wide enough that what each costs for itself does not count, narrow enough
# that a publication does not wait for it.
MOST_RANGES = 64
LEAST_WIDTH = 8_192

_RANGES = """
INSERT INTO scoring_runrange (run_id, lead_from, lead_to, leads, changed, way)
SELECT %(run)s, start, start + %(width)s - 1, 0, 0, ''
FROM generate_series(0, %(last)s::bigint, %(width)s::bigint) AS start
WHERE EXISTS (SELECT 1 FROM crm_lead WHERE id BETWEEN start AND start + %(width)s - 1)
   OR EXISTS (SELECT 1 FROM scoring_scoredrange WHERE model_id = %(model)s AND lead_from BETWEEN start AND start + %(width)s - 1)
"""


#: From so many changed scores on a run asks whether PostgreSQL knows how many there are by now.
ANALYZED_FROM = 20_000
_UNKNOWN = """
SELECT relname FROM pg_class
WHERE oid IN ('scoring_score'::regclass, 'scoring_scorechange'::regclass) AND reltuples < %s / 2
"""


def population_count() -> int:
    """How many leads a run will look at, to show its progress against."""
    return Lead.objects.filter(merged_into=None).count()


def run_start(*, model: ScoringModel, version: MatrixVersion, as_of: date, cause: Cause, population: int) -> Run:
    """Open a run over all leads and end the model's unfinished one, which it overtakes.

    Only inside a transaction that switches the current versions; it writes some hundred small rows at the most.
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


def runs_drain(*, max_ranges: int | None = None, seconds: float | None = None) -> int:
    """Judge open ranges one after the other until none is left that nobody else has claimed, or for about so long; answers
    how many."""
    judged = 0
    end = None if seconds is None else time.monotonic() + seconds
    while max_ranges is None or judged < max_ranges:
        if range_judge_next() is None:
            break
        judged += 1
        if end is not None and time.monotonic() >= end:
            break
    return judged


def range_judge_next() -> RangeReport | None:
    """Judge one open range, of the oldest run that has any; None where there is none to claim.

    The first range of a large run comes after its column file was brought up: outside of any transaction, this may take
    minutes.
    """
    report = None
    for run in _runs_open():
        readiness = run_columns(run)
        if readiness is not Readiness.BUSY:
            # Again where a lead was erased under our hands, or two waited for each other.
            report = retried(lambda: _judge_next(run, has_file=readiness is Readiness.FILE))  # noqa: B023 - called at once
        if report is not None:
            break
    # After the commit, so that of two workers with the last two ranges the later one sees both done.
    _finish()
    return report


def _runs_open() -> list[Run]:
    open_ranges = RunRange.objects.filter(run=OuterRef("pk"), done_at=None)
    runs = Run.objects.filter(Exists(open_ranges), finished_at=None).select_related("version")
    return list(runs.defer("version__document").order_by("pk"))


def _judge_next(run: Run, *, has_file: bool) -> RangeReport | None:
    current_versions_hold()
    with connection.cursor() as cursor:
        # What a crash of the database takes back is a whole range with the word that it was done: it is done again.
        cursor.execute("SET LOCAL synchronous_commit TO off")
    judge = next((each for each in judges_now() if each.version_id == run.version_id), None)
    if judge is None:
        return None
    claimed = (
        RunRange.objects.filter(run=run, done_at=None, run__finished_at=None)
        .select_related("run")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("lead_from")
        .first()
    )
    if claimed is None:
        return None
    report = range_judge(
        replace(judge, as_of=run.as_of),
        lead_from=claimed.lead_from,
        lead_to=claimed.lead_to,
        cause=Cause(run.cause),
        has_file=has_file,
    )
    _speak_for(claimed)
    claimed.leads, claimed.changed, claimed.way, claimed.done_at = (
        report.leads,
        report.changed,
        report.way,
        timezone.now(),
    )
    claimed.save(update_fields=["leads", "changed", "way", "done_at"])
    return report


@transaction.atomic
def _finish() -> None:
    """End the runs that have no open range, each with the distribution that its totals make."""
    still_open = RunRange.objects.filter(run=OuterRef("pk"), done_at=None)
    done = Run.objects.filter(~Exists(still_open), finished_at=None).select_for_update(skip_locked=True, no_key=True)
    for run in done:
        try:
            with transaction.atomic():
                distribution_renew(model_id=run.model_id)
        except Exception:
            logger.exception(
                "The distribution of model %s could not be renewed; percentiles stay as they were.", run.model_id
            )
        _analyze(run)
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])


def _analyze(run: Run) -> None:
    """Let PostgreSQL look at the tables after the first large run: until it did, it reads all of them for one lead."""
    changed = RunRange.objects.filter(run=run).aggregate(changed=Sum("changed"))["changed"] or 0
    if changed < ANALYZED_FROM:
        return
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, [changed])
        for (table,) in cursor.fetchall():
            cursor.execute(f"ANALYZE {table}")


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
