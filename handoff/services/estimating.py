"""What imports ask of this floor: how many hand-offs their leads would open, and which leads an undo must leave."""

import logging
from collections.abc import Collection

from crm.queries import facts_for_leads
from handoff.models import Handoff, Suppression
from scoring.services.verdicts import judges_now, verdict

logger = logging.getLogger(__name__)
# Leads whose facts are in memory at once.
CHUNK = 500


def handoffs_would_open(lead_ids: Collection[int], _import_id: int) -> int:
    """How many of these leads qualify by the active versions on the facts of now and have neither an open hand-off nor a
    suppression. Judged by the engine and written nowhere; a lead that cannot be judged opens none.
    """
    answered = {
        *Handoff.objects.filter(lead__in=lead_ids, closed_at=None).values_list("lead_id", flat=True),
        *Suppression.objects.filter(lead__in=lead_ids).values_list("lead_id", flat=True),
    }
    asked = sorted(set(lead_ids) - answered)
    judges = judges_now()
    opening = 0
    for start in range(0, len(asked), CHUNK):
        for lead_id, facts in facts_for_leads(asked[start : start + CHUNK]).items():
            try:
                said = (verdict(judge=judge, lead_id=lead_id, facts=facts, before=None).after for judge in judges)
                opening += any(values is not None and values.is_qualified for values in said)
            except Exception:
                logger.exception("Lead %s cannot be judged, and is not counted.", lead_id)
    return opening


def leads_worked(lead_ids: Collection[int]) -> set[int]:
    """Of these leads those that sales has claimed or decided about."""
    handoffs = Handoff.objects.filter(lead__in=lead_ids)
    worked = handoffs.filter(claimed_at__isnull=False) | handoffs.filter(decided_at__isnull=False)
    return set(worked.values_list("lead_id", flat=True))
