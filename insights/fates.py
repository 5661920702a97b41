"""How the leads that only one of two versions qualified fared since: whether that version was right about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from insights.stats import Interval, wilson
from insights.wording import share_words
from scoring.models import Shadow, ShadowLead

OUTCOMES: Final = ("conversation", "accepted", "rejected", "won", "lost")

# An outcome counts from the first day on which the two disagreed about the lead, in the model's zone. What was merged since
# happened to whom the leads were merged into.
_FATES: Final = """
WITH RECURSIVE first AS (
    SELECT min(first_on)::timestamp AT TIME ZONE %(zone)s AS at FROM scoring_shadowlead WHERE shadow_id = %(shadow)s
), decision AS (
    SELECT handoff.lead_id, event.kind, max(event.at) AS at
    FROM handoff_handoffevent event JOIN handoff_handoff handoff ON handoff.id = event.handoff_id
    WHERE event.kind IN ('accepted', 'rejected') AND event.at >= (SELECT at FROM first)
    GROUP BY 1, 2
), up AS (
    SELECT decision.kind, decision.at, lead.id AS lead_id, lead.merged_into_id
    FROM decision JOIN crm_lead lead ON lead.id = decision.lead_id
    UNION ALL
    SELECT up.kind, up.at, lead.id, lead.merged_into_id FROM up JOIN crm_lead lead ON lead.id = up.merged_into_id
), happened AS (
    SELECT lead_id, kind, at FROM up WHERE merged_into_id IS NULL
    UNION ALL
    SELECT lead_id, kind, occurred_at FROM crm_activity
    WHERE kind IN ('conversation', 'deal_won', 'deal_lost') AND occurred_at >= (SELECT at FROM first)
      AND withdrawn_at IS NULL AND lead_id IS NOT NULL
), outcome AS MATERIALIZED (
    SELECT lead_id, max(at) FILTER (WHERE kind = 'conversation') AS conversation,
           max(at) FILTER (WHERE kind = 'accepted') AS accepted, max(at) FILTER (WHERE kind = 'rejected') AS rejected,
           max(at) FILTER (WHERE kind = 'deal_won') AS won, max(at) FILTER (WHERE kind = 'deal_lost') AS lost
    FROM happened GROUP BY lead_id
), own AS (
    SELECT found.side, found.lead_id, found.first_on::timestamp AT TIME ZONE %(zone)s AS since
    FROM scoring_shadowlead found
    WHERE found.shadow_id = %(shadow)s AND NOT EXISTS (
        SELECT FROM crm_lead lead WHERE lead.id = found.lead_id AND lead.merged_into_id IS NOT NULL
    )
)
SELECT side, count(*), count(*) FILTER (WHERE conversation >= since), count(*) FILTER (WHERE accepted >= since),
       count(*) FILTER (WHERE rejected >= since), count(*) FILTER (WHERE won >= since), count(*) FILTER (WHERE lost >= since)
FROM own LEFT JOIN outcome USING (lead_id) GROUP BY side
"""


@dataclass(frozen=True, kw_only=True)
class Fate:
    """So many of one side's leads; `rate` is None where the side has none."""

    count: int
    rate: Interval | None

    @property
    def share(self) -> str:
        return share_words(self.rate)


@dataclass(frozen=True, kw_only=True)
class SideFates:
    """Of the `leads` that one version alone qualified, by outcome."""

    leads: int
    fates: Mapping[str, Fate]


def shadow_fates(shadow: Shadow) -> Mapping[str, SideFates]:
    """By side, in one query. A lead may have several outcomes, and be of both sides on different days."""
    with connection.cursor() as cursor:
        cursor.execute(_FATES, {"shadow": shadow.pk, "zone": shadow.version.model.time_zone})
        rows = {side: counts for side, *counts in cursor.fetchall()}
    return {side: _side(rows.get(side, [0] * (1 + len(OUTCOMES)))) for side in ShadowLead.Side.values}


def _side(counts: list[int]) -> SideFates:
    leads, *each = counts
    return SideFates(
        leads=leads,
        fates={name: Fate(count=count, rate=wilson(count, leads)) for name, count in zip(OUTCOMES, each, strict=True)},
    )
