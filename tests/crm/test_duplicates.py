"""Who may be one person: what is alike, what speaks against it, and what the sweep suggests and takes back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry, Role
from crm import bell
from crm.identity.likeness import SUGGESTED_FROM, Person, likeness, likeness_keys
from crm.models import DuplicateSweep, Lead, LikenessKey, PossibleDuplicate
from crm.services import duplicates_finding
from crm.services.activities import activities_record
from crm.services.duplicates import duplicate_reopen, duplicate_settle_different, duplicates_ask
from crm.services.duplicates_finding import duplicates_find, duplicates_look
from crm.services.imports_running import imports_run
from crm.services.leads import lead_update, lead_upsert
from crm.services.merging import leads_merge
from kernel.errors import ConflictError
from tests.crm.test_import_service import brought


def pair(one, other):
    return likeness(Person(id=1, **one), Person(id=2, **other))


def named(first_name, last_name):
    return {"first_name": first_name, "last_name": last_name, "company_id": 7}


ANN = {"first_name": "Ann", "last_name": "Lee"}
FREE = {"email_kind": "free"}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"email_key": "ann.lee+news@gmail.com", **FREE}, {"email_key": "annlee@googlemail.com", **FREE}, "email"),
        ({"email_key": "ann+x@outlook.com", **FREE}, {"email_key": "ann@outlook.com", **FREE}, "email"),
        ({"phone_key": "+48600100200"}, {"phone_key": "+48600100200"}, "phone"),
        ({**ANN, "phone_key": "+48600100200"}, {**ANN, "phone_key": "+48600100200"}, "phone"),
        ({"external_ids": frozenset([("a", "browser-77")])}, {"external_ids": frozenset([("b", "browser-77")])}, "one_id"),
        ({**ANN, "company_id": 7}, named("Lee", "Ann"), "name_company"),
        (named("Bob", "Müller"), named("Robert", "Mueller"), "name_company"),
        (named("Łukasz", "Nowak"), named("Lukasz", "NOWAK"), "name_company"),
        (named("Иван", "Петров"), named("Ivan", "Petrov"), "name_company"),
        (named("A", "Lee"), {**ANN, "company_id": 7}, "name_company"),
        ({**ANN, "city": "Bonn", "title": "CTO"}, {**ANN, "city": "bonn", "title": "cto"}, "name_place"),
        ({"email_key": "ann.lee@acme.com", "email_kind": "work"}, {**ANN, "email_key": "al@acme.com", "email_kind": "work"}, "email_name"),
    ],
)  # fmt: skip
def test_what_is_alike_is_suggested_and_shares_a_key(one, other, reason):
    found = pair(one, other)
    assert found.reason == reason
    assert found.percent >= SUGGESTED_FROM
    assert likeness_keys(Person(id=1, **one)) & likeness_keys(Person(id=2, **other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email_key": "ann.lee@acme.com", "email_kind": "work"}, {"email_key": "annlee@acme.com", "email_kind": "work"}),
        ({"email_key": "info@acme.com", "email_kind": "role"}, {"email_key": "info+x@acme.com", "email_kind": "role"}),
        ({"phone_key": "+48600100200", "is_phone_shared": True}, {"phone_key": "+48600100200", "is_phone_shared": True}),
        ({**ANN, "phone_key": "+48600100200"}, {"first_name": "Tom", "last_name": "Lee", "phone_key": "+48600100200"}),
        ({**ANN, "company_id": 7}, named("Tom", "Lee")),
        (named("Tom", "Lee"), named("Tom", "Lee Jr.")),
        ({**ANN, "company_id": 7}, {**ANN, "company_id": 8}),
        ({"first_name": "Ann", "company_id": 7}, {"first_name": "Ann", "company_id": 7}),
        ({"external_ids": frozenset([("a", "7")])}, {"external_ids": frozenset([("b", "7")])}),
        ({**ANN, "company_id": 7, "is_suspect": True}, {**ANN, "company_id": 7, "is_suspect": True}),
        ({}, {}),
    ],
)  # fmt: skip
def test_what_many_share_or_what_differs_is_not_enough(one, other):
    found = pair(one, other)
    assert found is None or found.percent < SUGGESTED_FROM


TEXT = st.sampled_from(["", "Ann", "Bob", "Robert", "Lee", "Müller jr", "A", "ПЕТР", "x" * 200]) | st.text(max_size=12)
PERSONS = st.builds(
    Person,
    id=st.integers(1, 4),
    email_key=st.sampled_from(["", "a.b@gmail.com", "ab@gmail.com", "ann.lee@acme.com"]),
    email_kind=st.sampled_from(["", "free", "work", "role"]),
    phone_key=st.sampled_from(["", "+48600100200"]),
    is_phone_shared=st.booleans(),
    first_name=TEXT,
    last_name=TEXT,
    is_suspect=st.booleans(),
    title=TEXT,
    city=TEXT,
    country=st.sampled_from(["", "DE", "PL"]),
    company_id=st.sampled_from([None, 1]),
    external_ids=st.frozensets(st.tuples(st.sampled_from("ab"), st.sampled_from(["7", "browser-77"])), max_size=2),
)


@given(one=PERSONS, other=PERSONS)
def test_likeness_is_the_same_both_ways_and_of_nobody_with_themselves(one, other):
    found = likeness(one, other)
    assert found == likeness(other, one)
    if one.id == other.id:
        assert found is None
    elif found is not None:
        assert 0 <= found.percent <= 100
        assert set(found.evidence) <= {"email", "phone", "external_id", "name", "company", "city", "title"}
        if found.percent >= SUGGESTED_FROM:
            assert likeness_keys(one) & likeness_keys(other)


def lead(**values):
    return lead_upsert(feed="crm", values=values).lead


def open_pairs():
    rows = PossibleDuplicate.objects.filter(settled_at=None).order_by("first", "second")
    return [(each.first_id, each.second_id, each.reason) for each in rows]


@pytest.fixture
def twins(db):
    return (
        lead(external_id="1", first_name="Ann", last_name="Lee", email="ann.lee@gmail.com"),
        lead(external_id="2", first_name="Anne", last_name="Lee", email="annlee+x@gmail.com"),
    )


def test_the_sweep_suggests_a_pair_once_and_says_why(twins):
    lead(email="somebody@else.example", first_name="Bo", last_name="Ito")
    assert duplicates_find().found == 1
    assert duplicates_find().found == 0
    found = PossibleDuplicate.objects.get()
    assert (found.first, found.second, found.reason, found.evidence) == (*twins, "email", ["email"])
    assert found.likeness >= SUGGESTED_FROM


def test_a_pair_told_apart_is_not_suggested_again_until_somebody_says_so(twins, person):
    ada = person(Role.ADMINISTRATOR)
    duplicates_find()
    found = duplicate_settle_different(duplicate_id=PossibleDuplicate.objects.get().pk, by=ada)
    duplicates_find()
    assert open_pairs() == []
    with pytest.raises(ConflictError):
        duplicate_settle_different(duplicate_id=found.pk, by=ada)

    duplicate_reopen(duplicate_id=found.pk, by=ada)
    assert len(open_pairs()) == 1
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"duplicate.different", "duplicate.reopen"}


def test_what_holds_no_more_is_closed(twins):
    duplicates_find()
    lead_update(lead_id=twins[1].pk, values={"email": "anne@other.example"})
    assert duplicates_find().closed == 1
    assert open_pairs() == []


def test_a_pair_whose_lead_was_merged_is_closed_and_a_reported_one_goes_to_the_survivor(twins):
    cid, dan = lead(external_id="3"), lead(external_id="4")
    duplicates_find()
    PossibleDuplicate.objects.create(first=twins[1], second=cid, reason="visitor")
    leads_merge(survivor_id=dan.pk, merged_id=twins[1].pk)
    duplicates_find(lead_ids=[twins[1].pk])
    assert (cid.pk, dan.pk, "visitor") in open_pairs()
    assert all(twins[1].pk not in found[:2] for found in open_pairs())


def test_a_number_of_more_than_five_is_a_switchboards(db):
    leads = [lead(external_id=str(number), phone="+48600100200") for number in range(6)]
    duplicates_find()
    assert open_pairs() == []
    leads_merge(survivor_id=leads[0].pk, merged_id=leads[5].pk)
    duplicates_find()
    assert len(open_pairs()) == 10


def test_only_pairs_with_those_asked_about_are_suggested(twins):
    lead(external_id="8", phone="+48600100200")
    late = lead(external_id="9", phone="+48600100200")
    duplicates_find(lead_ids=[late.pk])
    assert [found[1] for found in open_pairs()] == [late.pk]


def test_what_was_reported_keeps_its_reason_and_gains_what_was_found(twins):
    PossibleDuplicate.objects.create(first=twins[0], second=twins[1], reason="visitor")
    duplicates_find()
    found = PossibleDuplicate.objects.get()
    assert (found.reason, found.evidence, found.likeness > 50) == ("visitor", ["email"], True)


def test_the_queries_of_a_chunk_do_not_depend_on_how_many_pairs_it_holds(twins):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            duplicates_find()
        return len(queries)

    few = asked()
    for number in range(30):
        lead(
            external_id=f"p{number}",
            first_name="Bo",
            last_name="Ito",
            email=f"b{'.' * (number % 2)}o{number // 2}@gmail.com",
        )
    assert asked() == few


def test_a_visitor_seen_in_two_feeds_and_as_two_people_waits_as_a_pair(db):
    def act(feed, number, **who):
        item = {"message_id": f"m{number}", "kind": "page_view", "occurred_at": "2026-03-01T10:00:00Z", **who}
        assert activities_record(feed=feed, items=[item])[0].status == "accepted"

    # One browser, two feeds, two leads: the id is the browser's, so it is likely one person.
    act("web", 1, visitor="browser-77", lead={"external_id": "w1"})
    act("shop", 2, visitor="browser-77", lead={"external_id": "s1"})
    duplicates_find()
    first, second = Lead.objects.order_by("pk")
    assert open_pairs() == [(first.pk, second.pk, "one_id")]

    # In one feed the browser stays the first one's, and the pair waits without a sweep.
    act("web", 3, visitor="browser-77", lead={"external_id": "w2"})
    third = Lead.objects.latest("pk")
    assert (first.pk, third.pk, "visitor") in open_pairs()


def test_chunks_join_into_one_sweep(twins, monkeypatch):
    monkeypatch.setattr(duplicates_finding, "CHUNK", 1)
    lead(external_id="8", phone="+48600100200")
    lead(external_id="9", phone="+48600100200")
    assert duplicates_find().found == 2
    Lead.objects.filter(external_ids__external_id__in=["2", "9"]).update(email_key="", phone_key="", last_name="X")
    assert duplicates_find().closed == 2


def test_a_look_that_was_cut_short_goes_on_where_it_was_left(twins, monkeypatch):
    monkeypatch.setattr(duplicates_finding, "CHUNK", 1)
    assert duplicates_look(seconds=0) == 1
    sweep = DuplicateSweep.objects.get()
    assert (sweep.step, sweep.after, sweep.finished_at) == ("keys", twins[0].pk, None)
    # Somebody is at it, is killed, and is held for gone a while later.
    DuplicateSweep.objects.update(heartbeat_at=timezone.now())
    assert duplicates_look() == 0
    DuplicateSweep.objects.update(heartbeat_at=timezone.now() - duplicates_finding.SILENCE)
    looked_at = []
    of_persons = duplicates_finding._persons
    monkeypatch.setattr(
        duplicates_finding, "_persons", lambda rows: of_persons(looked_at.extend(rows) or looked_at[-1:])
    )
    monkeypatch.setattr(duplicates_finding, "_suggest", lambda pairs: len(pairs))
    duplicates_look()
    assert [each.pk for each in looked_at] == [twins[1].pk]
    sweep.refresh_from_db()
    assert (sweep.step, sweep.found, bool(sweep.finished_at)) == ("closing", 1, True)
    assert duplicates_look() == 0, "the next is due tomorrow"


def test_what_was_asked_for_ten_times_is_looked_for_once_and_what_is_due_daily(twins):
    for _time in range(10):
        duplicates_ask()
    duplicates_look()
    assert DuplicateSweep.objects.filter(finished_at__isnull=False).count() == 1
    DuplicateSweep.objects.update(asked_at=timezone.now() - duplicates_finding.EVERY)
    duplicates_look()
    assert DuplicateSweep.objects.filter(finished_at__isnull=False).count() == 2


def test_whoever_was_held_for_gone_stores_nothing_more(twins):
    sweep = DuplicateSweep.objects.create(begun_at=timezone.now(), heartbeat_at=timezone.now())
    DuplicateSweep.objects.update(heartbeat_at=timezone.now() + timedelta(minutes=1))
    assert duplicates_finding._chunk(sweep) is False
    assert not LikenessKey.objects.exists()


def test_of_some_leads_only_they_and_what_changed_since_the_last_look_are_read(twins, monkeypatch):
    duplicates_find()
    Lead.objects.update(updated_at=timezone.now() - timedelta(days=2))
    late, later = lead(external_id="9", phone="+48600100200"), lead(external_id="10", phone="+48600100200")
    written = []
    write = duplicates_finding.keys_write
    monkeypatch.setattr(duplicates_finding, "keys_write", lambda keys: written.extend(keys) or write(keys))
    duplicates_find(lead_ids=[later.pk])
    assert set(written) == {late.pk, later.pk}
    assert (late.pk, later.pk, "phone") in open_pairs()


def test_after_an_import_a_worker_is_asked_to_look(db, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(bell, "_duplicates", type("Bell", (), {"ring": staticmethod(lambda: rung.append(1))}))
    with django_capture_on_commit_callbacks(execute=True):
        brought()
        imports_run()
    assert rung == [1]


def test_two_leads_of_a_workplace_known_only_by_domain_are_brought_together():
    one = {"first_name": "Ann", "last_name": "Lee", "email_key": "al@mail.acme.com", "email_kind": "work"}
    other = {"first_name": "Lee", "last_name": "Ann", "email_key": "ann.l@acme.com", "email_kind": "work"}
    assert pair(one, other).reason == "name_company"
    assert likeness_keys(Person(id=1, **one)) & likeness_keys(Person(id=2, **other))
