"""A choice per field, what moves with it, and that undoing gives back exactly what was there."""

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from crm.models import Activity, Company, Lead, LeadMerge, Note, PossibleDuplicate
from crm.services.activities import activities_record
from crm.services.history import lead_facts
from crm.services.leads import lead_update, lead_upsert
from crm.services.lookup import lead_ids_by_email
from crm.services.merge_choices import differences
from crm.services.merging import leads_merge, merge_undo
from kernel.errors import BadRequestError, ConflictError
from tests.crm.test_activities import page_view

pytestmark = pytest.mark.django_db


def upsert(feed="crm", **values):
    return lead_upsert(feed=feed, values=values).lead


def everything(*leads):
    """All that is known of leads and all that hangs on them, without revisions."""
    left_out = {"revision", "updated_at"}
    return [
        (
            {
                name: value
                for name, value in Lead.objects.filter(pk=lead.pk).values().get().items()
                if name not in left_out
            },
            list(lead.activities.order_by("id").values_list("id", "is_bot")),
            list(lead.external_ids.order_by("id").values_list("feed", "external_id")),
            list(lead.notes.order_by("id").values_list("text", "author")),
        )
        for lead in leads
    ]


def choose_all(survivor, merged, which):
    found = differences(lead_facts(survivor), lead_facts(merged))
    return {each.field: which for each in found}


def test_a_choice_per_field_decides_and_the_rest_is_filled(db):
    ann = upsert(email="ann@acme.example", title="VP Sales", city="Berlin", attributes={"plan": "pro", "size": 3})
    bob = upsert(email="bob@beta.example", title="Intern", phone="+48600100200", attributes={"plan": "free"})

    merge = leads_merge(
        survivor_id=ann.pk, merged_id=bob.pk, choices={"title": "merged", "attributes.plan": "merged", "phone": "survivor",
                                                       "city": "merged", "company": "merged"},
    )  # fmt: skip

    ann.refresh_from_db()
    assert (ann.title, ann.seniority, ann.phone, ann.phone_kind, ann.city) == ("Intern", "student", "", "", "")
    assert ann.attributes == {"plan": "free", "size": 3}
    assert ann.company == bob.company
    assert merge.moved["choices"]["title"] == "merged"


def test_the_address_that_goes_still_means_the_survivor(db):
    ann, bob = upsert(email="ann@acme.example"), upsert(email="bob@beta.example")
    before = everything(ann, bob)

    merge = leads_merge(survivor_id=ann.pk, merged_id=bob.pk, choices={"email": "merged"})

    ann.refresh_from_db()
    assert (ann.email, ann.email_key, ann.email_domain) == ("bob@beta.example", "bob@beta.example", "beta.example")
    assert set(lead_ids_by_email(["ann@acme.example", "bob@beta.example"]).values()) == {ann.pk}
    merge_undo(merge_id=merge.pk)
    assert everything(ann, bob) == before


def test_who_chose_by_what_has_changed_since_is_asked_again(db):
    ann, bob = upsert(email="ann@acme.example"), upsert(email="bob@beta.example")
    revisions = {lead.pk: lead.revision for lead in (ann, bob)}
    lead_update(lead_id=bob.pk, values={"city": "Kraków"})

    with pytest.raises(ConflictError) as refused:
        leads_merge(survivor_id=ann.pk, merged_id=bob.pk, revisions=revisions)
    assert refused.value.code == "changed_since"
    revisions[bob.pk] = Lead.objects.get(pk=bob.pk).revision
    leads_merge(survivor_id=ann.pk, merged_id=bob.pk, revisions=revisions)


@pytest.mark.parametrize("choices", [{"nothing": "merged"}, {"title": "both"}, {"merged_into": "merged"}])
def test_a_choice_that_is_none_is_refused(choices):
    ann, bob = upsert(email="ann@acme.example"), upsert(email="bob@beta.example")
    with pytest.raises(BadRequestError):
        leads_merge(survivor_id=ann.pk, merged_id=bob.pk, choices=choices)
    assert not LeadMerge.objects.exists()


def test_a_merge_settles_the_pair_and_undoing_asks_again(person):
    ada = person(Role.ADMINISTRATOR)
    ann, bob = upsert(email="ann@acme.example"), upsert(email="bob@beta.example")
    pair = PossibleDuplicate.objects.create(first=ann, second=bob, reason="phone")

    merge = leads_merge(survivor_id=bob.pk, merged_id=ann.pk, by=ada)
    pair.refresh_from_db()
    assert (pair.settled_as, pair.settled_by) == ("merged", ada)

    merge_undo(merge_id=merge.pk, by=ada)
    pair.refresh_from_db()
    assert (pair.settled_as, pair.settled_at, pair.settled_by) == ("", None, None)


def test_notes_move_and_those_written_since_stay(person):
    ada = person(Role.ADMINISTRATOR)
    ann, bob = upsert(email="ann@acme.example"), upsert(email="bob@beta.example")
    Note.objects.create(lead=bob, author=ada, text="Asked for a demo.")

    merge = leads_merge(survivor_id=ann.pk, merged_id=bob.pk)
    assert ann.notes.get().text == "Asked for a demo."
    Note.objects.create(lead=ann, author=ada, text="Written since.")
    merge_undo(merge_id=merge.pk)

    assert (bob.notes.get().text, ann.notes.get().text) == ("Asked for a demo.", "Written since.")


WORDS = st.sampled_from(["", "Ann", "Lee", "VP Sales", "Student", "Berlin"])
PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "first_name": WORDS,
        "last_name": WORDS,
        "title": WORDS,
        "seniority": st.sampled_from(["vp", "manager"]),
        "phone": st.sampled_from(["+48600100200", "030 1234567", "not a number"]),
        "country": st.sampled_from(["DE", "PL"]),
        "city": WORDS,
        "consent": st.booleans(),
        "company": st.sampled_from([{"name": "Acme"}, {"name": "Beta", "domain": "beta.example"}]),
        "attributes": st.dictionaries(st.sampled_from(["plan", "size"]), st.sampled_from(["pro", 3, True, ["a"], 1.5])),
        "qualification": st.dictionaries(st.sampled_from(["budget", "need"]), st.sampled_from([True, "yes", 10])),
    },
)


@settings(max_examples=40, deadline=None)
@given(
    people=st.tuples(PEOPLE, PEOPLE),
    emails=st.tuples(st.sampled_from(["", "ann@acme.example"]), st.sampled_from(["", "lee@gmail.com"])),
    activities=st.lists(st.integers(0, 1), max_size=4),
    seed=st.randoms(use_true_random=False),
)
def test_merging_and_undoing_gives_back_exactly_what_was_there(people, emails, activities, seed):
    with transaction.atomic():
        merge_and_undo(people, emails, activities, seed)
        transaction.set_rollback(True)


def merge_and_undo(people, emails, activities, seed):
    leads = [
        upsert(feed="shop", external_id=f"id{index}", **values, **({"email": email} if email else {}))
        for index, (values, email) in enumerate(zip(people, emails, strict=True))
    ]
    author = User.objects.create_user("a@ours.example", "correct horse battery", role=Role.REP)
    for number, index in enumerate(activities):
        activities_record(feed="shop", items=[page_view(f"m{number}", lead={"external_id": f"id{index}"})])
        Note.objects.create(lead=leads[index], author=author, text=f"note {number}")
    before = everything(*leads)
    fields = [each.field for each in differences(lead_facts(leads[0]), lead_facts(leads[1]))]
    choices = {field: seed.choice(["survivor", "merged"]) for field in fields if seed.random() < 0.7}

    merge = leads_merge(survivor_id=leads[0].pk, merged_id=leads[1].pk, choices=choices)
    survivor = lead_facts(Lead.objects.get(pk=leads[0].pk))
    for field, choice in choices.items():
        assert survivor.get(field) == lead_facts(leads[choice == "merged"]).get(field)
    assert Activity.objects.filter(lead=leads[0]).count() == len(activities)
    merge_undo(merge_id=merge.pk)

    assert everything(*leads) == before


def test_a_company_that_is_gone_by_the_undo_leaves_the_survivor_without(db):
    survivor, merged = upsert(email="ann@acme.example"), upsert(email="ann@other.example")
    merge = leads_merge(survivor_id=survivor.pk, merged_id=merged.pk, choices={"company": "merged"})
    Company.objects.get(domain="acme.example").delete()

    merge_undo(merge_id=merge.pk)

    assert Lead.objects.get(pk=survivor.pk).company is None
    assert Lead.objects.get(pk=merged.pk).company.domain == "other.example"
