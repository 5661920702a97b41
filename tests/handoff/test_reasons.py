"""Why a lead is in the queue, said of the score as it is now."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from crm.models import Lead
from handoff.queries import queue_rows
from handoff.services import handoffs_drain
from scoring.models import ScoreChange
from tests.scoring.conftest import world as world
from tests.scoring.world import changed


def qualified(world):
    lead = world.lead(country="DE", title="Chief Executive Officer", first_name="Cora")
    world.send(lead)
    world.send(lead, kind="demo_request")
    world.settle()
    return lead


def rows(world):
    from handoff.models import Handoff

    return queue_rows(user=world.admin, handoff_ids=list(Handoff.objects.order_by("pk").values_list("pk", flat=True)))


def test_after_a_publication_a_row_says_why_by_the_version_that_judges(world, person):
    person(Role.REP)
    lead = qualified(world)
    handoffs_drain()
    (before,) = rows(world)
    assert "Executive title" in before.why
    assert "demo" in before.why

    without = [each for each in changed()["criteria"] if each["key"] != "exec-title"]
    world.publish(changed(criteria=without, points={"germany": 30}), settle=False)
    world.settle()

    assert ScoreChange.objects.filter(lead=lead).latest("pk").card is None, "a run keeps no card"
    (after,) = rows(world)
    assert "Executive title" not in after.why
    assert "From Germany" in after.why


def test_a_page_of_rows_without_cards_asks_as_often_as_one(world, person):
    person(Role.REP)
    for _number in range(6):
        qualified(world)
    handoffs_drain()
    world.publish(changed(points={"germany": 12}))
    assert Lead.objects.count() == 6
    with CaptureQueriesContext(connection) as many:
        assert len(rows(world)) == 6
    from handoff.models import Handoff

    first = Handoff.objects.order_by("pk").values_list("pk", flat=True)[:1]
    with CaptureQueriesContext(connection) as one:
        assert len(queue_rows(user=world.admin, handoff_ids=list(first))) == 1
    assert len(many) <= len(one) + 1  # the list of ids itself
