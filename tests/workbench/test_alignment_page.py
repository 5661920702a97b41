"""The page of alignment meetings, and those of a version on its review tab."""

import pytest
from django.test import Client

from accounts.models import Role, User
from scoring.models import AlignmentMeeting
from scoring.services.aligning import Seat, meeting_record
from tests.scoring.conftest import world as world
from tests.scoring.world import World
from tests.workbench.reviewed import somebody

HOSTILE = "<script>alert(1)</script>"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sam(db: None) -> User:
    return somebody(Role.SALES_MANAGER, "Sam")


@pytest.fixture
def mara(db: None) -> User:
    return somebody(Role.MARKETER, "Mara")


def address(world: World) -> str:
    return f"/admin/workbench/models/{world.model.pk}/alignment/"


def test_a_meeting_is_written_down_with_sides_by_role_and_shown_with_its_version(
    world: World, sam: User, mara: User
) -> None:
    draft = world.draft()
    asked = {
        "held_on": "2026-03-02",
        "version": str(draft.pk),
        "person": ["", str(sam.pk), str(mara.pk)],
        "side": ["", "", "marketing"],
        "note": f"Agreed. {HOSTILE}",
    }
    answer = signed_in(mara).post(f"{address(world)}record/", asked, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(address(world), 302)]
    assert "both sides took part" in page
    assert HOSTILE not in page
    meeting = AlignmentMeeting.objects.get()
    assert set(meeting.participants.values_list("user__name", "side")) == {("Sam", "sales"), ("Mara", "marketing")}
    part = signed_in(sam).get(f"/admin/workbench/{draft.pk}/alignment/").content.decode()
    assert "both sides took part" in part
    assert "Remove" not in part


def test_without_one_side_it_is_plainly_incomplete(world: World, sam: User) -> None:
    signed_in(sam).post(f"{address(world)}record/", {"held_on": "2026-03-02", "person": [sam.pk], "side": [""]})
    assert "not complete: nobody of marketing" in signed_in(sam).get(address(world)).content.decode()


def test_what_is_refused_stays_in_the_form(world: World, sam: User) -> None:
    client = signed_in(sam)
    for asked, sentence in (
        ({"held_on": "2027-01-01", "person": [sam.pk], "side": ["sales"]}, "once it was held"),
        ({"held_on": "soon", "person": [sam.pk], "side": ["sales"]}, "on which day"),
        ({"held_on": "2026-03-02"}, "who took part"),
        ({"held_on": "2026-03-02", "person": [10**15], "side": [""]}, "sales, marketing or others"),
    ):
        answer = client.post(f"{address(world)}record/", {**asked, "note": "Typed long"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert sentence in page
        assert "Typed long" in page
    assert not AlignmentMeeting.objects.exists()


def test_an_auditor_reads_meetings_and_writes_none(world: World, sam: User) -> None:
    seat = Seat(user_id=sam.pk, side="sales")
    meeting = meeting_record(
        model_id=world.model.pk, held_on=world.admin.created_at.date(), seats=[seat], note="", by=sam
    )
    client = signed_in(somebody(Role.AUDITOR))
    page = client.get(address(world)).content.decode()
    assert "Sam" in page
    assert "Write it down" not in page
    assert client.post(f"{address(world)}record/", {}).status_code == 403
    assert client.post(f"{address(world)}{meeting.pk}/remove/").status_code == 403
    assert signed_in(sam).post(f"{address(world)}{meeting.pk}/remove/").status_code == 302
    assert not AlignmentMeeting.objects.exists()


def test_meetings_cost_as_many_queries_for_one_as_for_twenty(
    world: World, sam: User, mara: User, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    client = signed_in(sam)
    draft = world.draft()
    seats = [Seat(user_id=sam.pk, side="sales"), Seat(user_id=mara.pk, side="marketing")]

    def record() -> None:
        meeting_record(
            model_id=world.model.pk,
            held_on=world.admin.created_at.date(),
            seats=seats,
            note="",
            by=sam,
            version_id=draft.pk,
        )

    record()
    client.get(address(world))
    with django_assert_max_num_queries(20) as few:
        client.get(address(world))
    for _number in range(20):
        record()
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(address(world))
