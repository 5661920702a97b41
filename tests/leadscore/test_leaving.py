"""Somebody leaves: access, leads, companies and hand-offs, the successor told, and what the page says."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Notification, Role, Team
from accounts.notifications import wording
from crm.models import Cause, Company, FactChange, Lead, Work
from handoff.models import Handoff, HandoffEvent, RoutingTurn
from handoff.services import handoff_accept, handoff_claim, handoffs_drain
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from leadscore.leaving import belongings_of, person_leave
from scoring.models import Score
from tests.scoring.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(person):
    return person(name="Rita")


@pytest.fixture
def sam(person):
    return person(name="Sam")


@pytest.fixture
def admin(person):
    return person(Role.ADMINISTRATOR, name="Ada")


@pytest.fixture
def world(frozen_now):
    made = World()
    made.publish()
    return made


@pytest.fixture
def owned(world, rita):
    """A lead of Rita's in the queue, scored and handed off to her by the services everybody uses."""

    def make(**values):
        lead = world.lead(owner=rita.email, **values)
        world.send(lead, "demo_request")
        world.settle()
        handoffs_drain()
        return lead

    return make


def test_all_of_the_leaver_goes_to_the_successor_with_history(owned, world, rita, sam, admin):
    lead, quiet = owned(), world.lead(owner=rita.email)
    company = Company.objects.create(name="Theirs", domain="theirs.example", owner=rita)
    world.settle()
    turns = list(RoutingTurn.objects.order_by("user_id").values_list("user_id", "dealt", "position"))
    passed = person_leave(user=rita, successor=sam, by=admin)
    assert (passed.leads, passed.companies, passed.handoffs) == (2, 1, 1)
    assert set(Lead.objects.filter(owner=sam).values_list("pk", "revision")) == {(lead.pk, 2), (quiet.pk, 2)}
    company.refresh_from_db()
    assert company.owner == sam
    changes = FactChange.objects.filter(field="owner", before=rita.pk, after=sam.pk, changed_by=f"user:{admin.pk}")
    assert changes.count() == 3
    assert set(Work.objects.values_list("lead_id", "cause")) == {
        (lead.pk, Cause.LEAD_CHANGED),
        (quiet.pk, Cause.LEAD_CHANGED),
    }
    handoff = Handoff.objects.get(lead=lead)
    assert (handoff.owner, handoff.team, handoff.routed_because["code"]) == (sam, sam.team, "passed_on")
    event = handoff.events.get(kind=HandoffEvent.Kind.REASSIGNED)
    assert (event.by, event.params["from"], event.params["to"], event.params["why"]) == (admin, rita.pk, sam.pk, "left")
    # To pass on is not to deal.
    assert list(RoutingTurn.objects.order_by("user_id").values_list("user_id", "dealt", "position")) == turns
    world.settle()
    assert set(Score.objects.values_list("owner_id", flat=True)) == {sam.pk}
    assert not world.differences()
    assert handoffs_drain().done == {}


def test_the_successor_is_told_and_it_is_audited(owned, rita, sam, admin):
    owned()
    person_leave(user=rita, successor=sam, by=admin)
    told = Notification.objects.get(user=sam)
    assert told.kind == "leads_passed_on"
    assert wording(told.kind, told.params) == "1 lead of Rita is yours now. 1 open hand-off is in your queue."
    entry = AuditEntry.objects.get(action="user.leave")
    assert (entry.actor, entry.subject_id) == (admin, rita.pk)
    assert entry.details == {"successor": sam.pk, "leads": 1, "companies": 0, "handoffs": 1}
    rita.refresh_from_db()
    assert (rita.is_active, rita.successor) == (False, sam)
    assert rita.left_at is not None


def test_without_a_successor_hand_offs_are_dealt_anew_and_leads_are_nobodys(owned, rita, sam, admin):
    lead = owned()
    person_leave(user=rita, successor=None, by=admin)
    lead.refresh_from_db()
    assert lead.owner is None
    handoff = Handoff.objects.get(lead=lead)
    assert (handoff.owner, handoff.routed_because["code"]) == (sam, "round_robin")
    assert RoutingTurn.objects.get(user=sam).dealt == 1


def test_where_nobody_is_left_it_waits_in_the_teams_queue(owned, rita, admin, person):
    lead = owned()
    handoff_accept(handoff_id=Handoff.objects.get(lead=lead).pk, by=rita)
    person_leave(user=rita, successor=None, by=admin)
    handoff = Handoff.objects.get(lead=lead)
    assert (handoff.owner, handoff.team, handoff.state) == (None, rita.team, "accepted")
    later = person(name="Lars")
    handoffs_drain()
    handoff.refresh_from_db()
    assert (handoff.owner, handoff.state) == (later, "accepted")
    assert handoffs_drain().done == {}


@pytest.mark.parametrize(
    ("verb", "state"), [(None, "waiting"), (handoff_claim, "waiting"), (handoff_accept, "accepted")]
)
def test_what_was_claimed_waits_again_and_what_was_accepted_stays_accepted(owned, rita, sam, admin, verb, state):
    lead = owned()
    handoff = Handoff.objects.get(lead=lead)
    if verb:
        verb(handoff_id=handoff.pk, by=rita)
    person_leave(user=rita, successor=sam, by=admin)
    handoff.refresh_from_db()
    assert (handoff.owner, handoff.state, handoff.claimed_at) == (sam, state, None)


def test_a_hand_off_that_came_to_them_as_they_left_is_passed_on_by_settling(owned, rita, sam, admin):
    lead = owned()
    person_leave(user=rita, successor=sam, by=admin)
    # A claim that was under way commits only now.
    Handoff.objects.filter(lead=lead).update(owner=rita, state="claimed")
    handoffs_drain()
    handoff = Handoff.objects.get(lead=lead)
    assert (handoff.owner, handoff.state) == (sam, "waiting")
    assert handoffs_drain().done == {}


def test_merged_leads_of_theirs_do_not_come_back_to_them(world, rita, sam, admin):
    survivor, merged = world.lead(), world.lead(owner=rita.email)
    Lead.objects.filter(pk=merged.pk).update(merged_into=survivor)
    person_leave(user=rita, successor=sam, by=admin)
    merged.refresh_from_db()
    assert merged.owner == sam
    assert not Work.objects.filter(lead=merged, cause=Cause.LEAD_CHANGED).exists()


def test_an_open_session_ends_at_its_next_request(client, rita, admin, world):
    client.force_login(rita)
    assert client.get(reverse("queue")).status_code == 200
    person_leave(user=rita, successor=None, by=admin)
    answer = client.get(reverse("queue"))
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]


def test_a_failure_half_way_leaves_everything_as_it_was(owned, rita, sam, admin, monkeypatch):
    from leadscore import leaving

    owned()

    def breaks(**_):
        raise RuntimeError("The disk is full.")

    monkeypatch.setattr(leaving, "audit_record", breaks)
    with pytest.raises(RuntimeError):
        person_leave(user=rita, successor=sam, by=admin)
    rita.refresh_from_db()
    assert rita.is_active
    assert belongings_of(rita).handoffs == belongings_of(rita).leads == 1
    assert not Notification.objects.exists()


def test_who_may_not_and_what_cannot_be_is_refused(rita, sam, admin, person):
    with pytest.raises(NotAllowedError):
        person_leave(user=rita, successor=sam, by=person(Role.SALES_MANAGER))
    with pytest.raises(ConflictError, match="Another administrator"):
        person_leave(user=admin, successor=None, by=admin)
    other = person(Role.ADMINISTRATOR)
    for unable in (rita, other, person(is_active=False), person(Role.AUDITOR)):
        with pytest.raises(InvalidError):
            person_leave(user=rita, successor=unable, by=admin)
    person_leave(user=other, successor=None, by=admin)
    with pytest.raises(ConflictError, match="left already"):
        person_leave(user=other, successor=None, by=admin)


# The page


def test_the_page_says_what_is_theirs_and_offers_the_own_team_first(client, owned, rita, admin, person):
    owned()
    person(name="Aaron", team=Team.objects.create(name="Enterprise"))
    person(name="Zoe")
    person(Role.MARKETER, name="Mara")
    client.force_login(admin)
    page = client.get(reverse("person-leave", args=[rita.pk]))
    offered = [label for _value, label in page.context["form"].fields["successor"].choices]
    assert offered == [
        "Choose …",
        "Zoe (Sales rep, Inside sales)",
        "Aaron (Sales rep, Enterprise)",
        "Nobody: deal the hand-offs anew",
    ]
    assert page.context["belongings"].handoffs == 1
    body = page.content.decode()
    assert "Rita leaves the company" in body


def test_the_page_lets_leave_and_says_what_went_where(client, owned, rita, sam, admin):
    owned()
    client.force_login(admin)
    address = reverse("person-leave", args=[rita.pk])
    for unable in (rita.pk, "", "999999999999999999999"):
        assert client.post(address, {"successor": unable}).status_code == 422
    rita.refresh_from_db()
    assert rita.is_active
    answer = client.post(address, {"successor": sam.pk}, follow=True)
    assert "Passed on: 1 lead, 1 open hand-off." in answer.content.decode()
    rita.refresh_from_db()
    assert rita.successor == sam
    again = client.get(address)
    assert "has left already" in again.content.decode()
    assert client.post(address, {"successor": sam.pk}).status_code == 409


def test_nobody_is_chosen_and_not_what_happens_by_itself(client, owned, rita, admin):
    lead = owned()
    client.force_login(admin)
    client.post(reverse("person-leave", args=[rita.pk]), {"successor": "nobody"})
    lead.refresh_from_db()
    assert lead.owner is None


def test_who_has_nothing_leaves_without_a_question(client, sam, admin):
    client.force_login(admin)
    address = reverse("person-leave", args=[sam.pk])
    assert "Who takes over" not in client.get(address).content.decode()
    client.post(address)
    sam.refresh_from_db()
    assert not sam.is_active


@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.AUDITOR])
def test_for_everybody_else_there_is_no_such_page(client, rita, person, role):
    client.force_login(person(role))
    assert client.get(reverse("person-leave", args=[rita.pk])).status_code == 404
    assert client.post(reverse("person-leave", args=[rita.pk])).status_code == 404
    rita.refresh_from_db()
    assert rita.is_active
