"""Cards of now, for what an opening keeps and for what ends or begins a suppression."""

from collections.abc import Collection
from datetime import datetime

from crm.models import Activity
from scoring.engine.card import Card
from scoring.models import MatrixVersion, ScoringModel
from scoring.queries import cards_for


def cards_by(version: MatrixVersion, *, model: ScoringModel, lead_ids: Collection[int]) -> dict[int, Card]:
    """What `version` says of these leads on the facts and the day of now; a constant number of queries."""
    return cards_for(sorted(lead_ids), model, version=version)


def received_since(lead_ids: Collection[int], *, since: datetime) -> dict[int, dict[str, datetime]]:
    """The activities of these leads that were received after `since`, by lead: the engine's id and when."""
    found: dict[int, dict[str, datetime]] = {}
    rows = Activity.objects.filter(lead__in=lead_ids, received_at__gt=since, withdrawn_at=None).values_list(
        "lead_id", "feed", "message_id", "received_at"
    )
    for lead_id, feed, message_id, received_at in rows:
        if lead_id is not None:
            found.setdefault(lead_id, {})[f"{feed}:{message_id}"] = received_at
    return found
