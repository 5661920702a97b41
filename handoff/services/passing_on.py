"""Hand-offs of somebody who leaves: to their successor, or dealt anew. Also those that came to them as they left."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from crm.models import Company
from handoff.lifecycle import State
from handoff.models import Handoff, HandoffEvent
from handoff.routing import Because, Route
from handoff.services.dealing import Dealer
from handoff.services.lead_rows import leads_lock

_PASSED_ON = ["owner_id", "team_id", "routed_because", "state", "claimed_at", "updated_at"]
BATCH = 500


def successors_of(owner_ids: Collection[int]) -> dict[int, User | None]:
    """Of these people those who have left, with who follows them; None where that one cannot take hand-offs either."""
    if not owner_ids:
        return {}
    left = User.objects.filter(pk__in=owner_ids, left_at__isnull=False, is_active=False).select_related("successor")
    return {user.pk: user.successor if user.successor and user.successor.is_active else None for user in left}


def handoff_reassign(
    handoff: Handoff, *, successor: User | None, deal: Callable[[], Route], now: datetime, by: User | None
) -> HandoffEvent:
    """Give a locked hand-off of somebody who leaves to their successor, else to whom it is dealt; not saved.

    What the leaver had claimed waits again, since the next owner has not said that they work on it. An accepted one
    stays accepted. Where nobody takes hand-offs it waits in the queue of a team, at the last the leaver's.
    """
    leaver_id = handoff.owner_id
    if successor is not None:
        handoff.owner_id, handoff.team_id = successor.pk, successor.team_id
        handoff.routed_because = {"code": Because.PASSED_ON.value, "rep": successor.pk, "passed_over": None}
    else:
        route = deal()
        handoff.owner_id = route.rep_id
        handoff.team_id = route.team_id or handoff.team_id
        handoff.routed_because = route.to_json()
    if handoff.state == State.CLAIMED:
        handoff.state, handoff.claimed_at = State.WAITING.value, None
    handoff.updated_at = now
    return HandoffEvent(
        handoff=handoff,
        kind=HandoffEvent.Kind.REASSIGNED,
        state=handoff.state,
        by=by,
        at=now,
        params={"from": leaver_id, "to": handoff.owner_id, "why": "left", "routed": handoff.routed_because},
    )


@transaction.atomic
def handoffs_pass_on(*, leaver: User, successor: User | None, by: User) -> int:
    """Give the open hand-offs of somebody who leaves to `successor`, or deal them anew without one; how many.

    Steps: lock their leads in the order of their ids, read the hand-offs again, reassign. To pass on is not to deal: the
    successor's turn of round robin stays where it is. One that a merge moves, or that is dealt to the leaver, while we
    work is passed on by settling as soon as they have left.
    """
    mine = Handoff.objects.filter(owner=leaver, closed_at=None)
    leads = leads_lock(mine.values_list("lead_id", flat=True))
    now = timezone.now()
    handoffs = list(mine.filter(lead__in=leads).order_by("lead_id"))
    dealer = Dealer(now=now, without={leaver.pk}) if handoffs and successor is None else None
    company_ids = {lead.company_id for lead in leads.values() if lead.company_id is not None}
    owners = dict(Company.objects.filter(pk__in=company_ids).values_list("pk", "owner_id")) if dealer else {}
    events = []
    for handoff in handoffs:
        lead = leads[handoff.lead_id]

        def deal(owner_id: int | None = lead.owner_id, company_id: int | None = lead.company_id) -> Route:
            if dealer is None:
                raise AssertionError("With a successor nothing is dealt.")
            return dealer.deal(lead_owner_id=owner_id, company_owner_id=owners.get(company_id or 0))

        events.append(handoff_reassign(handoff, successor=successor, deal=deal, now=now, by=by))
    Handoff.objects.bulk_update(handoffs, _PASSED_ON, batch_size=BATCH)
    HandoffEvent.objects.bulk_create(events, batch_size=BATCH)
    if dealer is not None:
        dealer.save()
    return len(handoffs)
