"""How many leads a week were lifted over the hand-off line under each version, while it judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from crm.models import Cause
from scoring.models import MatrixVersion

WEEK: Final = timedelta(days=7)
# More weeks than these are summed; the mean is over all.
WEEKS_SHOWN: Final = 12

# As the index of those who reached the line is asked: score_change_qualified.
_LIFTED: Final = """
SELECT change.version_id,
       floor(extract(epoch FROM change.changed_at - version.published_at) / %(week)s)::int AS week,
       count(*) FILTER (WHERE change.cause <> %(publication)s),
       count(*) FILTER (WHERE change.cause = %(publication)s)
FROM scoring_scorechange change JOIN scoring_matrixversion version ON version.id = change.version_id
WHERE change.version_id = ANY(%(versions)s) AND change.is_crossing AND (change.after -> 'is_qualified') = 'true'::jsonb
  AND (change.before IS NULL OR (change.before -> 'is_qualified') = 'false'::jsonb)
  AND change.changed_at >= version.published_at
GROUP BY 1, 2
"""


@dataclass(kw_only=True)
class Weekly:
    """Of one version that judged for `days` days. `weeks` are counted from its publication, the first first, at most the
    last twelve, the last one as far as it went; `publication` are those whom the switch itself lifted, at once."""

    days: int
    lifted: int = 0
    publication: int = 0
    weeks: list[int] = field(default_factory=list)

    @property
    def per_week(self) -> float | None:
        """The mean of what leads did, to a tenth; None for a version younger than a week."""
        return None if self.days < WEEK.days else round(self.lifted * WEEK.days / self.days, 1)


def weekly_of(versions: Collection[MatrixVersion]) -> Mapping[int, Weekly]:
    """By id, for those that were published; one query however many there are."""
    now = timezone.now()
    found: dict[int, Weekly] = {}
    for version in versions:
        if version.published_at is not None:
            judged = _until(version, now) - version.published_at
            weeks = int(judged / WEEK) + 1
            found[version.pk] = Weekly(days=judged.days, weeks=[0] * weeks)
    if not found:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            _LIFTED,
            {"versions": list(found), "week": int(WEEK.total_seconds()), "publication": Cause.VERSION.value},
        )
        for version_id, week, lifted, publication in cursor.fetchall():
            one = found[version_id]
            one.lifted += lifted
            one.publication += publication
            one.weeks[min(week, len(one.weeks) - 1)] += lifted
    for one in found.values():
        one.weeks = one.weeks[-WEEKS_SHOWN:]
    return found


def _until(version: MatrixVersion, now: datetime) -> datetime:
    return version.retired_at or now
