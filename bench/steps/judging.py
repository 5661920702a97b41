"""The parts of a bulk judgement, each alone: column data built and extended, measured, weighed, and what differs written."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from bench.figures import Figure, seconds
from bench.matrices import points_moved
from bench.progress import say
from bench.scale import SEED, Scale
from bench.sending import events_of
from bench.steps.runs import columns_forget
from bench.world import draft, model
from crm.models import Cause, Work
from crm.queries import engine_kinds
from crm.services.activities import activities_record
from scoring.bulk.fingerprint import criterion_fingerprint
from scoring.bulk.weighing import weigh
from scoring.columns.generations import Generation, generation_refresh
from scoring.columns.measured import units_measure
from scoring.loader import compiled_version
from scoring.models import MatrixVersion
from scoring.services.range_measured import judged_of_file
from scoring.services.rescoring import work_drain
from scoring.services.score_columns import stored_scores
from scoring.services.score_columns_writing import differences, differences_write
from scoring.services.verdicts import Judge, judges_now

RANGE = 65_536
BATCH = 500


def measure(scale: Scale) -> Sequence[Figure]:
    model()
    columns_forget()
    built = seconds(generation_refresh)
    say(f"Column file built: {built:.2f} s")
    touched = _touch(scale)
    extended = seconds(generation_refresh)
    generation = generation_refresh()
    say(f"Column file extended: {extended:.2f} s, {len(generation.columns.activities):,} activities")
    judge = judges_now()[0]
    return [
        Figure(key="columns-built", title="column file built", unit="s", runs=[built]),
        Figure(
            key="columns-extended",
            title="column file extended",
            unit="s",
            runs=[extended],
            note=f"{touched:,} leads touched",
        ),
        *_measured(scale, generation, judge),
        _written(generation, judge),
    ]


def _touch(scale: Scale) -> int:
    """A little more than 1 % of the leads do something, and are judged."""
    chance = np.random.default_rng(SEED)
    lead_ids = chance.choice(scale.leads, size=scale.leads // 90, replace=False) + 1
    items = events_of(lead_ids.tolist())
    for start in range(0, len(items), BATCH):
        activities_record(feed="bench", items=items[start : start + BATCH])
    while Work.objects.exists():
        work_drain()
    return len(lead_ids)


def _measured(scale: Scale, generation: Generation, judge: Judge) -> list[Figure]:
    """Each time another day, so that nothing is there already."""
    kinds, leads, compiled = engine_kinds(), len(generation.columns), judge.compiled
    days = [judge.as_of + timedelta(days=each) for each in range(1, scale.repeats + 1)]
    measures = [seconds(lambda day=day: units_measure(generation, compiled, day, kinds)) for day in days]
    units = units_measure(generation, compiled, days[-1], kinds)
    zone = compiled.matrix.timezone
    ordered = [units[criterion_fingerprint(each, zone, kinds)] for each in compiled.matrix.criteria]
    weighs = [seconds(lambda: weigh(compiled, ordered, leads)) for _ in range(max(3, scale.repeats))]
    found = sum(len(each) for each in ordered)
    say(f"Measured: {min(measures):.2f} s, weighed: {min(weighs):.3f} s")
    return [
        Figure(key="measure", title="measure: all criteria, whole population, one process", unit="s", runs=measures,
               note=f"{found:,} units found, stored as files"),
        Figure(key="weigh", title="weigh: units to scores, one process", unit="s", runs=weighs),
    ]  # fmt: skip


def _written(generation: Generation, judge: Judge) -> Figure:
    """Only the writing of a points-only edit, in a transaction that is taken back."""
    version = MatrixVersion.objects.get(pk=draft(points_moved(1)))
    compiled = compiled_version(version_id=version.pk, checksum=version.checksum)
    other = replace(judge, version_id=version.pk, number=version.number, compiled=compiled)
    kinds, took, rows = engine_kinds(), 0.0, 0
    with transaction.atomic():
        for start in range(0, int(generation.columns.lead_ids[-1]) + 1, RANGE):
            bounds = {"lead_from": start, "lead_to": start + RANGE - 1}
            stored = stored_scores(judge=other, **bounds)
            judged = judged_of_file(other, generation, kinds, **bounds)
            found = differences(other, stored, judged, may_insert=np.zeros(0, np.int64))
            held: list[int] = []
            took += seconds(
                lambda found=found, held=held: held.extend(
                    differences_write(other, found, cause=Cause.VERSION, changed_at=timezone.now())
                )
            )
            rows += len(held)
        # What commits would do at the end: the constraints that were put off.
        with connection.cursor() as cursor:
            took += seconds(lambda: cursor.execute("SET CONSTRAINTS ALL IMMEDIATE"))
        transaction.set_rollback(True)
    note = f"{rows:,} scores and as many changes, in {RANGE:,}s; without the commit"
    return Figure(
        key="write",
        title="write: the scores that differ and their changes, one process",
        unit="s",
        runs=[took],
        note=note,
    )
