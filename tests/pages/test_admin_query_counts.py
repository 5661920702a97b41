"""A list of records asks the database as often for one row as for twenty."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ApiKey, AuditEntry, Notification, Role, User
from crm.models import Activity, Company, FactChange, Lead, LeadMerge, PossibleDuplicate, Quarantine, Work
from crm.services.leads import lead_update
from crm.services.merging import leads_merge
from handoff.models import Handoff, HandoffEvent, RoutingTurn, Suppression
from handoff.services import handoffs_drain
from scoring.models import MatrixVersion, Run, Score, ScoreChange, ScoringModel

LISTS = [
    User, ApiKey, AuditEntry, Notification, Lead, Company, Activity, LeadMerge, PossibleDuplicate, FactChange, Work,
    Quarantine, ScoringModel, MatrixVersion, Score, ScoreChange, Run, Handoff, HandoffEvent, Suppression, RoutingTurn,
]  # fmt: skip


def more(world, person, number):
    """One row more for each list, each with relations of its own."""
    rep = person(Role.REP)
    lead = world.lead(title="CEO", owner=rep.email, company={"name": f"Firm {number}"})
    twin, other = world.lead(), world.lead(owner=rep.email)
    lead_update(lead_id=lead.pk, values={"city": "Kraków"})
    leads_merge(survivor_id=lead.pk, merged_id=twin.pk, by=rep)
    PossibleDuplicate.objects.create(first=lead, second=other, reason="visitor")
    world.send(lead, "demo_request")
    world.publish()
    handoffs_drain()
    Suppression.objects.create(lead=other, reason="decided", since=lead.created_at, looked_at=lead.created_at)
    ApiKey.objects.create(name="Key", prefix="ls_live_x", key_hash=f"h{number}", feed="web", scopes=[], created_by=rep)
    Notification.objects.create(user=rep, kind="erasure_requested", params={"lead": lead.pk})
    Quarantine.objects.create(kind="score", lead=lead, code="scoring_failed", detail="It stopped.", settled_by=rep)
    # What waited was judged by the publication.
    for _ in range(number):
        Work.objects.create(lead=lead, cause="retry")


def test_every_list_of_records_asks_a_constant_number_of_times(world, person, signed_in):
    client = signed_in(Role.ADMINISTRATOR)
    urls = {model: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in LISTS}

    def asked():
        counts = {}
        for model, url in urls.items():
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            counts[model.__name__] = (len(queries), model.objects.count())
        return counts

    for number in range(2):
        more(world, person, number)
    few = asked()
    for number in range(2, 8):
        more(world, person, number)
    many = asked()
    assert not [name for name in few if many[name][1] <= few[name][1] and name != "ScoringModel"], "rows were added"
    assert {name: count for name, (count, _rows) in many.items()} == {name: c for name, (c, _rows) in few.items()}
