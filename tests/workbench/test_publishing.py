"""Publishing what is signed, publishing at a time, rolling back, and looking again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Notification, Role
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import MatrixVersion, PlannedPublication, Score, VersionReview
from scoring.services.looking_again import reviews_ask, version_review
from scoring.services.matrices import Edit, version_edit
from scoring.services.observing import findings_of
from scoring.services.planned import plan_call_off, publications_due, version_plan
from scoring.services.publication import version_publish
from scoring.services.rolling_back import version_roll_back
from scoring.services.signatures import signature_withdraw
from tests.scoring.conftest import world as world
from tests.scoring.world import World, changed
from tests.workbench.reviewed import Reviewers, somebody

State = MatrixVersion.State
HOUR = timedelta(hours=1)


@pytest.fixture
def two(db: None) -> Reviewers:
    return Reviewers()


# Now


@pytest.mark.parametrize("role", [Role.SALES_MANAGER, Role.MARKETER, Role.ADMINISTRATOR])
def test_signed_by_both_sides_it_is_published_without_a_reason_and_is_no_emergency(
    world: World, two: Reviewers, role: Role
) -> None:
    draft = two.sign(world.draft())
    by = somebody(role, "Pat")
    version_publish(version_id=draft.pk, by=by)
    draft.refresh_from_db()
    assert (draft.state, draft.is_emergency, draft.published_by, draft.publish_reason) == ("published", False, by, "")
    entry = AuditEntry.objects.filter(action="version.publish").first()
    assert entry is not None
    assert entry.details["emergency"] is False
    told = Notification.objects.filter(kind="version_published", params__version=draft.pk)
    assert set(told.values_list("user__name", flat=True)) == {"Ada", "Sam", "Mara"}


def test_without_one_signature_it_is_not_published(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    for by in (two.sales, two.marketing):
        with pytest.raises(NotAllowedError) as refused:
            version_publish(version_id=draft.pk, by=by, reason="Soon.")
        assert refused.value.code == "signatures_missing"


def test_an_emergency_is_marked_for_ever(world: World, two: Reviewers) -> None:
    draft = world.draft()
    with pytest.raises(InvalidError) as refused:
        version_publish(version_id=draft.pk, by=world.admin)
    assert refused.value.code == "reason_required"
    version_publish(version_id=draft.pk, by=world.admin, reason="The site is down.")
    after = two.sign(world.draft(changed(points={"demo": 16})))
    version_publish(version_id=after.pk, by=two.sales)
    draft.refresh_from_db()
    assert (draft.state, draft.is_emergency, draft.publish_reason) == ("retired", True, "The site is down.")


def test_how_hand_offs_open_is_kept_with_the_version(world: World, two: Reviewers) -> None:
    draft = two.sign(world.draft())
    version_publish(version_id=draft.pk, by=two.sales, per_day=12)
    draft.refresh_from_db()
    assert (draft.per_day, draft.is_quiet) == (12, False)


@pytest.mark.parametrize("terms", [{"per_day": 0}, {"per_day": 10_001}, {"per_day": 5, "quiet": True}])
def test_a_pace_that_is_none_is_refused(world: World, two: Reviewers, terms) -> None:
    draft = two.sign(world.draft())
    with pytest.raises(InvalidError) as refused:
        version_publish(version_id=draft.pk, by=two.sales, **terms)
    assert refused.value.code == "per_day"
    with pytest.raises(InvalidError):
        version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + HOUR, **terms)


# At a time


def test_a_planned_publication_goes_live_once_its_time_has_come_as_it_was_planned(
    world: World, two: Reviewers, frozen_now
) -> None:
    draft = two.sign(world.draft())
    version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + HOUR, quiet=True)
    assert publications_due() == 0
    frozen_now.shift(HOUR)
    assert publications_due() == 1
    draft.refresh_from_db()
    assert (draft.state, draft.published_by, draft.is_quiet, draft.is_emergency) == (
        "published",
        two.sales,
        True,
        False,
    )
    assert not PlannedPublication.objects.exists()
    assert publications_due() == 0
    assert AuditEntry.objects.filter(action="version.plan").exists()


def test_called_off_it_does_not_go_live(world: World, two: Reviewers, frozen_now) -> None:
    draft = two.sign(world.draft())
    version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + HOUR)
    with pytest.raises(NotAllowedError):
        plan_call_off(version_id=draft.pk, by=somebody(Role.REP))
    plan_call_off(version_id=draft.pk, by=two.marketing)
    with pytest.raises(ConflictError):
        plan_call_off(version_id=draft.pk, by=two.marketing)
    frozen_now.shift(HOUR)
    assert publications_due() == 0
    draft.refresh_from_db()
    assert draft.state == State.IN_REVIEW


def refused_at_its_time(frozen_now, draft: MatrixVersion) -> str:
    frozen_now.shift(HOUR)
    assert publications_due() == 1
    assert publications_due() == 0
    draft.refresh_from_db()
    assert draft.state != State.PUBLISHED
    plan = PlannedPublication.objects.get(version=draft)
    told = Notification.objects.get(kind="publication_refused")
    assert told.user == plan.planned_by
    assert told.params["refusal"] == plan.refusal
    return plan.refusal


def test_what_lost_a_signature_is_refused_at_its_time_and_the_refusal_is_kept(
    world: World, two: Reviewers, frozen_now
) -> None:
    draft = two.sign(world.draft())
    version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + HOUR)
    signature_withdraw(version_id=draft.pk, by=two.marketing)
    assert "signatures" in refused_at_its_time(frozen_now, draft)


def test_what_another_publication_overtook_is_refused_at_its_time(world: World, two: Reviewers, frozen_now) -> None:
    draft = two.sign(world.draft())
    version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + HOUR)
    world.publish(changed(points={"demo": 16}))
    assert "Version 3" in refused_at_its_time(frozen_now, draft)


def test_what_its_planner_left_behind_is_refused_at_its_time(world: World, two: Reviewers, frozen_now) -> None:
    draft = two.sign(world.draft())
    version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + HOUR)
    two.sales.is_active = False
    two.sales.save()
    frozen_now.shift(HOUR)
    assert publications_due() == 1
    assert "does not work here" in PlannedPublication.objects.get().refusal


def test_an_edit_ends_a_plan_at_once_and_whoever_planned_it_is_told(world: World, two: Reviewers, frozen_now) -> None:
    draft = world.draft()
    version_plan(version_id=draft.pk, by=world.admin, at=timezone.now() + HOUR, reason="Tonight.")
    version_edit(version=draft, edits=[Edit(path="/criteria/demo/points", before=15, after=16)], by=two.sales)
    assert Notification.objects.get(kind="publication_refused").user == world.admin
    frozen_now.shift(HOUR)
    assert publications_due() == 0
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    # What was refused is planned again.
    version_plan(version_id=draft.pk, by=world.admin, at=timezone.now() + HOUR, reason="Tomorrow.")
    frozen_now.shift(HOUR)
    assert publications_due() == 1
    draft.refresh_from_db()
    assert (draft.state, draft.is_emergency, draft.publish_reason) == ("published", True, "Tomorrow.")


def test_published_by_hand_before_its_time_nothing_is_planned_any_more(
    world: World, two: Reviewers, frozen_now
) -> None:
    draft = two.sign(world.draft())
    version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + HOUR)
    version_publish(version_id=draft.pk, by=two.marketing)
    frozen_now.shift(HOUR)
    assert publications_due() == 0
    assert not PlannedPublication.objects.exists()


def test_one_refused_plan_keeps_no_other_waiting(world: World, two: Reviewers, frozen_now) -> None:
    first = two.sign(world.draft())
    version_plan(version_id=first.pk, by=two.sales, at=timezone.now() + HOUR)
    second = two.sign(world.draft(changed(points={"demo": 16})))
    version_plan(version_id=second.pk, by=two.sales, at=timezone.now() + HOUR + HOUR)
    frozen_now.shift(3 * HOUR)
    two.sales.role = Role.REP
    two.sales.save()
    assert publications_due() == 2
    assert PlannedPublication.objects.exclude(refusal="").count() == 2


@pytest.mark.parametrize("wrong", [-HOUR, timedelta(0), timedelta(days=366)])
def test_a_time_that_is_past_or_too_far_is_refused(world: World, two: Reviewers, wrong: timedelta) -> None:
    draft = two.sign(world.draft())
    with pytest.raises(InvalidError) as refused:
        version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + wrong)
    assert refused.value.code == "not_in_the_future"


def test_what_may_not_be_published_may_not_be_planned(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    later = timezone.now() + HOUR
    with pytest.raises(NotAllowedError):
        version_plan(version_id=draft.pk, by=two.sales, at=later)
    with pytest.raises(InvalidError):
        version_plan(version_id=draft.pk, by=world.admin, at=later)
    with pytest.raises(ConflictError):
        version_plan(version_id=world.model.versions.get(number=1).pk, by=world.admin, at=later, reason="Again.")
    two.sign(draft)
    version_plan(version_id=draft.pk, by=two.sales, at=later)
    with pytest.raises(ConflictError) as refused:
        version_plan(version_id=draft.pk, by=two.sales, at=later)
    assert refused.value.code == "planned_already"


# Back


def figures(world: World) -> list[tuple]:
    return list(
        Score.objects.filter(model=world.model)
        .order_by("lead_id")
        .values_list("lead_id", "total", "rating", "stage", "is_qualified")
    )


def test_rolled_back_by_an_administrator_every_score_is_what_it_was(world: World, two: Reviewers) -> None:
    for number in range(12):
        lead = world.lead(seniority=["vp", "manager"][number % 2], country=["DE", "FR", "PL"][number % 3])
        for _ in range(number % 5):
            world.send(lead)
        if number % 4 == 0:
            world.send(lead, "demo_request")
    world.settle()
    before = figures(world)
    old = world.model.versions.get(number=1)
    world.publish(changed(points={"exec-title": 1, "pricing-page": 60, "demo": 2}))
    assert figures(world) != before
    made = version_roll_back(version_id=old.pk, by=world.admin, reason="Too many leads.")
    world.settle()
    made.refresh_from_db()
    assert figures(world) == before
    assert (made.number, made.state, made.origin, made.is_emergency) == (3, "published", "rollback:1", True)
    assert (made.document, made.checksum) == (old.document, old.checksum)
    assert world.differences() == []
    entry = AuditEntry.objects.get(action="version.roll_back")
    assert (entry.details["to"], entry.details["reason"]) == (1, "Too many leads.")


def test_rolled_back_by_anybody_else_it_waits_for_the_signatures(world: World, two: Reviewers) -> None:
    old = world.model.versions.get(number=1)
    judging = world.publish(changed(points={"demo": 16}))
    made = version_roll_back(version_id=old.pk, by=two.sales, reason="Please.")
    assert (made.state, made.submitted_by) == ("in_review", two.sales)
    world.model.refresh_from_db()
    assert world.model.active_version_id == judging.pk
    two.sign(made)
    version_publish(version_id=made.pk, by=two.sales)
    made.refresh_from_db()
    assert (made.state, made.is_emergency) == ("published", False)


def test_an_administrator_without_a_reason_asks_for_the_signatures_too(world: World) -> None:
    old = world.model.versions.get(number=1)
    world.publish(changed(points={"demo": 16}))
    assert version_roll_back(version_id=old.pk, by=world.admin).state == "in_review"


def test_there_is_no_way_back_to_what_judges_or_never_did(world: World, two: Reviewers) -> None:
    for version in (world.model.versions.get(number=1), world.draft()):
        with pytest.raises(ConflictError) as refused:
            version_roll_back(version_id=version.pk, by=world.admin, reason="Back.")
        assert refused.value.code == "not_retired"
    assert world.model.versions.count() == 2
    with pytest.raises(NotAllowedError):
        version_roll_back(version_id=world.model.versions.get(number=1).pk, by=somebody(Role.AUDITOR))


# Again


def test_a_review_is_asked_for_once_after_a_quarter_and_a_review_ends_it(
    world: World, two: Reviewers, frozen_now
) -> None:
    published = world.model.versions.get(number=1)
    frozen_now.shift(timedelta(days=90))
    assert reviews_ask() == 0
    frozen_now.shift(timedelta(days=1))
    assert reviews_ask() == 1
    assert reviews_ask() == 0
    told = Notification.objects.filter(kind="version_review_due")
    assert set(told.values_list("user__name", flat=True)) == {"Sam", "Mara"}
    assert "L18" in {each.code for each in findings_of(published)}
    version_review(version_id=published.pk, by=two.sales, note="Still right.")
    assert "L18" not in {each.code for each in findings_of(published)}
    assert VersionReview.objects.get().note == "Still right."
    assert AuditEntry.objects.get(action="version.review").actor == two.sales
    frozen_now.shift(timedelta(days=91))
    assert reviews_ask() == 1
    assert told.count() == 4


def test_only_what_judges_is_reviewed_with_words_by_who_edits(world: World, two: Reviewers) -> None:
    published = world.model.versions.get(number=1)
    with pytest.raises(ConflictError):
        version_review(version_id=world.draft().pk, by=two.sales, note="Fine.")
    with pytest.raises(InvalidError):
        version_review(version_id=published.pk, by=two.sales, note="  ")
    with pytest.raises(NotAllowedError):
        version_review(version_id=published.pk, by=somebody(Role.AUDITOR), note="Fine.")
