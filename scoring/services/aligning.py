"""Sales and marketing agree on a matrix at one table, and it is written down who sat there and what was agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.rights import Action, may
from accounts.services import audit_record
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import AlignmentMeeting, MatrixVersion, MeetingParticipant, ScoringModel

Side = MeetingParticipant.Side
LONGEST_NOTE = 20_000
_SIDES = {
    Role.REP: Side.SALES,
    Role.SALES_MANAGER: Side.SALES,
    Role.MARKETER: Side.MARKETING,
}


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Somebody at the table, and for which side they spoke."""

    user_id: int
    side: str


def side_of(role: str) -> Side:
    """For whom somebody of a role speaks, unless it is said otherwise."""
    return _SIDES.get(Role(role), Side.OTHER)


def is_complete(sides: Sequence[str]) -> bool:
    """Whether both sales and marketing took part: otherwise nothing was aligned."""
    return {Side.SALES, Side.MARKETING} <= {Side(side) for side in sides}


@transaction.atomic
def meeting_record(
    *,
    model_id: int,
    held_on: date,
    seats: Sequence[Seat],
    note: str,
    by: User,
    version_id: int | None = None,
) -> AlignmentMeeting:
    """Write down a meeting on a model, and the version that was spoken of.

    A meeting without one of the sides is kept too and shown as incomplete. Raises InvalidError for a day to come, an
    empty table, a person twice, a side that is none, or a version of another model.
    """
    _check_editor(by)
    if held_on > timezone.localdate():
        raise InvalidError(_("A meeting is written down once it was held: choose a day up to today."), code="to_come")
    if len(note) > LONGEST_NOTE:
        raise InvalidError(_("Say it in at most %(most)s characters.") % {"most": LONGEST_NOTE}, code="note_too_long")
    people = _people(seats)
    model = ScoringModel.objects.select_for_update(no_key=True).get(pk=model_id)
    version = None
    if version_id is not None:
        version = MatrixVersion.objects.filter(model=model, pk=version_id).defer("document").first()
        if version is None:
            raise InvalidError(_("This version belongs to another model: choose one of this model."), code="version")
    meeting = AlignmentMeeting.objects.create(
        model=model, version=version, held_on=held_on, note=note.strip(), recorded_by=by
    )
    MeetingParticipant.objects.bulk_create(
        MeetingParticipant(meeting=meeting, user=people[seat.user_id], side=seat.side) for seat in seats
    )
    audit_record(
        action="model.meeting",
        subject_type="scoring_model",
        subject_id=model.pk,
        actor=by,
        details={"meeting": meeting.pk, "held_on": held_on.isoformat(), "people": [seat.user_id for seat in seats]},
    )
    return meeting


@transaction.atomic
def meeting_remove(*, meeting_id: int, by: User) -> None:
    """Take back what one wrote down; an administrator takes back anybody's. Raises ConflictError where it is gone."""
    _check_editor(by)
    meeting = AlignmentMeeting.objects.select_for_update(no_key=True).filter(pk=meeting_id).first()
    if meeting is None:
        raise ConflictError(_("This meeting was removed meanwhile."), code="meeting_gone")
    if meeting.recorded_by_id != by.pk and not by.is_administrator:
        raise NotAllowedError(
            _("Only who wrote a meeting down removes it, or an administrator."), code="not_your_meeting"
        )
    audit_record(
        action="model.meeting_remove",
        subject_type="scoring_model",
        subject_id=meeting.model_id,
        actor=by,
        details={"meeting": meeting.pk, "held_on": meeting.held_on.isoformat()},
    )
    meeting.delete()


def _people(seats: Sequence[Seat]) -> dict[int, User]:
    if not seats:
        raise InvalidError(_("Say who took part: a meeting has people."), code="nobody")
    if len({seat.user_id for seat in seats}) < len(seats):
        raise InvalidError(_("Somebody stands there twice: each takes part once."), code="twice")
    if not {seat.side for seat in seats} <= set(Side.values):
        raise InvalidError(_("Say for each whether they spoke for sales, marketing or others."), code="side")
    people = User.objects.in_bulk([seat.user_id for seat in seats])
    if len(people) < len(seats):
        raise InvalidError(_("Somebody who is named does not work here."), code="nobody_such")
    return people


def _check_editor(by: User) -> None:
    if not may(by.role, Action.DRAFT_EDIT):
        raise NotAllowedError(_("You may read this matrix and not change it."), code="read_only")
