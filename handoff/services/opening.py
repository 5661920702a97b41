"""Opening hand-offs: the row, the models that speak for it, its rep, and the card as it was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from handoff.lifecycle import State
from handoff.models import Handoff, HandoffEvent, HandoffModel
from handoff.services.dealing import Dealer
from handoff.services.lead_rows import LeadRows, Matrices
from handoff.sla import due_at, priority
from scoring.engine.card import Card
from scoring.loader import zone_named
from scoring.models import Score, ScoringModel
from scoring.services.verdicts import card_without_values

_FIELDS = [field for field in Handoff._meta.concrete_fields if not field.primary_key]
_COLUMNS = ", ".join(str(field.column) for field in _FIELDS)
_INSERT = """
INSERT INTO handoff_handoff ({columns}) VALUES {rows}
ON CONFLICT (lead_id) WHERE closed_at IS NULL DO NOTHING
RETURNING lead_id, id
"""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A lead that goes to sales: the score that leads, all scores that qualify, and the leading one's card."""

    row: LeadRows
    leading: Score
    qualified: Sequence[Score]
    card: Card | None


def handoffs_open(openings: Sequence[Opening], *, matrices: Matrices, dealer: Dealer, now: datetime) -> int:
    """Open one hand-off for each and answer how many.

    Their leads are locked, so nothing is in the way; if something were, the unique index decides and nothing is written.
    """
    if not openings:
        return 0
    made = {opening.row.lead.pk: _handoff(opening, matrices, dealer, now) for opening in openings}
    ids = _insert(list(made.values()))
    attached, events = [], []
    for opening in openings:
        handoff = made[opening.row.lead.pk]
        if (handoff_id := ids.get(handoff.lead_id)) is None:
            continue
        handoff.pk = handoff_id
        attached += [
            HandoffModel(handoff=handoff, model_id=score.model_id, version_id=score.version_id, attached_at=now)
            for score in opening.qualified
        ]
        events.append(
            HandoffEvent(
                handoff=handoff,
                kind=HandoffEvent.Kind.OPENED,
                state=handoff.state,
                at=now,
                params={
                    "models": [score.model_id for score in opening.qualified],
                    "total": opening.leading.total,
                    "routed": handoff.routed_because,
                },
            )
        )
    HandoffModel.objects.bulk_create(attached)
    HandoffEvent.objects.bulk_create(events)
    return len(ids)


def queue_key(*, model: ScoringModel, sla_due_at: datetime, total: int, is_fast_tracked: bool) -> int:
    """The place of a hand-off in the queue; the SLA day is a day in the model's zone."""
    due_on = sla_due_at.astimezone(zone_named(model.time_zone)).date()
    return priority(is_fast_tracked=is_fast_tracked, due_on=due_on, total=total)


def _handoff(opening: Opening, matrices: Matrices, dealer: Dealer, now: datetime) -> Handoff:
    score, lead = opening.leading, opening.row.lead
    model = matrices.models[score.model_id]
    route = dealer.deal(lead_owner_id=lead.owner_id, company_owner_id=opening.row.company_owner_id)
    sla_due_at = due_at(now, hours=matrices.policy(score.model_id).sla_hours)
    is_fast_tracked = any(each.is_fast_tracked for each in opening.qualified)
    return Handoff(
        lead=lead,
        model=model,
        version_id=score.version_id,
        state=State.WAITING,
        owner_id=route.rep_id,
        team_id=route.team_id,
        routed_because=route.to_json(),
        opened_at=now,
        sla_due_at=sla_due_at,
        total=score.total,
        is_fast_tracked=is_fast_tracked,
        priority=queue_key(model=model, sla_due_at=sla_due_at, total=score.total, is_fast_tracked=is_fast_tracked),
        opened_total=score.total,
        opened_rating=score.rating,
        opened_stage=score.stage,
        card=card_without_values(opening.card) if opening.card else {},
    )


def _insert(handoffs: Sequence[Handoff]) -> Mapping[int, int]:
    """By hand, because Django's ignore_conflicts cannot say which rows went in. Answers ids by lead."""
    values = [field.get_db_prep_save(field.pre_save(each, True), connection) for each in handoffs for field in _FIELDS]
    row = f"({', '.join(['%s'] * len(_FIELDS))})"
    statement = _INSERT.format(columns=_COLUMNS, rows=", ".join([row] * len(handoffs)))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(cursor.fetchall())
