"""The other twin's word on what is stored: whole populations by bulk judgement, on columns read just now, from no file.

Where scores_check asks the engine and differs from this, the twins differ; where both differ from the rows, the rows are
wrong. Not independent of the write path: it reads rows and judges with the code of the runs.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max, QuerySet
from numpy.typing import NDArray

from crm.models import Lead, Quarantine, Work
from crm.queries import engine_kinds
from scoring.checking import CheckReport, Difference
from scoring.columns.reading import columns_read
from scoring.loader import compiled_version
from scoring.models import MatrixVersion
from scoring.services.figures import NAMES, Judged
from scoring.services.range_measured import judged_columns
from scoring.services.score_columns import StoredScores, stored_scores
from scoring.services.verdicts import Judge, judges_now

# Ids of leads whose facts are in memory at once.
WIDTH = 32_768


@transaction.atomic
def scores_check_bulk() -> CheckReport:
    """Compare all stored scores with bulk judgement under the version and on the day each stands for."""
    report = CheckReport()
    last = Lead.objects.aggregate(last=Max("pk"))["last"] or 0
    kinds = engine_kinds()
    judges = judges_now()
    for start in range(0, last + 1, WIDTH):
        bounds = (start, start + WIDTH - 1)
        columns = columns_read(lead_from=bounds[0], lead_to=bounds[1])
        waiting = _ids(Work.objects.filter(lead__gte=bounds[0], lead__lte=bounds[1]))
        poison = _ids(
            Quarantine.objects.filter(kind="score", settled_at=None, lead__gte=bounds[0], lead__lte=bounds[1])
        )
        report.leads += len(columns)
        report.waiting += len(waiting)
        report.quarantined += len(poison - waiting)
        excused = np.array(sorted(waiting | poison), np.int64)
        for judge in judges:
            stored = stored_scores(judge=judge, lead_from=bounds[0], lead_to=bounds[1]).without(excused)
            report.scores += len(stored)
            for own, rows in _standing(judge, stored):
                judged = judged_columns(own, columns, kinds)
                right = stored_scores(judge=own, lead_from=bounds[0], lead_to=bounds[1]).without(excused).take(rows)
                report.differences += _differing(own, right, judged)
            named = judged_columns(judge, columns, kinds).without(np.union1d(excused, stored.lead_ids))
            report.differences += [
                Difference(
                    lead_id=lead_id, model=judge.slug, kind="missing", detail="bulk judgement has a score for it"
                )
                for lead_id in named.lead_ids[named.is_scored].tolist()
            ]
    return report


def _ids(rows: QuerySet[Any]) -> set[int]:
    return set(rows.order_by().values_list("lead_id", flat=True))


def _standing(judge: Judge, stored: StoredScores) -> Iterator[tuple[Judge, NDArray[np.bool_]]]:
    """A judge for each version and day that scores stand for, with the rows that do."""
    pairs = np.unique(np.stack([stored.said_number, stored.said_on], axis=1), axis=0)
    for number, day in pairs.tolist():
        version = MatrixVersion.objects.defer("document").get(model=judge.model_id, number=number)
        own = replace(
            judge,
            version_id=version.pk,
            number=number,
            as_of=date.fromordinal(day),
            compiled=compiled_version(version_id=version.pk, checksum=version.checksum),
        )
        yield own, (stored.said_number == number) & (stored.said_on == day)


def _differing(judge: Judge, stored: StoredScores, judged: Judged) -> Iterator[Difference]:
    is_scored = np.isin(stored.lead_ids, judged.lead_ids[judged.is_scored])
    for lead_id in stored.lead_ids[~is_scored].tolist():
        yield Difference(lead_id=lead_id, model=judge.slug, kind="extra", detail="bulk judgement has no score for it")
    kept = stored.take(is_scored)
    figures = judged.figures.take(np.searchsorted(judged.lead_ids, kept.lead_ids))
    for row in np.flatnonzero(kept.figures.differ(figures)).tolist():
        said = {name: (int(getattr(kept.figures, name)[row]), int(getattr(figures, name)[row])) for name in NAMES}
        detail = ", ".join(f"{name} is {was}, bulk says {says}" for name, (was, says) in said.items() if was != says)
        yield Difference(lead_id=int(kept.lead_ids[row]), model=judge.slug, kind="differs", detail=detail)
