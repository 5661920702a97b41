"""Signing, editing, publishing and planned publications at the same moment, each held where the mistake would bite."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Notification, User
from kernel.errors import ConflictError, LeadscoreError
from scoring.models import MatrixVersion, PlannedPublication, Run, SignOff
from scoring.services.matrices import Edit, version_edit
from scoring.services.planned import plan_call_off, publications_due, version_plan
from scoring.services.publication import version_publish
from scoring.services.reviewing import version_submit
from scoring.services.rolling_back import version_roll_back
from scoring.services.signatures import version_sign
from tests.scoring.conftest import shared_world as shared_world
from tests.scoring.holding import Held, Other
from tests.scoring.world import World, changed
from tests.workbench.reviewed import Reviewers

State = MatrixVersion.State
HOUR = timedelta(hours=1)


@pytest.fixture
def world(shared_world: World) -> World:
    return shared_world


@pytest.fixture
def two(world: World) -> Reviewers:
    return Reviewers()


def edit(version: MatrixVersion, by: User) -> Callable[[], object]:
    points = [Edit(path="/criteria/demo/points", before=15, after=16)]
    return lambda: version_edit(version=version, edits=points, by=by)


def both(first: Callable[[], object], before: str, second: Callable[[], object]) -> LeadscoreError | None:
    """`first` stands before a statement while `second` runs into its lock; then both go on. What the second was told."""
    held = Held(act=first, before=before)
    assert held.is_held()
    other = Other(act=second)
    assert not other.until_done_or_blocked()
    held.release()
    try:
        other.join()
    except LeadscoreError as refusal:
        return refusal
    return None


def test_who_signs_while_another_edits_does_not_sign_what_they_did_not_read(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    told = both(
        edit(draft, two.marketing),
        'INSERT INTO "scoring_versionedit"',
        lambda: version_sign(version_id=draft.pk, by=two.sales, checksum=draft.checksum),
    )
    assert isinstance(told, ConflictError)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert not SignOff.objects.exists()


def test_who_edits_while_another_signs_clears_the_signature(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    told = both(
        lambda: version_sign(version_id=draft.pk, by=two.sales),
        'INSERT INTO "accounts_auditentry"',
        edit(draft, two.marketing),
    )
    assert told is None
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert not SignOff.objects.exists()


def test_two_of_one_side_who_sign_at_once_sign_once(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    another = Reviewers().sales
    told = both(
        lambda: version_sign(version_id=draft.pk, by=two.sales),
        'INSERT INTO "accounts_auditentry"',
        lambda: version_sign(version_id=draft.pk, by=another),
    )
    assert told is not None
    assert told.code == "side_signed"


def test_what_is_edited_while_it_is_published_is_not_published_unseen(world: World, two: Reviewers) -> None:
    draft = two.sign(world.draft())
    told = both(
        edit(draft, two.marketing),
        'INSERT INTO "scoring_versionedit"',
        lambda: version_publish(version_id=draft.pk, by=two.sales),
    )
    assert told is not None
    assert told.code == "edited_meanwhile"
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert not Run.objects.filter(version=draft).exists()


def test_what_is_published_while_it_is_edited_stays_as_it_was_signed(world: World, two: Reviewers) -> None:
    draft = two.sign(world.draft())
    told = both(
        lambda: version_publish(version_id=draft.pk, by=two.sales),
        'INSERT INTO "accounts_auditentry"',
        edit(draft, two.marketing),
    )
    assert told is not None
    assert told.code == "version_immutable"
    checksum = draft.checksum
    draft.refresh_from_db()
    assert (draft.state, draft.checksum) == (State.PUBLISHED, checksum)
    assert SignOff.objects.filter(version=draft).count() == 2


def test_the_same_version_published_twice_at_once_is_published_once(world: World, two: Reviewers) -> None:
    draft = two.sign(world.draft())
    told = both(
        lambda: version_publish(version_id=draft.pk, by=two.sales),
        'INSERT INTO "accounts_auditentry"',
        lambda: version_publish(version_id=draft.pk, by=two.marketing),
    )
    assert told is not None
    assert told.code == "not_a_draft"
    assert Run.objects.filter(version=draft).count() == 1


@pytest.mark.parametrize("is_later_first", [True, False])
def test_of_two_versions_published_at_once_one_wins_and_the_other_is_told(
    world: World, two: Reviewers, is_later_first: bool
) -> None:
    drafts = [two.sign(world.draft()), two.sign(world.draft(changed(points={"demo": 16})))]
    first, second = reversed(drafts) if is_later_first else drafts
    told = both(
        lambda: version_publish(version_id=first.pk, by=two.sales),
        'INSERT INTO "accounts_auditentry"',
        lambda: version_publish(version_id=second.pk, by=two.marketing),
    )
    assert isinstance(told, ConflictError)
    assert told.extra == {"published": first.number}
    second.refresh_from_db()
    assert second.state == State.IN_REVIEW


def test_a_roll_back_while_another_version_is_published_waits_and_is_the_last_word(
    world: World, two: Reviewers
) -> None:
    old = world.model.versions.get(number=1)
    world.publish(changed(points={"demo": 16}))
    draft = two.sign(world.draft(changed(points={"demo": 17})))
    told = both(
        lambda: version_publish(version_id=draft.pk, by=two.sales),
        'INSERT INTO "accounts_auditentry"',
        lambda: version_roll_back(version_id=old.pk, by=world.admin, reason="Back."),
    )
    assert told is None
    world.model.refresh_from_db()
    assert world.model.active_version is not None
    assert world.model.active_version.origin == "rollback:1"
    assert world.model.versions.filter(state=State.PUBLISHED).count() == 1


def test_submitted_and_edited_at_once_it_is_a_draft(world: World, two: Reviewers) -> None:
    draft = two.submit(world.draft())
    version_edit(
        version=draft, edits=[Edit(path="/criteria/demo/label", before="Asked for a demo", after="D")], by=None
    )
    told = both(
        edit(draft, two.marketing),
        'INSERT INTO "scoring_versionedit"',
        lambda: version_submit(version_id=draft.pk, by=two.sales),
    )
    draft.refresh_from_db()
    # Submitted is what was edited, if at all.
    assert (told is None) == (draft.state == State.IN_REVIEW)
    assert draft.document["criteria"][5]["points"] == 16


# Planned


@pytest.fixture
def due(world: World, two: Reviewers, frozen_now) -> MatrixVersion:
    draft = two.sign(world.draft())
    version_plan(version_id=draft.pk, by=two.sales, at=timezone.now() + HOUR)
    frozen_now.shift(HOUR)
    return draft


def test_two_sweepers_publish_what_is_due_once(due: MatrixVersion) -> None:
    done: list[int] = []
    told = both(
        lambda: done.append(publications_due()),
        'INSERT INTO "accounts_auditentry"',
        lambda: done.append(publications_due()),
    )
    assert told is None
    assert sorted(done) == [0, 1]
    assert AuditEntry.objects.filter(action="version.publish", subject_id=due.pk).count() == 1
    assert not AuditEntry.objects.filter(action="version.plan_refused").exists()
    assert not Notification.objects.filter(kind="publication_refused").exists()
    assert Run.objects.filter(version=due).count() == 1


def test_two_sweepers_refuse_what_may_not_go_live_once(due: MatrixVersion, two: Reviewers) -> None:
    SignOff.objects.filter(version=due, side="sales").delete()
    done: list[int] = []
    told = both(
        lambda: done.append(publications_due()),
        'UPDATE "scoring_plannedpublication"',
        lambda: done.append(publications_due()),
    )
    assert told is None
    assert sorted(done) == [0, 1]
    assert AuditEntry.objects.filter(action="version.plan_refused").count() == 1
    assert Notification.objects.filter(kind="publication_refused").count() == 1


def test_killed_while_it_publishes_the_next_sweeper_does(due: MatrixVersion) -> None:
    held = Held(act=publications_due, before='INSERT INTO "accounts_auditentry"')
    assert held.is_held()
    held.kill()
    due.refresh_from_db()
    assert due.state == State.IN_REVIEW
    assert publications_due() == 1
    due.refresh_from_db()
    assert due.state == State.PUBLISHED


def test_called_off_while_it_goes_live_it_is_told_that_it_is_too_late(due: MatrixVersion, two: Reviewers) -> None:
    told = both(
        publications_due,
        'INSERT INTO "accounts_auditentry"',
        lambda: plan_call_off(version_id=due.pk, by=two.marketing),
    )
    assert told is not None
    assert told.code == "no_plan"


def test_called_off_just_before_it_would_go_live_it_does_not(due: MatrixVersion, two: Reviewers) -> None:
    done: list[int] = []
    told = both(
        lambda: plan_call_off(version_id=due.pk, by=two.marketing),
        'INSERT INTO "accounts_auditentry"',
        lambda: done.append(publications_due()),
    )
    assert told is None
    assert done == [0]
    due.refresh_from_db()
    assert due.state == State.IN_REVIEW
    assert not PlannedPublication.objects.exists()


def test_edited_while_it_is_due_it_does_not_go_live(due: MatrixVersion, two: Reviewers) -> None:
    told = both(edit(due, two.marketing), 'INSERT INTO "scoring_versionedit"', publications_due)
    assert told is None
    due.refresh_from_db()
    assert due.state == State.DRAFT
    assert PlannedPublication.objects.get().refusal
    assert Notification.objects.filter(kind="publication_refused").count() == 1
