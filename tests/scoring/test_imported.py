"""Which changes of a score say that one import alone caused them."""

from datetime import timedelta

import pytest

from crm.models import Cause, Import, Lead
from crm.services.activities import activities_record
from crm.services.leads import lead_update, leads_upsert_many
from scoring.models import ScoreChange
from scoring.services.runs import night_start, runs_drain
from tests.scoring.holding import Held
from tests.scoring.world import NOON, World


@pytest.fixture
def brought(world: World) -> Import:
    return Import.objects.create(feed="file", file_name="leads.csv", size=1, digest="0", created_by=world.admin)


def bring(brought: Import, email: str = "ann@buyer.example", **values: object) -> Lead:
    leads_upsert_many(feed="file", items=[{"email": email, **values}], import_id=brought.pk)
    return Lead.objects.get(email_key=email)


def history(brought: Import, lead: Lead, kind: str = "demo_request") -> None:
    item = {"message_id": "old", "lead": {"id": lead.pk}, "kind": kind, "occurred_at": NOON.isoformat()}
    (result,) = activities_record(feed="file", items=[item], import_id=brought.pk)
    assert result.status == "accepted"


def told(world: World, lead: Lead) -> list[tuple[list[str], int | None]]:
    return [(change.causes, change.imported_by_id) for change in world.changes(lead)]


def test_what_an_import_alone_changes_says_so(world: World, brought: Import) -> None:
    lead = bring(brought, title="VP Sales")
    history(brought, lead)
    assert world.total(lead) == 35
    assert told(world, lead) == [([Cause.IMPORTED], brought.pk)]
    assert not world.differences()


def test_what_others_changed_too_is_no_imports(world: World, brought: Import) -> None:
    lead = bring(brought, title="VP Sales")
    lead_update(lead_id=lead.pk, values={"country": "DE"}, by=world.admin)
    assert world.total(lead) == 30
    assert told(world, lead) == [([Cause.IMPORTED, Cause.LEAD_CHANGED], None)]


def test_two_imports_at_once_are_neither_alone(world: World, brought: Import) -> None:
    other = Import.objects.create(feed="file", file_name="more.csv", size=1, digest="1")
    lead = bring(brought, title="VP Sales")
    bring(other, country="DE")
    assert world.total(lead) == 30
    assert told(world, lead)[0][1] is None


def test_without_an_import_nothing_is_said_of_one(world: World) -> None:
    lead = world.lead(title="VP Sales")
    world.settle()
    assert told(world, lead) == [([Cause.LEAD_CREATED], None)]


def test_a_new_day_that_comes_to_a_lead_before_its_scorer_still_knows_the_import(
    world: World, brought: Import, frozen_now: object
) -> None:
    lead = bring(brought, title="VP Sales")
    frozen_now.shift(timedelta(days=1))  # type: ignore[attr-defined]
    assert night_start() == 1
    runs_drain()
    assert told(world, lead) == [([Cause.DAY], brought.pk)]
    world.settle()
    assert len(world.changes(lead)) == 1


@pytest.mark.django_db(transaction=True)
def test_what_comes_in_while_an_import_is_judged_counts_as_another_cause(shared_world: World) -> None:
    world = shared_world
    brought = Import.objects.create(feed="file", file_name="leads.csv", size=1, digest="0")
    lead = bring(brought, title="VP Sales")
    # The scorer has claimed the import's work, and has not read the facts.
    from scoring.services.rescoring import work_drain

    held = Held(lambda: work_drain(max_batches=1), before='FROM "crm_lead"')
    assert held.is_held()
    world.send(lead, "demo_request")
    held.release()
    assert ScoreChange.objects.get(lead=lead).imported_by_id is None
