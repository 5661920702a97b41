"""Alignment meetings as people read them: who sat there for whom, and whether both sides did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from accounts.models import User
from scoring.models import AlignmentMeeting, MatrixVersion, MeetingParticipant
from scoring.services.aligning import is_complete

MOST: Final = 50


@dataclass(frozen=True, kw_only=True)
class MeetingShown:
    """One meeting. `missing` are the labels of the sides that were not there."""

    meeting: AlignmentMeeting
    participants: Sequence[MeetingParticipant]
    missing: Sequence[str]
    may_remove: bool

    @property
    def is_complete(self) -> bool:
        return not self.missing


def meetings_of_model(model_id: int, reader: User) -> list[MeetingShown]:
    """The meetings on a model, newest first. Two queries."""
    return _shown(AlignmentMeeting.objects.filter(model=model_id), reader)


def meetings_of_version(version: MatrixVersion, reader: User) -> list[MeetingShown]:
    """The meetings at which this version was spoken of."""
    return _shown(AlignmentMeeting.objects.filter(version=version), reader)


def _shown(rows: QuerySet[AlignmentMeeting], reader: User) -> list[MeetingShown]:
    meetings = rows.select_related("recorded_by", "version__model").defer("version__document")
    return [_one(each, reader) for each in meetings.prefetch_related("participants__user")[:MOST]]


def _one(meeting: AlignmentMeeting, reader: User) -> MeetingShown:
    participants = list(meeting.participants.all())
    sides = [each.side for each in participants]
    wanted = (MeetingParticipant.Side.SALES, MeetingParticipant.Side.MARKETING)
    return MeetingShown(
        meeting=meeting,
        participants=participants,
        missing=[] if is_complete(sides) else [str(side.label) for side in wanted if side not in sides],
        may_remove=meeting.recorded_by_id == reader.pk or reader.is_administrator,
    )
