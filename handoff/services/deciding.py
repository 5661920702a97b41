"""What people decide about a hand-off: claim, release, accept, reject.

Each is one conditional UPDATE under the lead's lock: of twenty who try, one finds the row in a state that allows it and
the others are told who was first. A decision writes its event and its audit row in its own transaction.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Action, may, may_touch
from accounts.services import audit_record
from crm.services.activities import activity_record_own
from handoff import wording
from handoff.lifecycle import Move, State, after, origins
from handoff.models import Handoff, HandoffEvent, RejectReason, Suppression
from handoff.routing import Because
from handoff.services.judging import cards_by
from handoff.services.lead_rows import leads_lock
from handoff.services.news import basis_of
from kernel.errors import BadRequestError, ConflictError, NotAllowedError, Problem
from scoring.models import Score

NOTE_LENGTH = 2_000


@transaction.atomic
def handoff_claim(*, handoff_id: int, by: User) -> Handoff:
    """Say "I work on this": nobody else may decide it from now on. Raises Handoff.DoesNotExist, and as `_move` does."""
    handoff = _locked(handoff_id, by)
    now = timezone.now()
    return _move(handoff, Move.CLAIM, by=by, now=now, claimed_at=now, **_taken(handoff, by))


@transaction.atomic
def handoff_release(*, handoff_id: int, by: User) -> Handoff:
    """Give a claimed hand-off back to the team's queue, where anybody of the team may take it."""
    handoff = _locked(handoff_id, by)
    because = {"code": Because.RELEASED.value, "rep": by.pk, "passed_over": None}
    return _move(
        handoff, Move.RELEASE, by=by, now=timezone.now(), claimed_at=None, owner_id=None, routed_because=because
    )


@transaction.atomic
def handoff_accept(*, handoff_id: int, by: User) -> Handoff:
    """Say yes: the lead is worked, and is never withdrawn. Who accepts from the team's queue becomes the owner."""
    handoff = _locked(handoff_id, by)
    now = timezone.now()
    owner = _taken(handoff, by) if handoff.owner_id is None else {}
    return _move(handoff, Move.ACCEPT, by=by, now=now, decided_at=now, **owner)


@transaction.atomic
def handoff_reject(*, handoff_id: int, by: User, reason: str, note: str = "") -> Handoff:
    """Say no, with the key of a reason: the hand-off closes, the lead cools down, and scoring hears of it.

    Steps: the conditional update, the suppression, a `sales_rejected` activity (so that the score may change), event, audit.
    """
    why = _reason(reason)
    _check_note(note)
    handoff = _locked(handoff_id, by)
    now = timezone.now()
    closed = _move(
        handoff, Move.REJECT, by=by, now=now, why=why, note=note, decided_at=now, closed_at=now, reason_id=why.pk
    )
    Suppression.objects.update_or_create(
        lead_id=closed.lead_id,
        defaults={
            "reason": Suppression.Reason.COOL_DOWN,
            "until": now + timedelta(days=why.cool_down_days),
            "handoff": closed,
            "imported_by": None,
            "version": None,
            "may_return": why.may_return,
            "since": now,
            "looked_at": now,
            "basis": _basis(closed.lead_id),
        },
    )
    activity_record_own(
        lead_id=closed.lead_id,
        kind="sales_rejected",
        message_id=f"handoff-{closed.pk}-rejected",
        occurred_at=now,
        properties={"reason": why.slug, "handoff": closed.pk},
    )
    return closed


def _locked(handoff_id: int, by: User) -> Handoff:
    """The hand-off as it is under its lead's lock, if `by` may know of it. A merge may move it while we wait: ask again."""
    while True:
        lead_id = Handoff.objects.values_list("lead_id", flat=True).get(pk=handoff_id)
        leads_lock([lead_id])
        handoff = Handoff.objects.select_related("owner").get(pk=handoff_id)
        if handoff.lead_id == lead_id:
            break
    is_mine = handoff.owner_id == by.pk
    is_of_my_team = by.team_id is not None and handoff.team_id == by.team_id
    if not may(by.role, Action.HANDOFF_DECIDE) or not (is_mine or is_of_my_team):
        raise NotAllowedError(
            _("This lead is not in your queue. Ask the manager of its team."), code="not_in_your_queue"
        )
    return handoff


def _move(
    handoff: Handoff,
    move: Move,
    *,
    by: User,
    now: datetime,
    why: RejectReason | None = None,
    note: str = "",
    **changes: Any,
) -> Handoff:
    """Make the move and tell of it. Raises ConflictError with the owner and the state where it is not possible."""
    state = after(State(handoff.state), move)
    is_theirs = may_touch(
        by.role,
        Action.HANDOFF_DECIDE,
        actor_id=by.pk,
        actor_team_id=by.team_id,
        owner_id=handoff.owner_id,
        team_id=handoff.team_id,
    )
    if state is None or not is_theirs:
        raise _conflict(handoff, move, by)
    updated = Handoff.objects.filter(
        pk=handoff.pk, lead_id=handoff.lead_id, owner_id=handoff.owner_id, state__in=origins(move), closed_at=None
    ).update(state=state, updated_at=now, **changes)
    handoff.refresh_from_db()
    if not updated:
        raise _conflict(handoff, move, by)
    HandoffEvent.objects.create(
        handoff=handoff, kind=_KINDS[move], state=handoff.state, by=by, at=now, reason=why, note=note
    )
    audit_record(
        action=f"handoff.{move}",
        subject_type="handoff",
        subject_id=handoff.pk,
        actor=by,
        details={"lead": handoff.lead_id, **({"reason": why.slug} if why else {})},
    )
    return handoff


_KINDS = {
    Move.CLAIM: HandoffEvent.Kind.CLAIMED,
    Move.RELEASE: HandoffEvent.Kind.RELEASED,
    Move.ACCEPT: HandoffEvent.Kind.ACCEPTED,
    Move.REJECT: HandoffEvent.Kind.REJECTED,
}


def _taken(handoff: Handoff, by: User) -> dict[str, Any]:
    """The change of owner; none where it is theirs already, so that why it was dealt to them stays told."""
    if handoff.owner_id == by.pk:
        return {}
    because = {"code": Because.TAKEN.value, "rep": by.pk, "passed_over": None}
    return {"owner_id": by.pk, "team_id": by.team_id, "routed_because": because}


def _conflict(handoff: Handoff, move: Move, by: User) -> ConflictError:
    owner = handoff.owner
    return ConflictError(
        wording.conflict(
            state=State(handoff.state), move=move, owner=owner.name if owner else None, is_own=owner == by
        ),
        code="handoff_state",
        extra={
            "handoff": handoff.pk,
            "state": handoff.state,
            "owner": {"id": owner.pk, "name": owner.name} if owner else None,
        },
    )


def _reason(slug: str) -> RejectReason:
    found = RejectReason.objects.filter(slug=slug, is_active=True).first() if "\0" not in slug else None
    if found is not None:
        return found
    known = ", ".join(RejectReason.objects.filter(is_active=True).values_list("slug", flat=True))
    code = "unknown_reason" if slug else "missing"
    sentence = _("Choose one of these reasons: %(known)s.") % {"known": known}
    raise BadRequestError(sentence, code=code, problems=[Problem(pointer="/reason", code=code, detail=sentence)])


def _check_note(note: str) -> None:
    sentence = code = ""
    if len(note) > NOTE_LENGTH:
        code, sentence = "too_long", _("Shorten the note to %(most)d characters.") % {"most": NOTE_LENGTH}
    elif "\0" in note or any("\ud800" <= letter <= "\udfff" for letter in note):
        code, sentence = "bad_character", _("The note holds a character that cannot be stored; remove it.")
    if code:
        raise BadRequestError(sentence, code=code, problems=[Problem(pointer="/note", code=code, detail=sentence)])


def _basis(lead_id: int) -> dict[str, object]:
    """What is true at the rejection, so that only a fast track that is newer ends the cool-down."""
    basis: dict[str, object] = {}
    for score in Score.objects.filter(lead=lead_id).select_related("model", "version"):
        cards = cards_by(score.version, model=score.model, lead_ids=[lead_id]) if score.is_fast_tracked else {}
        basis[str(score.model_id)] = basis_of(score, cards.get(lead_id)).to_json()
    return basis
