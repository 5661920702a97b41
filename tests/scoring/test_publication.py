"""Publishing: who may, what blocks it, and what it changes from one commit to the next."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Role, User
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import MatrixVersion, Run
from scoring.services.publication import version_publish
from tests.scoring.world import MATRIX, World, changed

State = MatrixVersion.State


def test_publishing_retires_the_version_before_and_opens_a_run(world: World) -> None:
    first = world.model.versions.get(state=State.PUBLISHED)
    lead = world.lead()
    world.settle()
    second = world.draft(changed(timezone="Europe/Berlin"))
    run = version_publish(version_id=second.pk, by=world.admin, reason="  Better.  ", quiet=True)
    first.refresh_from_db(), second.refresh_from_db(), world.model.refresh_from_db()
    assert (first.state, second.state) == (State.RETIRED, State.PUBLISHED)
    assert first.retired_at == second.published_at
    assert (second.publish_reason, second.is_emergency, second.is_quiet) == ("Better.", True, True)
    assert (world.model.active_version_id, world.model.time_zone) == (second.pk, "Europe/Berlin")
    assert (run.version_id, run.cause, run.total, run.finished_at) == (second.pk, "version", 1, None)
    entry = AuditEntry.objects.filter(action="version.publish").first()
    assert entry is not None
    assert (entry.actor_id, entry.details["replaces"], entry.details["reason"]) == (world.admin.pk, 1, "Better.")
    world.settle()
    run.refresh_from_db()
    assert run.finished_at is not None
    assert world.score(lead) is not None


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_but_an_administrator_publishes_without_signatures(world: World, role: Role) -> None:
    somebody = User.objects.create_user("somebody@ours.example", None, name="S", role=role)
    with pytest.raises(NotAllowedError) as refused:
        version_publish(version_id=world.draft().pk, by=somebody, reason="I want to.")
    edits = role in {Role.SALES_MANAGER, Role.MARKETER}
    assert refused.value.code == ("signatures_missing" if edits else "may_not_publish")


def test_a_publication_without_a_reason_is_refused(world: World) -> None:
    with pytest.raises(InvalidError) as refused:
        version_publish(version_id=world.draft().pk, by=world.admin, reason="  ")
    assert refused.value.code == "reason_required"


def test_errors_of_lint_block_a_publication_and_are_all_named(world: World) -> None:
    out_of_reach = changed(
        stages=[
            {"key": "cold", "label": "Cold"},
            {"key": "mql", "label": "M", "at": 900},
            {"key": "sql", "label": "S", "at": 950},
        ],
        criteria=[each for each in MATRIX["criteria"] if each["key"] != "demo"],
    )
    draft = world.draft(out_of_reach)
    with pytest.raises(InvalidError) as refused:
        version_publish(version_id=draft.pk, by=world.admin, reason="Now.")
    assert refused.value.code == "lint_errors"
    assert [problem.code for problem in refused.value.problems] == ["L02"]
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert Run.objects.filter(version=draft).count() == 0


def test_a_published_version_is_not_published_again_nor_a_retired_one(world: World) -> None:
    first = world.model.versions.get(number=1)
    with pytest.raises(ConflictError) as refused:
        version_publish(version_id=first.pk, by=world.admin, reason="Again.")
    assert refused.value.extra == {"state": "published"}
    world.publish(changed(points={"demo": 16}))
    with pytest.raises(ConflictError) as refused:
        version_publish(version_id=first.pk, by=world.admin, reason="Back.")
    assert refused.value.extra == {"state": "retired"}


def test_a_draft_that_a_publication_overtook_is_refused(world: World) -> None:
    old, new = world.draft(), world.draft(changed(points={"demo": 16}))
    version_publish(version_id=new.pk, by=world.admin, reason="First.")
    with pytest.raises(ConflictError) as refused:
        version_publish(version_id=old.pk, by=world.admin, reason="Second.")
    assert refused.value.extra == {"published": new.number}


def test_the_database_refuses_to_change_a_published_document(world: World) -> None:
    published = world.model.versions.get(number=1)
    with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
        MatrixVersion.objects.filter(pk=published.pk).update(checksum="sha256:0")
    with pytest.raises(IntegrityError, match="cannot be deleted"), transaction.atomic():
        MatrixVersion.objects.filter(pk=published.pk)._raw_delete("default")


def test_what_a_publication_asks_does_not_grow_with_the_leads(world: World) -> None:
    def asked() -> int:
        draft = world.draft()
        with CaptureQueriesContext(connection) as queries:
            version_publish(version_id=draft.pk, by=world.admin, reason="Now.")
        return len(queries)

    world.lead()
    few = asked()
    for _ in range(40):
        world.lead()
    assert asked() == few
