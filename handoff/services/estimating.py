"""What imports and publications ask of this floor: how many hand-offs would open, and which leads an undo must leave."""

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
    asked = sorted(_unanswered(lead_ids))
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


def handoffs_would_open_of(lead_ids: Collection[int]) -> int:
    """How many hand-offs would open if these leads qualified from one moment to the next."""
    return len(_unanswered(lead_ids))


def _unanswered(lead_ids: Collection[int]) -> set[int]:
    """Of these leads those with neither an open hand-off nor a suppression."""
    asked = list(lead_ids)
    answered = {
        *Handoff.objects.filter(lead__in=asked, closed_at=None).values_list("lead_id", flat=True),
        *Suppression.objects.filter(lead__in=asked).values_list("lead_id", flat=True),
    }
    return set(asked) - answered


def leads_worked(lead_ids: Collection[int]) -> set[int]:
    """Of these leads those that sales has claimed or decided about."""
    handoffs = Handoff.objects.filter(lead__in=lead_ids)
    worked = handoffs.filter(claimed_at__isnull=False) | handoffs.filter(decided_at__isnull=False)
    return set(worked.values_list("lead_id", flat=True))
