"""Leads: found by external id, else by email; changed with their history; joined to companies."""

import pytest

from accounts.models import Role
from crm.errors import UnknownLeadError
from crm.models import Cause, Company, ExternalId, FactChange, Feed, Lead, PossibleDuplicate, Work
from crm.services.companies import company_update
from crm.services.leads import lead_owner_set, lead_update, lead_upsert, leads_upsert_many
from kernel.errors import BadRequestError, ConflictError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_now")]


def upsert(feed="crm", **values):
    return lead_upsert(feed=feed, values=values)


def causes():
    return sorted(Work.objects.values_list("cause", flat=True))


def test_a_new_email_makes_a_lead_with_everything_derived():
    result = upsert(email="Ann@Acme.example", first_name="Ann", last_name="Lee", title="VP, Sales",
                    phone="600 100 200", country="Poland")  # fmt: skip

    lead = Lead.objects.get()
    assert (result.outcome, result.lead) == ("created", lead)
    assert (lead.email_key, lead.email_domain, lead.email_kind) == ("ann@acme.example", "acme.example", "work")
    assert (lead.seniority, lead.department, lead.country) == ("vp", "sales", "PL")
    assert (lead.phone_key, lead.phone_kind, lead.is_suspect) == ("+48600100200", "mobile", False)
    assert lead.company.domain == "acme.example"
    assert causes() == [Cause.LEAD_CREATED]
    assert not FactChange.objects.exists(), "what was so from the start has no history"
    assert Feed.objects.get().slug == "crm"


def test_the_same_again_changes_nothing():
    upsert(email="ann@acme.example", title="CEO", attributes={"plan": "pro"}, company={"employees": 5})
    Work.objects.all().delete()

    again = upsert(email=" ANN@acme.example", title="CEO", attributes={"plan": "pro"}, company={"employees": 5})

    assert (again.outcome, again.lead.revision, causes()) == ("unchanged", 1, [])


def test_a_change_is_remembered_field_by_field_and_makes_work():
    lead = upsert(email="ann@acme.example", title="CEO").lead
    Work.objects.all().delete()

    result = upsert(email="ann@acme.example", title="VP Sales", attributes={"plan": "pro"})

    assert (result.outcome, result.lead.revision, causes()) == ("updated", 2, [Cause.LEAD_CHANGED])
    changes = {change.field: (change.before, change.after) for change in FactChange.objects.filter(subject_id=lead.pk)}
    assert changes == {
        "title": ("CEO", "VP Sales"),
        "seniority": ("c_level", "vp"),
        "department": ("executive", "sales"),
        "attributes.plan": (None, "pro"),
    }


def test_what_is_not_sent_stays_and_null_or_blank_clears():
    upsert(email="ann@acme.example", city="Kraków", state="MP", attributes={"a": 1, "b": 2}, consent=True)

    lead = upsert(email="ann@acme.example", city=None, state=" ", attributes={"a": None}).lead

    assert (lead.city, lead.state, lead.attributes, lead.consent) == ("", "", {"b": 2}, True)


def test_the_external_id_counts_within_its_feed():
    one = upsert(feed="crm", external_id="7").lead
    other = upsert(feed="shop", external_id="7").lead

    assert one != other
    assert upsert(feed="crm", external_id="7").lead == one


def test_an_email_found_lead_takes_the_external_id_sent_with_it():
    lead = upsert(email="ann@acme.example").lead

    assert upsert(email="ann@acme.example", external_id="7").outcome == "updated"
    assert upsert(external_id="7").lead == lead
    assert causes() == [Cause.LEAD_CREATED], "an id is no fact"


def test_where_id_and_email_find_different_leads_the_id_wins_and_the_email_stays():
    ann = upsert(email="ann@acme.example").lead
    bob = upsert(external_id="7", email="bob@acme.example").lead

    result = upsert(external_id="7", email="ann@acme.example", city="Gdańsk")

    assert (result.lead, result.possible_duplicate_of) == (bob, ann.pk)
    bob.refresh_from_db()
    assert (bob.email, bob.city) == ("bob@acme.example", "Gdańsk")
    pair = PossibleDuplicate.objects.get()
    assert (pair.first_id, pair.second_id) == (min(ann.pk, bob.pk), max(ann.pk, bob.pk))


def test_a_new_address_of_a_known_id_replaces_the_old_one_and_moves_the_company():
    lead = upsert(external_id="7", email="ann@acme.example").lead

    lead = upsert(external_id="7", email="ann@other.example").lead

    assert (lead.email, lead.company.domain) == ("ann@other.example", "other.example")


def test_a_company_that_was_told_stays_when_the_address_changes():
    upsert(external_id="7", email="ann@acme.example", company={"name": "Big Co", "domain": "big.example"})

    assert upsert(external_id="7", email="ann@other.example").lead.company.domain == "big.example"


def test_free_addresses_join_no_company_and_a_named_one_is_found_by_name():
    one = upsert(email="ann@gmail.com", company={"name": "Acme"}).lead
    two = upsert(email="bob@gmail.com", company={"name": "ACME"}).lead

    assert one.company == two.company == Company.objects.get()
    assert upsert(email="cid@gmail.com").lead.company is None


def test_a_company_of_an_address_keeps_its_first_name():
    upsert(email="ann@acme.example", company={"name": "Acme"})
    upsert(email="bob@acme.example", company={"name": "ACME Sp. z o.o.", "industry": "Paper"})

    company = Company.objects.get()
    assert (company.name, company.industry) == ("Acme", "Paper")


def test_a_changed_company_makes_work_for_all_its_leads():
    upsert(email="ann@acme.example")
    upsert(email="bob@acme.example")
    Work.objects.all().delete()

    company_update(company_id=Company.objects.get().pk, values={"employees": 50})

    assert causes() == [Cause.COMPANY_CHANGED] * 2
    assert FactChange.objects.get().after == 50


def test_a_company_change_through_a_lead_counts_as_an_update():
    upsert(email="ann@acme.example")

    assert upsert(email="ann@acme.example", company={"employees": 50}).outcome == "updated"


def test_a_domain_that_is_another_companys_stays_there():
    upsert(email="ann@acme.example")
    upsert(email="bob@gmail.com", company={"name": "Other"})
    other = Company.objects.get(name="Other")

    company_update(company_id=other.pk, values={"domain": "acme.example", "industry": "Paper"})

    other.refresh_from_db()
    assert (other.domain, other.industry) == ("", "Paper")


def test_seniority_that_was_told_outlives_a_new_title_and_null_gives_it_back_to_the_title():
    upsert(email="ann@acme.example", title="Wizard", seniority="c_level")

    assert upsert(email="ann@acme.example", title="Sales Manager").lead.seniority == "c_level"
    assert upsert(email="ann@acme.example", seniority=None).lead.seniority == "manager"


def test_an_invalid_address_is_kept_but_joins_nobody():
    one = upsert(external_id="1", email="none@").lead
    two = upsert(external_id="2", email="none@").lead

    assert one != two
    assert (one.email, one.email_kind, one.email_key) == ("none@", "invalid", "")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, [("", "no_identity")]),
        ({"email": "none@"}, [("", "no_identity")]),
        ({"external_id": "1", "nickname": "x"}, [("/nickname", "unknown_field")]),
        ({"external_id": "1", "id": 5, "revision": 1}, [("/id", "read_only"), ("/revision", "read_only")]),
        ({"external_id": "1", "email_kind": "work"}, [("/email_kind", "read_only")]),
        ({"external_id": 1}, [("/external_id", "wrong_type")]),
        ({"external_id": "x" * 201}, [("/external_id", "too_long")]),
        ({"external_id": "1", "consent": "yes"}, [("/consent", "wrong_type")]),
        ({"external_id": "1", "seniority": "boss"}, [("/seniority", "not_a_choice")]),
        ({"external_id": "1", "country": "Atlantis"}, [("/country", "unknown_country")]),
        ({"external_id": "1", "owner": "nobody@ours.example"}, [("/owner", "unknown_user")]),
        ({"external_id": "1", "company": {"employees": 1.5}}, [("/company/employees", "not_an_integer")]),
        ({"external_id": "1", "company": {"employees": True}}, [("/company/employees", "not_an_integer")]),
        ({"external_id": "1", "company": {"employees": 2**63}}, [("/company/employees", "out_of_range")]),
        ({"external_id": "1", "company": {"revenue": -1}}, [("/company/revenue", "out_of_range")]),
        ({"external_id": "1", "company": {"domain": "gmail.com"}}, [("/company/domain", "free_mail_domain")]),
        ({"external_id": "1", "company": {"domain": "nowhere"}}, [("/company/domain", "bad_domain")]),
        ({"external_id": "1", "company": {"boss": "x"}}, [("/company/boss", "unknown_field")]),
        ({"external_id": "1", "company": "Acme"}, [("/company", "wrong_type")]),
        ({"external_id": "1", "company": {"technologies": "x"}}, [("/company/technologies", "wrong_type")]),
        ({"external_id": "1", "attributes": {"a": {"b": 1}}}, [("/attributes/a", "wrong_type")]),
        ({"external_id": "1", "attributes": {"": 1}}, [("/attributes/", "bad_name")]),
        ({"external_id": "1", "attributes": {"a": "x\x00"}}, [("/attributes/a", "nul")]),
        ({"external_id": "1", "attributes": {"a\x00": 1}}, [("/attributes/a", "nul")]),
        ({"external_id": "1", "city": "\ud800"}, [("/city", "lone_surrogate")]),
        ({"external_id": "1", "attributes": {"a": float("nan")}}, [("/attributes/a", "not_a_number")]),
        ({"external_id": "1", "attributes": {str(n): n for n in range(201)}}, [("/attributes", "too_large")]),
        ({"external_id": "1", "email": "क़" * 320}, [("/email", "too_long")]),
        (["not", "an", "object"], [("", "wrong_type")]),
    ],
)  # fmt: skip
def test_bad_values_are_refused_with_their_places(values, found):
    with pytest.raises(BadRequestError) as refused:
        lead_upsert(feed="crm", values=values)

    assert [(problem.pointer, problem.code) for problem in refused.value.problems] == found
    assert not Lead.objects.exists()


def test_all_problems_are_told_at_once_and_no_value_is_echoed():
    with pytest.raises(BadRequestError) as refused:
        upsert(external_id="1", consent="s3cret", nickname="s3cret", company={"employees": "s3cret"})

    assert len(refused.value.problems) == 3
    assert "s3cret" not in str([(p.pointer, p.detail) for p in refused.value.problems])


def test_in_a_batch_the_bad_one_is_rejected_and_the_rest_goes_in_in_order():
    results = leads_upsert_many(
        feed="crm", items=[{"email": "a@a.example"}, {"nope": 1}, {"email": "a@a.example", "city": "X"}]
    )

    assert [result.status for result in results] == ["created", "rejected", "updated"]
    assert results[0].lead_id == results[2].lead_id
    assert {problem.code for problem in results[1].problems} == {"unknown_field", "no_identity"}
    assert Lead.objects.get().city == "X"


def test_one_batch_can_hold_the_same_new_person_under_both_identities():
    results = leads_upsert_many(
        feed="crm",
        items=[{"external_id": "1"}, {"external_id": "1", "email": "a@a.example"}, {"email": "a@a.example"}],
    )

    assert len({result.lead_id for result in results}) == 1
    assert ExternalId.objects.count() == 1


def test_two_addresses_that_swap_in_one_batch_end_swapped():
    leads_upsert_many(feed="crm", items=[{"external_id": str(n), "email": f"p{n}@a.example"} for n in (1, 2)])

    leads_upsert_many(
        feed="crm",
        items=[
            {"external_id": "2", "email": "free@a.example"},
            {"external_id": "1", "email": "p2@a.example"},
            {"external_id": "2", "email": "p1@a.example"},
        ],
    )

    assert dict(ExternalId.objects.values_list("external_id", "lead__email")) == {
        "1": "p2@a.example",
        "2": "p1@a.example",
    }


def test_a_batch_takes_the_same_number_of_queries_whatever_its_size(django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        leads_upsert_many(
            feed="crm", items=[{"external_id": str(n), "email": f"p{n}@c{n}.example"} for n in range(200)]
        )


def test_an_owner_is_named_by_sign_in_address(person):
    rita = person(Role.REP, email="rita@ours.example")

    lead = upsert(email="ann@acme.example", owner="Rita@ours.example").lead

    assert lead.owner == rita
    assert lead_owner_set(lead_id=lead.pk, owner=None).owner is None


def test_an_update_by_id_refuses_a_stale_revision_and_tells_the_current_one():
    lead = upsert(email="ann@acme.example").lead
    lead_update(lead_id=lead.pk, values={"city": "X"}, expected_revision=1)

    with pytest.raises(ConflictError) as refused:
        lead_update(lead_id=lead.pk, values={"city": "Y"}, expected_revision=1)

    assert (refused.value.code, refused.value.extra) == ("stale_revision", {"revision": 2})


def test_an_update_to_the_address_of_another_lead_is_a_conflict():
    upsert(email="bob@acme.example")
    lead = upsert(email="ann@acme.example").lead

    with pytest.raises(ConflictError) as refused:
        lead_update(lead_id=lead.pk, values={"email": "BOB@acme.example"})

    assert refused.value.code == "email_taken"


def test_an_update_of_nobody_says_so():
    with pytest.raises(UnknownLeadError):
        lead_update(lead_id=1, values={"city": "X"})


def test_an_update_cannot_add_an_external_id():
    lead = upsert(email="ann@acme.example").lead

    with pytest.raises(BadRequestError) as refused:
        lead_update(lead_id=lead.pk, values={"external_id": "7"})

    assert refused.value.code == "read_only"
