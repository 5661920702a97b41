"""Baselines: at each publication a snapshot of the days before it, taken once, soon or late."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from insights.models import Baseline
from insights.periods import leads_scored, period_figures
from scoring.models import MatrixVersion

PERIOD: Final = timedelta(days=28)
FIGURES: Final = (
    "queue",
    "qualified_by_publication",
    "handed_off",
    "conversations",
    "accepted",
    "rejected",
    "won",
    "lost",
    "seconds_to_accept",
    "seconds_to_conversation",
    "seconds_to_close",
)


def baselines_take() -> int:
    """Take those that are missing, the oldest first, and answer how many. Of two who take the same one stays."""
    taken = Baseline.objects.filter(version=OuterRef("pk"))
    missing = MatrixVersion.objects.filter(~Exists(taken), published_at__isnull=False).defer("document")
    made = 0
    for version in missing.order_by("published_at", "pk"):
        if version.published_at is not None:
            Baseline.objects.bulk_create([_baseline(version, version.published_at)], ignore_conflicts=True)
            made += 1
    return made


def _baseline(version: MatrixVersion, end: datetime) -> Baseline:
    figures = period_figures(model_id=version.model_id, start=end - PERIOD, end=end)
    return Baseline(
        version=version,
        period_from=figures.start,
        period_to=figures.end,
        scored=leads_scored(model_id=version.model_id, at=end),
        qualified_by_week=list(figures.qualified_by_week),
        **{name: getattr(figures, name) for name in FIGURES},
    )
