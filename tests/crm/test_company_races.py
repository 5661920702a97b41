"""A lead that joins a company while the company changes: whoever commits last, the lead is looked at with what is new."""

import pytest
from django.db import transaction

from crm.models import Company, Lead, Work
from crm.services.companies import company_update
from crm.services.feeds import feed_ensure
from crm.services.leads import lead_upsert
from crm.services.merging import leads_merge, merge_undo
from tests.crm.test_races import beside, until_somebody_waits_or_ends

__all__ = ["beside"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme():
    feed_ensure(slug="crm")
    return Company.objects.create(name="Acme", domain="acme.example")


def looked_at_after(change, join, beside):
    """Whether the lead that joins is looked at once the company has changed: its Work is not all gone before that."""
    with transaction.atomic():
        change()
        future = beside(join)
        is_held_back = until_somebody_waits_or_ends(future)
        # A scorer comes by, sees the company as it was, and takes what waits.
        beside(lambda: Work.objects.all().delete()).result(60)
    future.result(60)
    return is_held_back or Work.objects.exists()


def test_a_new_lead_that_joins_a_changing_company_is_looked_at_after_the_change(acme, beside):
    change = lambda: company_update(company_id=acme.pk, values={"industry": "Software"})  # noqa: E731
    join = lambda: lead_upsert(feed="crm", values={"email": "ann@acme.example"})  # noqa: E731
    assert looked_at_after(change, join, beside)
    assert Work.objects.filter(lead__email="ann@acme.example").exists()


def test_a_lead_that_moves_to_a_changing_company_is_looked_at_after_the_change(acme, beside):
    ann = lead_upsert(feed="crm", values={"email": "ann@gmail.com"}).lead
    change = lambda: company_update(company_id=acme.pk, values={"industry": "Software"})  # noqa: E731
    join = lambda: lead_upsert(  # noqa: E731
        feed="crm", values={"email": "ann@gmail.com", "company": {"domain": "acme.example"}}
    )
    assert looked_at_after(change, join, beside)
    assert Work.objects.filter(lead=ann).exists()


def test_a_survivor_that_takes_over_a_changing_company_is_looked_at_after_the_change(acme, beside):
    ann = lead_upsert(feed="crm", values={"email": "ann@gmail.com"}).lead
    bob = lead_upsert(feed="crm", values={"email": "bob@acme.example"}).lead
    change = lambda: Company.objects.select_for_update(no_key=True).get(pk=acme.pk)  # noqa: E731
    join = lambda: leads_merge(survivor_id=ann.pk, merged_id=bob.pk)  # noqa: E731
    assert looked_at_after(change, join, beside)
    assert Lead.objects.get(pk=ann.pk).company == acme


def test_a_lead_that_leaves_a_merge_with_a_changing_company_is_looked_at_after_the_change(acme, beside):
    ann = lead_upsert(feed="crm", values={"email": "ann@gmail.com"}).lead
    bob = lead_upsert(feed="crm", values={"email": "bob@acme.example"}).lead
    merge = leads_merge(survivor_id=ann.pk, merged_id=bob.pk)
    change = lambda: Company.objects.select_for_update(no_key=True).get(pk=acme.pk)  # noqa: E731
    assert looked_at_after(change, lambda: merge_undo(merge_id=merge.pk), beside)
    assert Lead.objects.get(pk=bob.pk).company == acme


def test_who_changes_a_company_waits_for_those_who_are_joining_it(acme, beside):
    with transaction.atomic():
        lead = lead_upsert(feed="crm", values={"email": "ann@acme.example"}).lead
        future = beside(lambda: company_update(company_id=acme.pk, values={"industry": "Software"}))
        assert until_somebody_waits_or_ends(future), "else it would not see the lead that joins"
    future.result(60)
    assert Work.objects.filter(lead=lead, cause="company_changed").exists()


def test_two_who_join_the_same_company_do_not_wait_for_each_other(acme, beside):
    with transaction.atomic():
        lead_upsert(feed="crm", values={"email": "ann@acme.example"})
        future = beside(lambda: lead_upsert(feed="crm", values={"email": "bob@acme.example"}))
        assert not until_somebody_waits_or_ends(future)
    assert future.result(60).lead.company == acme
