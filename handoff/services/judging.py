"""Cards of now, for what an opening keeps and for what ends or begins a suppression."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from crm.models import Activity, Import
from scoring.engine.card import Card
from scoring.models import MatrixVersion, ScoringModel
from scoring.queries import cards_for

# Commits do not come in the order of the clock: what was received this long before a moment may not have been seen then.
LATE_COMMIT: Final = timedelta(minutes=5)


def cards_by(version: MatrixVersion, *, model: ScoringModel, lead_ids: Collection[int]) -> dict[int, Card]:
    """What `version` says of these leads on the facts and the day of now; a constant number of queries."""
    return cards_for(sorted(lead_ids), model, version=version)


def received_since(lead_ids: Collection[int], *, since: datetime) -> dict[int, dict[str, datetime]]:
    """The activities of these leads that were received after `since`, by lead: the engine's id and when.

    Those of an import that does not hand off at once are left out: history is no news.
    """
    found: dict[int, dict[str, datetime]] = {}
    is_told = Q(imported_by=None) | Q(imported_by__handoffs=Import.Handoffs.ALL)
    rows = Activity.objects.filter(is_told, lead__in=lead_ids, received_at__gt=since, withdrawn_at=None)
    for lead_id, feed, message_id, received_at in rows.values_list("lead_id", "feed", "message_id", "received_at"):
        if lead_id is not None:
            found.setdefault(lead_id, {})[f"{feed}:{message_id}"] = received_at
    return found
