"""Claim, release, accept, reject: who may, what it does, and who is told what when they come second."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry, Role, Team
from crm.models import Activity, Work
from handoff.models import Handoff, Suppression
from handoff.services import handoff_accept, handoff_claim, handoff_reject, handoff_release, handoffs_drain
from kernel.errors import BadRequestError, ConflictError, NotAllowedError
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
VERBS = [handoff_claim, handoff_release, handoff_accept, handoff_reject]


def decide(verb, handoff, by):
    return verb(handoff_id=handoff.pk, by=by, **({"reason": "no-budget"} if verb is handoff_reject else {}))


@pytest.fixture
def rep(person):
    return person(name="Rita Rep")


def test_a_claim_takes_a_hand_off_out_of_the_teams_queue(frozen_now, opened, rep):
    handoff = opened(unowned=True)
    claimed = handoff_claim(handoff_id=handoff.pk, by=rep)
    assert (claimed.state, claimed.owner, claimed.claimed_at) == ("claimed", rep, NOW)
    assert claimed.routed_because["code"] == "taken"


def test_a_claim_of_ones_own_keeps_why_it_was_dealt_to_one(opened, rep):
    handoff = opened(owner=rep)
    dealt, team = {"code": "round", "rep": rep.pk, "passed_over": None}, handoff.team
    Handoff.objects.filter(pk=handoff.pk).update(routed_because=dealt)
    claimed = handoff_claim(handoff_id=handoff.pk, by=rep)
    assert (claimed.state, claimed.owner, claimed.team, claimed.routed_because) == ("claimed", rep, team, dealt)


def test_a_release_gives_it_back_to_the_team(opened, rep):
    handoff = opened(owner=rep)
    handoff_claim(handoff_id=handoff.pk, by=rep)
    released = handoff_release(handoff_id=handoff.pk, by=rep)
    assert (released.state, released.owner, released.team, released.claimed_at) == ("waiting", None, rep.team, None)
    # Given back is not lost: nobody is dealt it again by itself.
    assert handoffs_drain().done == {}


def test_accepting_from_the_teams_queue_makes_one_the_owner(frozen_now, opened, rep):
    handoff = opened(unowned=True)
    accepted = handoff_accept(handoff_id=handoff.pk, by=rep)
    assert (accepted.state, accepted.owner, accepted.decided_at, accepted.closed_at) == ("accepted", rep, NOW, None)


def test_a_manager_who_accepts_for_a_rep_leaves_it_to_the_rep(opened, rep, person):
    handoff = opened(owner=rep)
    accepted = handoff_accept(handoff_id=handoff.pk, by=person(Role.SALES_MANAGER))
    assert accepted.owner == rep


def test_a_rejection_closes_suppresses_and_tells_scoring(frozen_now, opened, rep, reasons):
    handoff = opened(owner=rep)
    rejected = handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget", note="Next year, they say.")
    assert (rejected.state, rejected.closed_at, rejected.reason) == ("rejected", NOW, reasons["no-budget"])
    held = Suppression.objects.get(lead=handoff.lead)
    assert (held.reason, held.until, held.handoff, held.may_return) == (
        "cool_down",
        NOW + timedelta(days=30),
        rejected,
        True,
    )
    activity = Activity.objects.get(lead=handoff.lead, kind="sales_rejected")
    assert (activity.feed, activity.properties) == ("leadscore", {"reason": "no-budget", "handoff": handoff.pk})
    assert Work.objects.filter(lead=handoff.lead).exists()
    event = handoff.events.get(kind="rejected")
    assert (event.by, event.note, event.reason) == (rep, "Next year, they say.", reasons["no-budget"])
    # The lead still qualifies, and stays out.
    assert handoffs_drain().done == {}


@pytest.mark.parametrize("verb", VERBS)
def test_a_decision_writes_its_event_and_one_audit_row(verb, opened, rep, reasons):
    handoff = opened(owner=rep)
    if verb is handoff_release:
        handoff_claim(handoff_id=handoff.pk, by=rep)
    before = AuditEntry.objects.count()
    decide(verb, handoff, rep)
    entry = AuditEntry.objects.first()
    assert AuditEntry.objects.count() == before + 1
    assert (entry.actor, entry.subject_type, entry.subject_id) == (rep, "handoff", handoff.pk)
    assert entry.action == f"handoff.{verb.__name__.removeprefix('handoff_')}"
    assert handoff.events.filter(by=rep, kind__startswith=entry.action[8:12]).count() == 1


@pytest.mark.parametrize("verb", VERBS)
def test_a_refused_decision_writes_nothing(verb, opened, rep, person, reasons):
    handoff = opened(owner=rep)
    before = (AuditEntry.objects.count(), handoff.events.count(), Suppression.objects.count(), Activity.objects.count())
    with pytest.raises(ConflictError):
        decide(verb, handoff, person())
    assert before == (
        AuditEntry.objects.count(),
        handoff.events.count(),
        Suppression.objects.count(),
        Activity.objects.count(),
    )


@pytest.mark.parametrize("verb", [handoff_claim, handoff_accept, handoff_reject])
def test_who_comes_second_is_told_who_has_it(verb, opened, rep, person, reasons):
    handoff = opened(unowned=True)
    handoff_accept(handoff_id=handoff.pk, by=rep)
    with pytest.raises(ConflictError) as caught:
        decide(verb, handoff, person())
    assert caught.value.detail == "Rita Rep has accepted this lead."
    assert caught.value.extra == {
        "handoff": handoff.pk,
        "state": "accepted",
        "owner": {"id": rep.pk, "name": "Rita Rep"},
    }


def test_deciding_twice_says_that_one_did_so_already(opened, rep):
    handoff = opened(owner=rep)
    handoff_accept(handoff_id=handoff.pk, by=rep)
    with pytest.raises(ConflictError, match="You have accepted this lead already"):
        handoff_accept(handoff_id=handoff.pk, by=rep)


def test_a_colleagues_hand_off_is_theirs(opened, rep, person):
    handoff = opened(owner=rep)
    with pytest.raises(ConflictError, match="This lead waits for Rita Rep"):
        handoff_claim(handoff_id=handoff.pk, by=person())


def test_only_a_claimed_hand_off_can_be_given_back(opened, rep):
    handoff = opened(owner=rep)
    with pytest.raises(ConflictError, match="Only a claimed lead can be given back"):
        handoff_release(handoff_id=handoff.pk, by=rep)


def test_an_expired_hand_off_says_so(opened, rep):
    handoff = opened(owner=rep)
    Handoff.objects.filter(pk=handoff.pk).update(state="expired", closed_at=NOW)
    with pytest.raises(ConflictError, match="has expired"):
        handoff_accept(handoff_id=handoff.pk, by=rep)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", [Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_people_outside_sales_decide_nothing(verb, role, opened, rep, person, reasons):
    handoff = opened(owner=rep)
    with pytest.raises(NotAllowedError) as caught:
        decide(verb, handoff, person(role))
    assert caught.value.code == "not_in_your_queue"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER])
def test_another_teams_queue_is_out_of_reach(verb, role, opened, rep, person, reasons):
    handoff = opened(owner=rep)
    stranger = person(role, team=Team.objects.create(name="Other region"))
    with pytest.raises(NotAllowedError):
        decide(verb, handoff, stranger)


def test_people_without_a_team_share_no_queue(opened, rep, person):
    handoff = opened(unowned=True)
    Handoff.objects.filter(pk=handoff.pk).update(team=None)
    loner = person()
    type(loner).objects.filter(pk=loner.pk).update(team=None)
    loner.refresh_from_db()
    with pytest.raises(NotAllowedError):
        handoff_accept(handoff_id=handoff.pk, by=loner)


def test_a_hand_off_that_is_none_raises(rep):
    with pytest.raises(Handoff.DoesNotExist):
        handoff_accept(handoff_id=999_999, by=rep)


@pytest.mark.parametrize(
    ("reason", "note", "pointer", "code"),
    [
        ("", "", "/reason", "missing"),
        ("because", "", "/reason", "unknown_reason"),
        ("no\0budget", "", "/reason", "unknown_reason"),
        ("no-budget", "x" * 2_001, "/note", "too_long"),
        ("no-budget", "a\0b", "/note", "bad_character"),
        ("no-budget", "a\ud800b", "/note", "bad_character"),
    ],
)
def test_a_rejection_that_cannot_be_read_says_what_to_do(reason, note, pointer, code, opened, rep, reasons):
    handoff = opened(owner=rep)
    with pytest.raises(BadRequestError) as caught:
        handoff_reject(handoff_id=handoff.pk, by=rep, reason=reason, note=note)
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.code) == (pointer, code)
    assert problem.detail.endswith((".", "it."))
    handoff.refresh_from_db()
    assert handoff.state == "waiting"


def test_a_reason_that_is_no_longer_offered_is_none(opened, rep, reasons):
    handoff = opened(owner=rep)
    reasons["no-budget"].is_active = False
    reasons["no-budget"].save()
    with pytest.raises(BadRequestError, match="Choose one of these reasons"):
        handoff_reject(handoff_id=handoff.pk, by=rep, reason="no-budget")


def test_the_reasons_a_team_begins_with_are_sown(reasons):
    from importlib import import_module

    from handoff.models import RejectReason

    sown = {slug for slug, *_rest in import_module("handoff.migrations.0002_reject_reasons").REASONS}
    assert sown == {
        "no-phone",
        "personal-email",
        "not-decision-maker",
        "no-budget",
        "no-need",
        "wrong-region",
        "competitor",
        "student",
        "duplicate",
        "bad-timing",
    }
    assert RejectReason.objects.filter(is_active=True).count() >= 2
