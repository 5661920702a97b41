"""The nights of shadows: each open one is judged once a day, after the run of that day has brought all scores up."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from kernel.errors import LeadscoreError
from scoring.loader import zone_named
from scoring.models import Run, Shadow
from scoring.preview.disagreeing import disagreement
from scoring.preview.population import population_forget
from scoring.services.shadowing import DayJudged, shadow_day_record, shadow_leads_follow, shadows_end_stale, why_over

logger = logging.getLogger(__name__)

# The first half of the advisory keys of shadows.
_SHADOWS: Final = 0x6C73_0005


def shadows_night() -> int:
    """End what is over, then judge each shadow whose day has come, and answer how many were judged.

    A day that nobody judged stays a gap: tomorrow's facts say nothing about it.
    """
    if not Shadow.objects.exists():
        return 0
    shadows_end_stale()
    shadow_leads_follow()
    judged = sum(_judge(shadow, run) for shadow, run in _due())
    if judged:
        # The next day is another one, and what is kept of a million leads is better not kept until then.
        population_forget()
    return judged


def _due() -> list[tuple[Shadow, Run]]:
    """Open shadows with the run of today of their model, where that is done and they were not judged since."""
    last = Run.objects.filter(model=OuterRef("version__model")).order_by("-pk").values("pk")[:1]
    shadows = list(
        Shadow.objects.filter(ended_at=None)
        .select_related("version__model")
        .annotate(run_id=Subquery(last))
        .order_by("pk")
    )
    runs = Run.objects.select_related("version").defer("version__document")
    done = runs.filter(finished_at__isnull=False, is_superseded=False).in_bulk([each.run_id for each in shadows])
    found: list[tuple[Shadow, Run]] = []
    for shadow in shadows:
        model, run = shadow.version.model, done.get(shadow.run_id)
        today = timezone.now().astimezone(zone_named(model.time_zone)).date()
        if (
            run is not None
            and why_over(shadow) is None
            and run.version_id == model.active_version_id
            and run.as_of >= today
            and (shadow.judged_on is None or shadow.judged_on < run.as_of)
        ):
            found.append((shadow, run))
    return found


def _judge(shadow: Shadow, run: Run) -> bool:
    with _claimed(shadow) as is_ours:
        # Another may have judged it between our look and our claim; what is written is checked again under its lock.
        if not is_ours or Shadow.objects.filter(pk=shadow.pk, judged_on__gte=run.as_of).exists():
            return False
        try:
            found = disagreement(model=shadow.version.model, document=shadow.version.document)
        except LeadscoreError:
            logger.exception("The shadow %s could not be judged.", shadow.pk)
            return False
        if found is None or found.as_of != run.as_of or found.published != run.version.number:
            return False
        return shadow_day_record(
            shadow_id=shadow.pk,
            day=DayJudged(
                as_of=found.as_of,
                published_number=found.published,
                both=found.apart.both,
                lead_ids=found.apart.lead_ids,
                is_shadows=found.apart.is_drafts,
                totals=found.apart.totals,
                is_scored=found.apart.is_scored,
            ),
        )


@contextmanager
def _claimed(shadow: Shadow) -> Iterator[bool]:
    """Whether nobody else judges it now; a process that dies lets go of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_SHADOWS, shadow.pk])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_SHADOWS, shadow.pk])
