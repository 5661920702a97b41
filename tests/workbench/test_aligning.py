"""Alignment meetings: who sat at the table, for which side, and when it was complete."""

from datetime import date, timedelta

import pytest

from accounts.models import AuditEntry, Role
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import AlignmentMeeting
from scoring.services.aligning import Seat, is_complete, meeting_record, meeting_remove, side_of
from tests.scoring.conftest import world as world
from tests.scoring.world import World
from tests.workbench.reviewed import somebody

TODAY = date(2026, 3, 3)


def record(world: World, *seats: Seat, **parts: object) -> AlignmentMeeting:
    asked = {"held_on": TODAY, "note": " Pricing counts double. ", "by": world.admin, **parts}
    return meeting_record(model_id=world.model.pk, seats=seats, **asked)


def test_a_meeting_is_kept_with_its_people_its_draft_and_what_was_agreed(world: World) -> None:
    sam, mara = somebody(Role.SALES_MANAGER, "Sam"), somebody(Role.MARKETER, "Mara")
    draft = world.draft()
    meeting = record(
        world, Seat(user_id=sam.pk, side="sales"), Seat(user_id=mara.pk, side="marketing"), version_id=draft.pk
    )
    assert (meeting.version, meeting.note, meeting.recorded_by) == (draft, "Pricing counts double.", world.admin)
    assert list(meeting.participants.values_list("user__name", "side")) == [("Sam", "sales"), ("Mara", "marketing")]
    assert AuditEntry.objects.get(action="model.meeting").details["people"] == [sam.pk, mara.pk]


def test_it_is_complete_only_where_both_sides_took_part() -> None:
    assert is_complete(["sales", "other", "marketing"])
    assert not is_complete(["sales", "sales", "other"])
    assert not is_complete(["marketing"])
    assert not is_complete([])


def test_a_role_says_for_whom_somebody_speaks_at_first() -> None:
    assert {role: str(side_of(role)) for role in Role} == {
        Role.REP: "sales",
        Role.SALES_MANAGER: "sales",
        Role.MARKETER: "marketing",
        Role.ADMINISTRATOR: "other",
        Role.AUDITOR: "other",
    }


def test_what_cannot_be_is_refused_and_nothing_is_kept(world: World) -> None:
    sam = somebody(Role.SALES_MANAGER, "Sam")
    seat = Seat(user_id=sam.pk, side="sales")
    other = World().draft()
    for seats, parts, code in (
        ([seat], {"held_on": TODAY + timedelta(days=1)}, "to_come"),
        ([], {}, "nobody"),
        ([seat, Seat(user_id=sam.pk, side="marketing")], {}, "twice"),
        ([Seat(user_id=sam.pk, side="finance")], {}, "side"),
        ([Seat(user_id=10**9, side="sales")], {}, "nobody_such"),
        ([seat], {"version_id": other.pk}, "version"),
        ([seat], {"note": "x" * 20_001}, "note_too_long"),
    ):
        with pytest.raises(InvalidError) as refused:
            record(world, *seats, **parts)
        assert refused.value.code == code
    assert not AlignmentMeeting.objects.exists()


def test_only_who_edits_drafts_writes_meetings_down_and_only_their_own_are_removed(world: World) -> None:
    sam, mara = somebody(Role.SALES_MANAGER, "Sam"), somebody(Role.MARKETER, "Mara")
    seat = Seat(user_id=sam.pk, side="sales")
    with pytest.raises(NotAllowedError):
        record(world, seat, by=somebody(Role.AUDITOR))
    meeting = record(world, seat, by=sam)
    with pytest.raises(NotAllowedError):
        meeting_remove(meeting_id=meeting.pk, by=mara)
    meeting_remove(meeting_id=meeting.pk, by=sam)
    with pytest.raises(ConflictError):
        meeting_remove(meeting_id=meeting.pk, by=world.admin)
    assert AuditEntry.objects.filter(action="model.meeting_remove").exists()
