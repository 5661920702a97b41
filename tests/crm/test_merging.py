"""Two leads become one, and two again."""

import pytest

from accounts.models import AuditEntry
from crm.errors import UnknownLeadError
from crm.models import Activity, Cause, ExternalId, Lead, PossibleDuplicate, Work
from crm.services.activities import activities_record, activity_record_own
from crm.services.history import lead_facts
from crm.services.leads import lead_update, lead_upsert
from crm.services.merging import leads_merge, merge_undo
from kernel.errors import BadRequestError, ConflictError
from tests.crm.test_activities import page_view

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_now")]


def upsert(feed="crm", **values):
    return lead_upsert(feed=feed, values=values).lead


@pytest.fixture
def ann():
    lead = upsert(email="ann@acme.example", title="VP Sales", attributes={"plan": "pro"})
    activities_record(feed="web", items=[page_view("m1")])
    return lead


@pytest.fixture
def bob(ann):
    lead = upsert(feed="shop", external_id="7", first_name="Ann", phone="+48600100200", title="Intern",
                  attributes={"plan": "free", "seats": 3}, qualification={"budget": True}, consent=True)  # fmt: skip
    activities_record(feed="shop", items=[page_view("m2", lead={"external_id": "7"})])
    Work.objects.all().delete()
    return lead


def test_facts_move_to_the_survivor_and_fill_what_it_does_not_know(ann, bob):
    leads_merge(survivor_id=ann.pk, merged_id=bob.pk)

    ann.refresh_from_db()
    bob.refresh_from_db()
    assert bob.merged_into == ann
    assert Activity.objects.filter(lead=ann).count() == 2
    assert ExternalId.objects.get().lead == ann
    assert (ann.title, ann.seniority, ann.first_name, ann.phone_kind) == ("VP Sales", "vp", "Ann", "mobile")
    assert (ann.attributes, ann.qualification, ann.consent) == ({"plan": "pro", "seats": 3}, {"budget": True}, True)
    assert sorted(Work.objects.values_list("lead", "cause")) == sorted([(ann.pk, Cause.MERGED), (bob.pk, Cause.MERGED)])
    assert AuditEntry.objects.get().action == "lead.merge"


def test_undoing_gives_everything_back_exactly(ann, bob):
    before = [(lead_facts(lead), set(lead.activities.values_list("pk", flat=True))) for lead in (ann, bob)]
    merge = leads_merge(survivor_id=ann.pk, merged_id=bob.pk)

    merge_undo(merge_id=merge.pk)

    for lead, then in zip((ann, bob), before, strict=True):
        lead = Lead.objects.get(pk=lead.pk)
        assert (lead_facts(lead), set(lead.activities.values_list("pk", flat=True))) == then
    assert Lead.objects.get(pk=ann.pk).phone_key == ""
    assert ExternalId.objects.get().lead == bob
    assert Work.objects.filter(cause=Cause.UNMERGED).count() == 2


def test_what_changed_since_the_merge_is_not_undone(ann, bob):
    merge = leads_merge(survivor_id=ann.pk, merged_id=bob.pk)
    lead_update(lead_id=ann.pk, values={"first_name": "Anna"})
    activities_record(feed="shop", items=[page_view("m3", lead={"external_id": "7"})])

    merge_undo(merge_id=merge.pk)

    assert Lead.objects.get(pk=ann.pk).first_name == "Anna"
    assert Activity.objects.get(message_id="m3").lead == ann


def test_what_is_sent_to_a_merged_lead_reaches_the_survivor(ann):
    cid = upsert(email="cid@acme.example")
    leads_merge(survivor_id=ann.pk, merged_id=cid.pk)

    activities_record(
        feed="web",
        items=[page_view("m8", lead={"email": "cid@acme.example"}), page_view("m9", lead={"id": cid.pk})],
    )
    assert upsert(email="cid@acme.example", city="X") == ann
    assert activity_record_own(lead_id=cid.pk, kind="conversation").lead == ann
    assert ann.activities.count() == 4


def test_a_chain_of_merges_ends_at_the_last_survivor_and_is_undone_from_its_end(ann, bob):
    cid = upsert(email="cid@acme.example")
    first = leads_merge(survivor_id=bob.pk, merged_id=ann.pk)
    second = leads_merge(survivor_id=cid.pk, merged_id=bob.pk)

    activities_record(feed="web", items=[page_view("m9", lead={"id": ann.pk})])
    assert cid.activities.count() == 3
    with pytest.raises(ConflictError) as refused:
        merge_undo(merge_id=first.pk)
    assert refused.value.code == "merged_further"

    merge_undo(merge_id=second.pk)
    merge_undo(merge_id=first.pk)
    assert ann.activities.get().message_id == "m1"


def test_a_merge_settles_the_possible_duplicate(ann, bob):
    pair = PossibleDuplicate.objects.create(first=min(ann, bob, key=lambda lead: lead.pk),
                                            second=max(ann, bob, key=lambda lead: lead.pk), reason="visitor")  # fmt: skip

    leads_merge(survivor_id=bob.pk, merged_id=ann.pk)

    pair.refresh_from_db()
    assert pair.settled_at is not None


def test_the_survivor_takes_an_address_it_did_not_have(ann, bob):
    merge = leads_merge(survivor_id=bob.pk, merged_id=ann.pk)

    bob.refresh_from_db()
    assert (bob.email_key, bob.email_kind, bob.company_id) == ("ann@acme.example", "work", ann.company_id)
    assert upsert(email="ann@acme.example", city="X") == bob

    merge_undo(merge_id=merge.pk)
    assert upsert(email="ann@acme.example", city="Y") == ann


def test_impossible_merges_are_refused(ann, bob):
    with pytest.raises(BadRequestError):
        leads_merge(survivor_id=ann.pk, merged_id=ann.pk)
    with pytest.raises(UnknownLeadError):
        leads_merge(survivor_id=ann.pk, merged_id=999_999)
    merge = leads_merge(survivor_id=ann.pk, merged_id=bob.pk)
    with pytest.raises(ConflictError):
        leads_merge(survivor_id=ann.pk, merged_id=bob.pk)
    merge_undo(merge_id=merge.pk)
    with pytest.raises(ConflictError):
        merge_undo(merge_id=merge.pk)
