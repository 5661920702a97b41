"""A publication that is spread, or quiet and released later: who waits, who goes first, and what ends it."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEntry, Role
from crm.models import Cause, Import, Lead
from crm.services.activities import activities_record
from crm.services.leads import lead_upsert
from crm.services.work import work_add
from handoff.models import Handoff, Release, Suppression
from handoff.services import handoffs_drain, handoffs_reconcile, version_release, version_release_stop
from handoff.services.release_state import release_state
from handoff.services.releasing import releases_drain
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import Run
from scoring.services.matrices import version_create
from scoring.services.rescoring import work_drain
from tests.handoff.conftest import DOCUMENT, at_rest

pytestmark = pytest.mark.django_db

PRICING = "https://ours.example/pricing"


def lower(at):
    document = deepcopy(DOCUMENT)
    document["stages"][1]["at"] = at
    return document


def settle():
    work_drain()
    handoffs_drain()


def judged_again():
    """What the run of a publication does."""
    work_add(lead_ids=list(Lead.objects.values_list("pk", flat=True)), cause=Cause.VERSION)
    settle()


def views(lead, times):
    for each in range(times):
        item = {
            "message_id": f"{lead.pk}-{timezone.now().timestamp()}-{each}",
            "lead": {"id": lead.pk},
            "kind": "page_view",
            "occurred_at": timezone.now().isoformat(),
            "url": PRICING,
        }
        (result,) = activities_record(feed="web", items=[item])
        assert result.status == "accepted", result


@pytest.fixture
def marketer(person):
    person(name="Rita", weekly_capacity=50)
    return person(Role.MARKETER, name="Mara")


@pytest.fixture
def leads(frozen_now, version, marketer):
    """Five people below the line of 50: with 10, 20, 30 points, and two with 40."""
    made = []
    for number, (seniority, count) in enumerate([("manager", 1), ("manager", 2), ("manager", 3), ("vp", 0), ("vp", 0)]):
        values = {"external_id": f"l{number}", "email": f"l{number}@theirs.example", "seniority": seniority}
        lead = lead_upsert(feed="crm", values=values).lead
        views(lead, count)
        made.append(lead)
    settle()
    assert not Handoff.objects.exists()
    frozen_now.shift(timedelta(hours=1))
    return made


@pytest.fixture
def spread(publish):
    """Publish with a line so low that all cross, the best so many a day."""

    def make(per_day=2, at=5, **values):
        made = publish(document=lower(at))
        made.per_day = per_day
        for name, value in values.items():
            setattr(made, name, value)
        made.save()
        return made

    return make


def opened():
    return list(Handoff.objects.order_by("pk").values_list("lead__email", flat=True))


def test_the_best_so_many_a_day_are_handed_off_until_none_is_left(leads, spread, frozen_now):
    version = spread(2)
    judged_again()
    assert set(opened()) == {"l3@theirs.example", "l4@theirs.example"}
    state = release_state(version)
    assert (state.held, state.released, state.days, state.is_running, state.per_day) == (3, 2, 2, True, 2)
    assert set(Suppression.objects.values_list("reason", "version", "imported_by")) == {("quiet", version.pk, None)}
    handoffs_drain()
    assert len(opened()) == 2
    frozen_now.shift(timedelta(days=1))
    handoffs_drain()
    assert set(opened()[2:]) == {"l2@theirs.example", "l1@theirs.example"}
    frozen_now.shift(timedelta(days=1))
    handoffs_drain()
    handoffs_drain()
    assert opened()[4:] == ["l0@theirs.example"]
    state = release_state(version)
    assert (state.held, state.released, state.is_finished, state.is_running) == (0, 5, True, False)
    assert handoffs_drain().done == {}
    at_rest()


def test_the_share_waits_until_the_run_has_judged_everybody(leads, spread, frozen_now):
    version = spread(2)
    run = Run.objects.create(model=version.model, version=version, as_of="2026-03-03", cause="version", total=5)
    judged_again()
    assert opened() == []
    assert release_state(version).is_judging
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    handoffs_drain()
    assert len(opened()) == 2


def test_the_share_waits_for_leads_that_are_not_settled_yet_but_not_for_ever(leads, spread, frozen_now):
    version = spread(2)
    Run.objects.create(
        model=version.model, version=version, as_of="2026-03-03", cause="version", total=5, finished_at=timezone.now()
    )
    judged_again()
    Handoff.objects.all().delete()
    Release.objects.update(released_on=None)
    # Two are qualified and neither handed off nor held back.
    assert releases_drain(now=timezone.now()) == 0
    frozen_now.shift(timedelta(hours=1, minutes=1))
    assert releases_drain(now=timezone.now()) == 2


def test_who_does_something_new_comes_in_without_waiting(leads, spread, frozen_now):
    spread(1)
    judged_again()
    assert len(opened()) == 1
    frozen_now.shift(timedelta(minutes=1))
    views(leads[0], 1)
    settle()
    assert opened()[1:] == ["l0@theirs.example"]
    at_rest()


def test_who_crosses_by_their_own_deeds_is_not_held(leads, spread):
    spread(1)
    judged_again()
    new = lead_upsert(feed="crm", values={"email": "new@theirs.example", "seniority": "vp"}).lead
    settle()
    assert Handoff.objects.filter(lead=new, closed_at=None).exists()


def test_whom_the_version_before_qualified_is_not_held(leads, spread):
    views(leads[0], 2)
    lead_upsert(feed="crm", values={"external_id": "l0", "seniority": "vp"})
    # Judged by the new version first, though the one before would have said so too.
    spread(1, at=25)
    judged_again()
    assert "l0@theirs.example" in opened()
    assert len(opened()) == 2


def test_who_falls_below_meanwhile_is_no_longer_held(leads, spread, publish):
    version = spread(1)
    judged_again()
    publish(document=lower(50))
    judged_again()
    assert not Suppression.objects.exists()
    handoffs_drain()
    assert release_state(version).is_finished


def test_stopped_it_holds_back_what_is_left_and_goes_on_when_asked(leads, spread, frozen_now, marketer):
    version = spread(1)
    judged_again()
    version_release_stop(version_id=version.pk, by=marketer)
    frozen_now.shift(timedelta(days=2))
    handoffs_drain()
    assert len(opened()) == 1
    assert release_state(version).is_stopped
    with pytest.raises(ConflictError):
        version_release_stop(version_id=version.pk, by=marketer)
    version_release(version_id=version.pk, per_day=3, by=marketer)
    handoffs_drain()
    assert len(opened()) == 4
    actions = AuditEntry.objects.filter(subject_type="matrix_version", subject_id=version.pk)
    assert set(actions.values_list("action", flat=True)) == {"version.release", "version.release_stop"}


def test_a_quiet_publication_is_let_go_all_at_once_when_somebody_asks(leads, publish, marketer):
    version = publish(document=lower(5), is_quiet=True)
    judged_again()
    assert opened() == []
    assert not Release.objects.exists()
    assert set(Suppression.objects.values_list("version", flat=True)) == {version.pk}
    version_release(version_id=version.pk, per_day=None, by=marketer)
    handoffs_drain()
    handoffs_drain()
    assert len(opened()) == 5
    assert release_state(version).is_finished
    # What is judged late is handed off too, and a quiet version after it begins with this one.
    late = lead_upsert(feed="crm", values={"email": "late@theirs.example", "seniority": "vp"}).lead
    settle()
    assert Handoff.objects.filter(lead=late).exists()
    at_rest()


def test_after_a_spread_that_is_through_the_next_quiet_version_holds_only_its_own(leads, spread, publish, frozen_now):
    spread(10, at=35)
    judged_again()
    handoffs_drain()
    assert set(opened()) == {"l3@theirs.example", "l4@theirs.example"}
    assert Release.objects.get().finished_at is not None
    # They are not in the queue any more, nor held.
    Handoff.objects.all().delete()
    quiet = publish(document=lower(5), is_quiet=True)
    judged_again()
    assert set(opened()) == {"l3@theirs.example", "l4@theirs.example"}
    assert Suppression.objects.filter(version=quiet).count() == 3


def test_two_spreads_in_a_row_go_on_side_by_side(leads, spread, frozen_now):
    first = spread(1, at=35)
    judged_again()
    assert len(opened()) == 1
    second = spread(1, at=5)
    judged_again()
    assert Suppression.objects.filter(version=first).count() == 1
    assert Suppression.objects.filter(version=second).count() == 2
    assert len(opened()) == 2
    frozen_now.shift(timedelta(days=1))
    handoffs_drain()
    assert len(opened()) == 4
    at_rest()


def test_killed_between_taking_and_opening_nothing_is_doubled_or_lost(leads, spread):
    version = spread(2)
    work_add(lead_ids=[lead.pk for lead in leads], cause=Cause.VERSION)
    work_drain()
    handoffs_reconcile()
    assert releases_drain(now=timezone.now()) == 2
    assert releases_drain(now=timezone.now()) == 0
    assert opened() == []
    handoffs_drain()
    handoffs_drain()
    assert len(opened()) == 2
    assert Release.objects.get(version=version).released == 2


@pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR])
def test_who_does_not_publish_releases_nothing(leads, spread, person, role):
    version = spread(1)
    with pytest.raises(NotAllowedError):
        version_release(version_id=version.pk, per_day=None, by=person(role))
    with pytest.raises(NotAllowedError):
        version_release_stop(version_id=version.pk, by=person(role))


def test_a_draft_holds_nobody_back(leads, version, marketer):
    draft = version_create(model=version.model, document=lower(5))
    with pytest.raises(ConflictError):
        version_release(version_id=draft.pk, per_day=None, by=marketer)
    for pace in (0, 10_001):
        with pytest.raises(InvalidError):
            version_release(version_id=version.pk, per_day=pace, by=marketer)


def test_a_release_is_of_one_thing_and_a_lead_is_held_by_one(leads, version):
    brought = Import.objects.create(feed="file", file_name="old.csv", size=1, digest="0", state="done")
    for both in ({"imported_by": brought, "version": version}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Release.objects.create(per_day=1, **both)
    with pytest.raises(IntegrityError), transaction.atomic():
        Suppression.objects.create(lead=leads[0], reason="quiet", imported_by=brought, version=version)


def test_an_import_and_a_publication_are_released_each_by_itself(leads, spread, marketer):
    """A release of the one must not end what the other holds."""
    version = spread(1)
    judged_again()
    brought = Import.objects.create(feed="file", file_name="old.csv", size=1, digest="0", state="done")
    Release.objects.create(imported_by=brought, per_day=None)
    handoffs_drain()
    assert Suppression.objects.filter(version=version).count() == 4
