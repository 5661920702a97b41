"""Facts as the engine is handed them: now, as of a day, and as they were known then."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm.models import Activity, ActivityKind, Lead
from crm.queries import engine_kinds, facts_for_leads, unmapped_kinds
from crm.services.activities import activities_record, activity_mark_bot, activity_withdraw
from crm.services.companies import company_update
from crm.services.leads import lead_update, lead_upsert
from crm.services.merging import leads_merge, merge_undo
from tests.crm.test_activities import page_view

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 3)


def facts(lead, **asked):
    found = facts_for_leads([lead.pk], **asked)
    return found[lead.pk].facts if found else None


def lead_on(lead, **asked):
    return facts(lead, **asked)["lead"]


@pytest.fixture
def ann(frozen_now):
    """Became a lead on 1 March as a manager; promoted on 3 March at noon."""
    frozen_now.move_to(datetime(2026, 3, 1, 9, tzinfo=UTC))
    values = {
        "email": "ann@acme.example",
        "title": "Marketing Manager",
        "attributes": {"plan": "free", "seats": 3},
        "qualification": {"budget": True},
        "company": {"employees": 40},
    }
    lead = lead_upsert(feed="crm", values=values).lead
    frozen_now.move_to(datetime(2026, 3, 3, 12, tzinfo=UTC))
    return lead


def test_facts_have_the_raw_shape_of_the_contract_and_leave_out_what_is_unknown(ann):
    activities_record(feed="web", items=[page_view(value=2.5, properties={"a": 1})])

    assert facts(ann) == {
        "lead": {
            "email": "ann@acme.example",
            "email_domain": "acme.example",
            "email_kind": "work",
            "title": "Marketing Manager",
            "seniority": "manager",
            "department": "marketing",
            "attributes": {"plan": "free", "seats": 3},
            "qualification": {"budget": True},
        },
        "company": {"domain": "acme.example", "employees": 40},
        "activities": [
            {
                "id": "web:m1",
                "kind": "page_view",
                "occurred_at": "2026-03-02T10:00:00+00:00",
                "url": "https://us.example/pricing",
                "value": Decimal("2.5"),
                "properties": {"a": 1},
                "is_bot": False,
                "withdrawn": False,
            }
        ],
    }


def test_a_lead_without_a_company_has_none():
    lead = lead_upsert(feed="crm", values={"email": "ann@gmail.com"}).lead

    assert facts(lead)["company"] is None


def test_activities_of_kinds_nobody_knows_are_left_out_until_the_kind_is_made_known(ann):
    activities_record(feed="web", items=[page_view(kind="webinar_nap")])
    assert (facts(ann)["activities"], unmapped_kinds()) == ([], {"webinar_nap": 1})

    ActivityKind.objects.create(key="webinar_nap", label="Nap")

    assert len(facts(ann)["activities"]) == 1
    assert "webinar_nap" in engine_kinds()


def test_as_of_an_earlier_day_a_field_is_what_it_was(ann):
    lead_update(lead_id=ann.pk, values={"title": "VP Sales", "attributes": {"plan": "pro"}})

    assert (lead_on(ann)["seniority"], lead_on(ann)["attributes"]["plan"]) == ("vp", "pro")
    before = lead_on(ann, as_of=date(2026, 3, 2))
    assert (before["seniority"], before["attributes"]["plan"], before["attributes"]["seats"]) == ("manager", "free", 3)
    assert lead_on(ann, as_of=TODAY)["seniority"] == "vp"


def test_the_end_of_a_day_is_that_of_the_models_time_zone(ann):
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    lead_update(lead_id=ann.pk, values={"title": "VP Sales"}, at=at)

    assert lead_on(ann, as_of=date(2026, 3, 2), zone=UTC)["seniority"] == "vp"
    assert lead_on(ann, as_of=date(2026, 3, 2), zone=ZoneInfo("Europe/Warsaw"))["seniority"] == "manager"


def test_known_at_an_earlier_time_leaves_out_what_was_learned_later(ann, frozen_now):
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    frozen_now.shift(timedelta(hours=1))
    lead_update(lead_id=ann.pk, values={"title": "VP Sales"}, at=datetime(2026, 3, 2, tzinfo=UTC))
    activities_record(feed="web", items=[page_view()])

    assert lead_on(ann, as_of=date(2026, 3, 2))["seniority"] == "vp"
    assert lead_on(ann, known_at=noon)["seniority"] == "manager"
    assert (len(facts(ann)["activities"]), facts(ann, known_at=noon)["activities"]) == (1, [])
    assert facts(ann, known_at=datetime(2026, 2, 28, tzinfo=UTC)) is None


def test_news_of_the_past_does_not_overwrite_what_is_known_to_have_come_later(ann):
    lead_update(lead_id=ann.pk, values={"title": "VP Sales"})
    lead_update(lead_id=ann.pk, values={"title": "Sales Director"}, at=datetime(2026, 3, 2, tzinfo=UTC))

    ann.refresh_from_db()
    assert (ann.title, ann.seniority) == ("VP Sales", "vp")
    assert lead_on(ann, as_of=date(2026, 3, 1))["seniority"] == "manager"
    assert lead_on(ann, as_of=date(2026, 3, 2))["seniority"] == "director"
    assert lead_on(ann, as_of=TODAY) == lead_on(ann)


def test_a_company_has_its_history_too(ann):
    company_update(company_id=ann.company_id, values={"employees": 400, "industry": "Paper"})

    assert facts(ann)["company"] == {"domain": "acme.example", "employees": 400, "industry": "Paper"}
    assert facts(ann, as_of=date(2026, 3, 2))["company"] == {"domain": "acme.example", "employees": 40}


def test_a_lead_that_changed_companies_was_with_the_old_one_then(ann):
    lead_update(lead_id=ann.pk, values={"email": "ann@other.example"})

    assert facts(ann)["company"] == {"domain": "other.example"}
    assert facts(ann, as_of=date(2026, 3, 2))["company"]["domain"] == "acme.example"


def test_a_bot_mark_and_a_withdrawal_hold_for_the_past_but_not_for_what_was_known_then(ann, frozen_now):
    activities_record(feed="web", items=[page_view("m1"), page_view("m2")])
    before = datetime(2026, 3, 3, 12, tzinfo=UTC)
    frozen_now.shift(timedelta(hours=1))
    activity_mark_bot(activity_id=Activity.objects.get(message_id="m1").pk, is_bot=True)
    activity_withdraw(activity_id=Activity.objects.get(message_id="m2").pk)

    def marks(**asked):
        return {fact["id"]: (fact["is_bot"], fact["withdrawn"]) for fact in facts(ann, **asked)["activities"]}

    assert marks() == marks(as_of=date(2026, 3, 2)) == {"web:m1": (True, False), "web:m2": (False, True)}
    assert marks(known_at=before) == {"web:m1": (False, False), "web:m2": (False, False)}


def test_before_a_merge_was_known_both_leads_had_their_own_facts(ann, frozen_now):
    bob = lead_upsert(feed="crm", values={"external_id": "b", "phone": "+48600100200"}).lead
    activities_record(feed="crm", items=[page_view("m1"), page_view("m2", lead={"external_id": "b"})])
    before = datetime(2026, 3, 3, 12, tzinfo=UTC)
    frozen_now.shift(timedelta(hours=1))
    merge = leads_merge(survivor_id=ann.pk, merged_id=bob.pk)

    def ids(lead, **asked):
        found = facts(lead, **asked)
        return found and sorted(fact["id"] for fact in found["activities"])

    assert (ids(ann), ids(bob)) == (["crm:m1", "crm:m2"], None)
    assert ids(ann, as_of=date(2026, 3, 2)) == ["crm:m1", "crm:m2"], "it always was one person"
    assert (ids(ann, known_at=before), ids(bob, known_at=before)) == (["crm:m1"], ["crm:m2"])
    assert "phone" not in lead_on(ann, known_at=before)
    merged_at = datetime(2026, 3, 3, 13, tzinfo=UTC)
    assert ids(bob, known_at=merged_at) is None

    frozen_now.shift(timedelta(hours=1))
    merge_undo(merge_id=merge.pk)
    assert (ids(ann), ids(bob)) == (["crm:m1"], ["crm:m2"])
    assert (ids(ann, known_at=merged_at), ids(bob, known_at=merged_at)) == (["crm:m1", "crm:m2"], None)


@pytest.mark.parametrize("asked", [{}, {"as_of": TODAY}, {"known_at": datetime(2026, 3, 3, 12, tzinfo=UTC)}])
def test_one_lead_and_a_hundred_take_the_same_number_of_queries(asked, ann, django_assert_num_queries):
    from crm.services.leads import leads_upsert_many

    leads_upsert_many(feed="crm", items=[{"email": f"p{n}@c{n}.example", "title": "CEO"} for n in range(100)])
    leads_upsert_many(feed="crm", items=[{"email": f"p{n}@c{n}.example", "title": "VP"} for n in range(100)])
    activities_record(feed="web", items=[page_view(f"m{n}", lead={"email": f"p{n}@c{n}.example"}) for n in range(100)])
    ids = list(Lead.objects.values_list("pk", flat=True))

    expected = 4 if not asked else 6 if "as_of" in asked else 8
    for some in (ids[:1], ids):
        with django_assert_num_queries(expected):
            facts_for_leads(some, **asked)
