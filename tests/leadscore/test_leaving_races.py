"""Real connections: what reaches somebody while they leave."""

import pytest

from accounts.models import Role
from handoff.models import Handoff
from handoff.services import handoffs_drain
from leadscore.leaving import person_leave
from tests.scoring.holding import Held
from tests.scoring.world import World


@pytest.mark.django_db(transaction=True)
def test_a_hand_off_dealt_to_somebody_who_is_just_leaving_reaches_the_successor(frozen_now, person):
    world = World()
    world.publish()
    rita, admin = person(name="Rita"), person(Role.ADMINISTRATOR)
    # Nobody else is dealt any.
    sam = person(name="Sam", weekly_capacity=0)
    lead = world.lead()
    world.send(lead, "demo_request")
    world.settle()
    leaving = Held(lambda: person_leave(user=rita, successor=sam, by=admin), before='INSERT INTO "accounts_auditentry"')
    assert leaving.is_held()
    handoffs_drain()
    assert Handoff.objects.get(lead=lead).owner == rita
    leaving.release()
    handoffs_drain()
    handoff = Handoff.objects.get(lead=lead)
    assert (handoff.owner, handoff.routed_because["code"]) == (sam, "passed_on")
    assert handoffs_drain().done == {}
