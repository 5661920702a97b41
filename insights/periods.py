"""How a model's leads fared in a period, from history as it was known at the period's end.

What was received, withdrawn or decided later has no part in it, so the same period says the same whenever it is asked. Only
an erasure takes a person out, and a merge made since joins two leads' episodes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.db import connection
from django.db.models import Count, Q

from crm.models import Cause
from scoring.models import MatrixVersion, ScoreChange

WEEK: Final = timedelta(days=7)

# Each hand-off at the lead that remains of its lead, until the next one of that lead was opened.
_EPISODES: Final = """
WITH RECURSIVE up AS (
    SELECT own.id, own.opened_at, own.closed_at, lead.id AS lead_id, lead.merged_into_id
    FROM handoff_handoff own JOIN crm_lead lead ON lead.id = own.lead_id
    WHERE own.model_id = %(model)s AND own.opened_at < %(end)s
    UNION ALL
    SELECT up.id, up.opened_at, up.closed_at, lead.id, lead.merged_into_id
    FROM up JOIN crm_lead lead ON lead.id = up.merged_into_id
), episode AS (
    SELECT id, opened_at, closed_at, lead_id,
           lead(opened_at, 1, %(end)s) OVER (PARTITION BY lead_id ORDER BY opened_at, id) AS until
    FROM up WHERE merged_into_id IS NULL
), told AS (
    SELECT episode.*, decided.accepted_at, decided.rejected_at, done.conversation_at, done.won_at, done.lost_at
    FROM episode
    LEFT JOIN LATERAL (
        SELECT min(at) FILTER (WHERE kind = 'accepted') AS accepted_at, min(at) FILTER (WHERE kind = 'rejected') AS rejected_at
        FROM handoff_handoffevent
        WHERE handoff_id = episode.id AND kind IN ('accepted', 'rejected') AND at < %(end)s
    ) decided ON true
    LEFT JOIN LATERAL (
        SELECT min(occurred_at) FILTER (WHERE kind = 'conversation') AS conversation_at,
               min(occurred_at) FILTER (WHERE kind = 'deal_won') AS won_at,
               min(occurred_at) FILTER (WHERE kind = 'deal_lost') AS lost_at
        FROM crm_activity
        WHERE lead_id = episode.lead_id AND kind IN ('conversation', 'deal_won', 'deal_lost')
          AND occurred_at >= episode.opened_at AND occurred_at < episode.until
          AND received_at < %(end)s AND (withdrawn_at IS NULL OR withdrawn_at >= %(end)s)
    ) done ON true
)
SELECT count(*) FILTER (WHERE opened_at >= %(start)s),
       count(*) FILTER (WHERE opened_at >= %(start)s AND conversation_at IS NOT NULL),
       count(*) FILTER (WHERE accepted_at >= %(start)s),
       count(*) FILTER (WHERE rejected_at >= %(start)s),
       count(*) FILTER (WHERE won_at >= %(start)s),
       count(*) FILTER (WHERE lost_at >= %(start)s),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM accepted_at - opened_at)::bigint)
           FILTER (WHERE accepted_at >= %(start)s),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM conversation_at - opened_at)::bigint)
           FILTER (WHERE conversation_at >= %(start)s),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM won_at - opened_at)::bigint)
           FILTER (WHERE won_at >= %(start)s),
       count(*) FILTER (WHERE accepted_at IS NULL AND rejected_at IS NULL AND (closed_at IS NULL OR closed_at >= %(end)s))
FROM told
"""


@dataclass(frozen=True, kw_only=True)
class PeriodFigures:
    """From `start` until before `end`. The fields are those of `insights.models.Baseline`."""

    start: datetime
    end: datetime
    qualified_by_week: tuple[int, ...]
    qualified_by_publication: int
    handed_off: int
    conversations: int
    accepted: int
    rejected: int
    won: int
    lost: int
    seconds_to_accept: int | None
    seconds_to_conversation: int | None
    seconds_to_close: int | None
    queue: int


def period_figures(*, model_id: int, start: datetime, end: datetime) -> PeriodFigures:
    """Everything but how many leads were scored, which `leads_scored` counts."""
    by_week, by_publication = _qualified(model_id, start, end)
    with connection.cursor() as cursor:
        cursor.execute(_EPISODES, {"model": model_id, "start": start, "end": end})
        row = cursor.fetchone()
    return PeriodFigures(
        start=start,
        end=end,
        qualified_by_week=by_week,
        qualified_by_publication=by_publication,
        **dict(zip(_NAMES, row or (), strict=True)),
    )


_NAMES: Final = (
    "handed_off",
    "conversations",
    "accepted",
    "rejected",
    "won",
    "lost",
    "seconds_to_accept",
    "seconds_to_conversation",
    "seconds_to_close",
    "queue",
)


def leads_scored(*, model_id: int, at: datetime) -> int:
    """How many leads had a score at a moment: those that got one before, without those that lost it again.

    Reads every change of the model before it.
    """
    counts = ScoreChange.objects.filter(model=model_id, changed_at__lt=at).aggregate(
        got=Count("pk", filter=Q(before__isnull=True, after__isnull=False)),
        lost=Count("pk", filter=Q(before__isnull=False, after__isnull=True)),
    )
    return int(counts["got"]) - int(counts["lost"])


def _qualified(model_id: int, start: datetime, end: datetime) -> tuple[tuple[int, ...], int]:
    """Leads lifted over the line by week, by what they did; and by a publication, altogether."""
    # By version, as their index is.
    versions = list(MatrixVersion.objects.filter(model=model_id, published_at__lt=end).values_list("pk", flat=True))
    lifted = (
        ScoreChange.objects.filter(
            version__in=versions,
            is_crossing=True,
            after__is_qualified=True,
            changed_at__gte=start,
            changed_at__lt=end,
        )
        .filter(Q(before__isnull=True) | Q(before__is_qualified=False))
        .order_by()
    )
    edges = [start]
    while edges[-1] < end:
        edges.append(min(edges[-1] + WEEK, end))
    counts = lifted.aggregate(
        publication=Count("pk", filter=Q(cause=Cause.VERSION)),
        **{
            f"week{at}": Count("pk", filter=Q(changed_at__gte=first, changed_at__lt=last) & ~Q(cause=Cause.VERSION))
            for at, (first, last) in enumerate(pairwise(edges))
        },
    )
    return tuple(counts[f"week{at}"] for at in range(len(edges) - 1)), counts["publication"]
