"""Companies as people change them: below whom they stand, whose they are, and two made one."""

import pytest
from django.db import transaction

from accounts.models import AuditEntry, Role
from crm.models import Company, FactChange, Lead, Work
from crm.queries import facts_for_leads
from crm.services.companies import company_update
from crm.services.company_edits import ancestor_ids, companies_merge, company_owner_set, company_parent_set
from crm.services.lead_company import company_named, lead_company_set
from crm.services.leads import lead_update, lead_upsert
from kernel.errors import BadRequestError, ConflictError
from tests.crm.test_races import beside, until_somebody_waits_or_ends

__all__ = ["beside"]


def company(name, **fields):
    return Company.objects.create(name=name, **fields)


def history(subject, pk, field):
    rows = FactChange.objects.filter(subject_type=subject, subject_id=pk, field=field).order_by("pk")
    return [(row.before, row.after) for row in rows]


@pytest.mark.django_db
class TestTree:
    def test_a_parent_is_set_and_taken_away_with_its_history_and_no_score_is_made_anew(self, person):
        by = person(Role.MARKETER)
        group, firm = company("Group"), company("Firm")
        Lead.objects.create(email="a@a.example", company=firm)
        company_parent_set(company_id=firm.pk, parent_id=group.pk, by=by)
        company_parent_set(company_id=firm.pk, parent_id=None, by=by)
        assert history("company", firm.pk, "parent") == [(None, group.pk), (group.pk, None)]
        assert FactChange.objects.first().changed_by == f"user:{by.pk}"
        assert not Work.objects.exists()

    def test_no_company_stands_below_itself_however_far_down(self):
        top, middle, low = company("Top"), company("Middle"), company("Low")
        company_parent_set(company_id=middle.pk, parent_id=top.pk)
        company_parent_set(company_id=low.pk, parent_id=middle.pk)
        assert ancestor_ids(low.pk) == [middle.pk, top.pk]
        for below in (top, middle, low):
            with pytest.raises(ConflictError, match="below itself"):
                company_parent_set(company_id=top.pk, parent_id=below.pk)

    def test_the_engine_is_told_of_neither_parent_nor_owner(self, person):
        group, firm = company("Group"), company("Firm", industry="Paper")
        lead = Lead.objects.create(email="a@a.example", company=firm)
        company_parent_set(company_id=firm.pk, parent_id=group.pk)
        company_owner_set(company_id=firm.pk, owner=person(Role.REP))
        known_at = FactChange.objects.latest("pk").recorded_at
        told = facts_for_leads([lead.pk], known_at=max(known_at, lead.created_at))[lead.pk].facts["company"]
        assert told == {"name": "Firm", "industry": "Paper"}


@pytest.mark.django_db
class TestMerge:
    def test_all_leads_move_and_the_survivor_takes_what_it_did_not_know(self, person):
        by = person(Role.MARKETER)
        one = company("Acme", domain="acme.example", attributes={"tier": "gold"})
        other = company("ACME Inc", domain="acme-inc.example", industry="Paper", attributes={"tier": "tin", "x": 1})
        leads = [Lead.objects.create(email=f"a{n}@acme-inc.example", company=other) for n in range(3)]
        companies_merge(survivor_id=one.pk, merged_id=other.pk, by=by)

        one.refresh_from_db()
        other.refresh_from_db()
        assert set(Lead.objects.filter(company=one)) == set(leads)
        assert (one.name, one.domain, one.industry) == ("Acme", "acme.example", "Paper")
        assert one.attributes == {"tier": "gold", "x": 1}
        assert (other.name, other.domain, other.parent_id) == ("", "", one.pk)
        assert history("lead", leads[0].pk, "company") == [(other.pk, one.pk)]
        assert {work.lead_id for work in Work.objects.all()} == {lead.pk for lead in leads}
        entry = AuditEntry.objects.get(action="company.merge")
        assert (entry.actor, entry.subject_id, entry.details["leads"]) == (by, one.pk, 3)

    def test_what_was_known_of_the_merged_company_in_the_past_stays_known(self):
        one, other = company("Acme"), company("Paper Inc", domain="paper.example", industry="Paper")
        lead = Lead.objects.create(email="a@paper.example", company=other)
        before = lead.created_at
        companies_merge(survivor_id=one.pk, merged_id=other.pk)
        then = facts_for_leads([lead.pk], known_at=before)[lead.pk].facts["company"]
        assert (then["name"], then["domain"]) == ("Paper Inc", "paper.example")
        assert facts_for_leads([lead.pk])[lead.pk].facts["company"]["name"] == "Acme"

    def test_a_survivor_that_stood_below_the_merged_one_takes_its_place(self):
        top, merged, survivor, sister = company("Top"), company("Merged"), company("Survivor"), company("Sister")
        for below, above in ((merged, top), (survivor, merged), (sister, merged)):
            company_parent_set(company_id=below.pk, parent_id=above.pk)
        companies_merge(survivor_id=survivor.pk, merged_id=merged.pk)
        parents = dict(Company.objects.values_list("pk", "parent"))
        assert parents == {top.pk: None, survivor.pk: top.pk, sister.pk: survivor.pk, merged.pk: survivor.pk}

    def test_a_company_is_not_merged_with_itself(self):
        one = company("Acme")
        with pytest.raises(ConflictError):
            companies_merge(survivor_id=one.pk, merged_id=one.pk)


@pytest.mark.django_db
class TestFacts:
    def test_a_domain_that_is_taken_is_refused_with_whose_it_is(self):
        one, other = company("Acme", domain="acme.example"), company("Other")
        with pytest.raises(ConflictError, match="Acme has this domain already") as refused:
            company_update(company_id=other.pk, values={"domain": "www.acme.example"}, refuses_taken_domain=True)
        assert refused.value.extra == {"company": one.pk}

    def test_a_mail_providers_domain_is_no_companys(self):
        one = company("Acme")
        with pytest.raises(BadRequestError) as refused:
            company_update(company_id=one.pk, values={"domain": "gmail.com"})
        assert refused.value.code == "free_mail_domain"
        with pytest.raises(BadRequestError):
            company_named("gmail.com")

    def test_a_company_is_meant_by_its_domain_or_its_name_or_made(self):
        acme = company("Acme & Sons", domain="acme.example")
        assert company_named("https://www.acme.example/about") == acme
        assert company_named("acme & sons") == acme
        assert company_named("Bolt Ltd.").name == "Bolt Ltd."
        assert Company.objects.count() == 2

    def test_a_person_puts_a_lead_with_a_company_whatever_its_address_says(self):
        lead = lead_upsert(feed="crm", values={"email": "a@acme.example"}).lead
        old, new = lead.company_id, company("Nameless twin")
        changed = lead_company_set(lead_id=lead.pk, company_id=new.pk, expected_revision=lead.revision)
        assert (changed.company_id, changed.revision) == (new.pk, lead.revision + 1)
        assert history("lead", lead.pk, "company") == [(old, new.pk)]
        with pytest.raises(ConflictError) as refused:
            lead_company_set(lead_id=lead.pk, company_id=None, expected_revision=lead.revision)
        assert refused.value.code == "stale_revision"
        lead_update(lead_id=lead.pk, values={"title": "CEO"})
        assert Lead.objects.get().company == new


@pytest.mark.django_db(transaction=True)
def test_two_who_close_a_circle_at_once_do_not_both_get_their_way(beside):
    one, other = company("One"), company("Other")
    with transaction.atomic():
        company_parent_set(company_id=one.pk, parent_id=other.pk)
        future = beside(lambda: company_parent_set(company_id=other.pk, parent_id=one.pk))
        assert until_somebody_waits_or_ends(future)
    with pytest.raises(ConflictError):
        future.result(60)
    assert dict(Company.objects.values_list("pk", "parent")) == {one.pk: other.pk, other.pk: None}


@pytest.mark.django_db(transaction=True)
def test_a_lead_that_joins_while_its_company_is_merged_is_not_left_behind(beside):
    one, other = company("Acme", domain="acme.example"), company("Old", domain="old.example")
    Lead.objects.create(email="a@old.example", company=other)
    with transaction.atomic():
        late = Lead.objects.create(email="b@nowhere.example")
        lead_company_set(lead_id=late.pk, company_id=other.pk)
        future = beside(lambda: companies_merge(survivor_id=one.pk, merged_id=other.pk))
        assert until_somebody_waits_or_ends(future)
    future.result(60)
    assert Lead.objects.filter(company=one).count() == 2
