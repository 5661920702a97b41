"""Activities: stored exactly once, answered item by item."""

from datetime import UTC, datetime

import pytest

from crm.models import Activity, Cause, ExternalId, FactChange, Lead, PossibleDuplicate, Quarantine, Work
from crm.services.activities import (
    activities_record,
    activity_mark_bot,
    activity_record_own,
    activity_withdraw,
)
from crm.services.leads import lead_upsert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_now")]


def page_view(message_id="m1", **changed):
    item = {
        "message_id": message_id,
        "lead": {"email": "ann@acme.example"},
        "kind": "page_view",
        "occurred_at": "2026-03-02T10:00:00Z",
        "url": "https://us.example/pricing",
    }
    return {name: value for name, value in {**item, **changed}.items() if value is not ...}


def statuses(*items, feed="web"):
    return [(result.status, result.code) for result in activities_record(feed=feed, items=items)]


def test_an_activity_of_an_unknown_person_makes_the_lead():
    [result] = activities_record(feed="web", items=[page_view()])

    lead = Lead.objects.get()
    assert (result.status, result.lead_id) == ("accepted", lead.pk)
    assert (lead.email, lead.email_kind, lead.company) == ("ann@acme.example", "work", lead.company)
    assert lead.company.domain == "acme.example"
    activity = Activity.objects.get()
    assert (activity.lead, activity.occurred_at) == (lead, datetime(2026, 3, 2, 10, tzinfo=UTC))


def test_an_external_id_nobody_knows_makes_a_lead_too():
    statuses(page_view(lead={"external_id": "c-7"}), page_view("m2", lead={"external_id": "c-7"}))

    assert ExternalId.objects.get().lead.activities.count() == 2


def test_each_touched_lead_gets_one_row_of_work():
    statuses(page_view("m0"))
    Work.objects.all().delete()

    statuses(page_view("m1"), page_view("m2"), page_view("m3", lead={"email": "bob@acme.example"}))

    assert sorted(Work.objects.values_list("cause", flat=True)) == [Cause.ACTIVITY, Cause.LEAD_CREATED]


def test_the_same_message_again_is_a_duplicate_also_with_its_keys_in_another_order():
    statuses(page_view())
    Work.objects.all().delete()

    assert statuses(dict(reversed(page_view().items()))) == [("duplicate", "")]
    assert (Activity.objects.count(), Work.objects.count()) == (1, 0)


def test_the_same_message_twice_in_one_batch_is_stored_once():
    assert statuses(page_view(), page_view()) == [("accepted", ""), ("duplicate", "")]


def test_the_same_message_id_with_other_content_is_quarantined_and_the_first_stands():
    statuses(page_view())

    assert statuses(page_view(url="/other")) == [("quarantined", "message_id_conflict")]
    assert statuses(page_view(url="/other")) == [("quarantined", "message_id_conflict")]
    assert Activity.objects.get().url == "https://us.example/pricing"
    kept = Quarantine.objects.get()
    assert (kept.payload["url"], kept.lead.email) == ("/other", "ann@acme.example")


def test_a_conflict_within_one_batch_is_quarantined():
    assert statuses(page_view(), page_view(kind="download")) == [
        ("accepted", ""),
        ("quarantined", "message_id_conflict"),
    ]


def test_the_same_message_id_of_another_feed_is_another_message():
    statuses(page_view(), feed="web")

    assert statuses(page_view(), feed="shop") == [("accepted", "")]


@pytest.mark.parametrize("occurred_at", ["2026-03-04T12:00:01Z", "1999-12-31T23:59:59Z"])
def test_an_implausible_time_is_quarantined_and_makes_no_lead(occurred_at):
    assert statuses(page_view(occurred_at=occurred_at)) == [("quarantined", "implausible_time")]
    assert (Lead.objects.count(), Activity.objects.count(), Quarantine.objects.count()) == (0, 0, 1)


@pytest.mark.parametrize("occurred_at", ["2026-03-04T12:00:00Z", "2000-01-01T00:00:00Z"])
def test_the_bounds_themselves_are_plausible(occurred_at):
    assert statuses(page_view(occurred_at=occurred_at)) == [("accepted", "")]


def test_an_unknown_kind_is_accepted_and_stored():
    assert statuses(page_view(kind="webinar_nap")) == [("accepted", "")]
    assert Activity.objects.get().kind == "webinar_nap"


def test_one_bad_item_stops_no_other():
    assert statuses(page_view("m1"), page_view("m2", kind=...), page_view("m3")) == [
        ("accepted", ""), ("rejected", "required"), ("accepted", ""),
    ]  # fmt: skip


def test_a_lead_can_be_named_by_our_id():
    lead = lead_upsert(feed="crm", values={"email": "ann@acme.example"}).lead

    assert statuses(page_view(lead={"id": lead.pk})) == [("accepted", "")]
    assert lead.activities.count() == 1


def test_an_id_that_is_no_leads_is_rejected():
    assert statuses(page_view(lead={"id": 12345})) == [("rejected", "unknown_lead")]


def test_a_visitor_is_kept_without_a_lead_and_makes_no_work():
    assert statuses(page_view(lead=..., visitor="v1")) == [("accepted", "")]
    assert Activity.objects.get().lead is None
    assert not Work.objects.exists()


def test_identifying_a_visitor_brings_what_they_did_before_and_do_after():
    statuses(page_view("m1", lead=..., visitor="v1"), page_view("m2", lead=..., visitor="v2"))

    statuses(page_view("m3", visitor="v1", kind="form_submit"))
    statuses(page_view("m4", lead=..., visitor="v1"))

    lead = Lead.objects.get()
    assert set(lead.activities.values_list("message_id", flat=True)) == {"m1", "m3", "m4"}
    change = FactChange.objects.get(subject_type="activity")
    assert (change.field, change.before, change.after) == ("lead", None, lead.pk)


def test_a_visitor_identified_in_the_same_batch_brings_the_whole_batch():
    statuses(page_view("m1", lead=..., visitor="v1"), page_view("m2", visitor="v1"))

    assert Lead.objects.get().activities.count() == 2


def test_a_visitor_of_two_leads_stays_the_first_ones_and_the_pair_waits():
    statuses(page_view("m1", visitor="v1"))
    statuses(page_view("m2", visitor="v1", lead={"email": "bob@other.example"}))
    statuses(page_view("m3", visitor="v1", lead=...))

    assert Activity.objects.get(message_id="m3").lead.email == "ann@acme.example"
    assert PossibleDuplicate.objects.get().reason == "visitor"


def test_a_known_robot_is_marked():
    statuses(page_view(properties={"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}))

    assert (Activity.objects.get().is_bot, Activity.objects.get().bot_reason) == (True, "user_agent")


def test_withdrawing_keeps_the_row_with_its_history_and_makes_work_once():
    statuses(page_view())
    Work.objects.all().delete()
    activity = Activity.objects.get()

    activity_withdraw(activity_id=activity.pk)
    activity_withdraw(activity_id=activity.pk)

    activity.refresh_from_db()
    assert activity.withdrawn_at is not None
    change = FactChange.objects.get()
    assert (change.field, change.before, change.after, change.valid_at) == (
        "withdrawn",
        False,
        True,
        activity.occurred_at,
    )
    assert Work.objects.get().cause == Cause.ACTIVITY_WITHDRAWN


def test_a_bot_mark_can_be_set_and_taken_away():
    statuses(page_view())
    activity = Activity.objects.get()

    assert activity_mark_bot(activity_id=activity.pk, is_bot=True, reason="by hand").bot_reason == "by hand"
    assert activity_mark_bot(activity_id=activity.pk, is_bot=False).bot_reason == ""
    assert list(FactChange.objects.order_by("id").values_list("before", "after")) == [(False, True), (True, False)]


def test_what_we_write_ourselves_is_stored_once_by_its_message_id():
    lead = lead_upsert(feed="crm", values={"email": "ann@acme.example"}).lead

    first = activity_record_own(lead_id=lead.pk, kind="sales_rejected", message_id="handoff-1", subject="no_budget")
    again = activity_record_own(lead_id=lead.pk, kind="sales_rejected", message_id="handoff-1", subject="no_budget")

    assert first == again
    assert (first.feed, first.subject, first.lead) == ("leadscore", "no_budget", lead)


def test_a_value_keeps_its_digits():
    statuses(page_view("m1", value=0.1), page_view("m2", value=12345678901234567890), page_view("m3", value=1e-25))

    values = dict(Activity.objects.values_list("message_id", "value"))
    assert [str(value.normalize()) for value in values.values()] == ["0.1", "1.234567890123456789E+19", "0"]
