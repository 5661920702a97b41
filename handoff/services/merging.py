"""When leads were merged: what each had in the queue becomes the survivor's."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from crm.models import Lead
from handoff.lifecycle import Move, State, after, progress
from handoff.models import Handoff, HandoffEvent, Suppression

# The stronger one wins where both leads were suppressed; of two equal ones the one that lasts longer.
_STRENGTH = {Suppression.Reason.QUIET: 0, Suppression.Reason.COOL_DOWN: 1, Suppression.Reason.DECIDED: 2}


def merged_settle(leads: Mapping[int, Lead], *, now: datetime) -> int:
    """Move hand-offs and suppressions of merged leads to their survivors and answer how many hand-offs were touched.

    Of several open hand-offs the furthest stays, of two as far the older; the others close as merged. Leads whose
    survivor is not among `leads` (all locked) are left for the next time.
    """
    families = _families(leads)
    if not families:
        return 0
    members = [lead_id for family in families.values() for lead_id in family]
    handoffs: dict[int, list[Handoff]] = defaultdict(list)
    suppressions: dict[int, list[Suppression]] = defaultdict(list)
    survivor_of = {lead_id: survivor_id for survivor_id, family in families.items() for lead_id in family}
    for handoff in Handoff.objects.filter(lead__in=members, closed_at=None):
        handoffs[survivor_of[handoff.lead_id]].append(handoff)
    for suppression in Suppression.objects.filter(lead__in=members):
        suppressions[survivor_of[suppression.lead_id]].append(suppression)
    touched = sum(_keep_the_further(found, survivor_id, now) for survivor_id, found in handoffs.items())
    for survivor_id, held in suppressions.items():
        _keep_the_stronger(held, survivor_id)
    return touched


def _families(leads: Mapping[int, Lead]) -> dict[int, set[int]]:
    """Survivors that are here, each with itself and those merged into it."""
    families: dict[int, set[int]] = {}
    for lead in leads.values():
        survivor: Lead | None = lead
        while survivor is not None and survivor.merged_into_id is not None:
            survivor = leads.get(survivor.merged_into_id)
        if survivor is not None and survivor is not lead:
            families.setdefault(survivor.pk, {survivor.pk}).add(lead.pk)
    return families


def _keep_the_further(handoffs: Collection[Handoff], survivor_id: int, now: datetime) -> int:
    keep = max(
        handoffs, key=lambda handoff: (progress(State(handoff.state)), -handoff.opened_at.timestamp(), -handoff.pk)
    )
    events = []
    for other in handoffs:
        if other is keep:
            continue
        state = after(State(other.state), Move.MERGE)
        Handoff.objects.filter(pk=other.pk).update(state=state, closed_at=now)
        events.append(
            HandoffEvent(
                handoff=other, kind=HandoffEvent.Kind.MERGED, state=str(state), at=now, params={"kept": keep.pk}
            )
        )
    if keep.lead_id != survivor_id:
        # Only now is the survivor's place free: a lead has one open hand-off.
        Handoff.objects.filter(pk=keep.pk).update(lead_id=survivor_id)
        events.append(
            HandoffEvent(
                handoff=keep,
                kind=HandoffEvent.Kind.MOVED,
                state=keep.state,
                at=now,
                params={"from_lead": keep.lead_id, "to_lead": survivor_id},
            )
        )
    HandoffEvent.objects.bulk_create(events)
    return len(events)


def _keep_the_stronger(suppressions: Iterable[Suppression], survivor_id: int) -> None:
    held = list(suppressions)
    keep = max(held, key=_strength)
    Suppression.objects.filter(pk__in=[each.pk for each in held if each is not keep]).delete()
    if keep.lead_id != survivor_id:
        Suppression.objects.filter(pk=keep.pk).update(lead_id=survivor_id)


def _strength(suppression: Suppression) -> tuple[int, bool, float]:
    until = suppression.until
    return (_STRENGTH[Suppression.Reason(suppression.reason)], until is None, until.timestamp() if until else 0.0)
