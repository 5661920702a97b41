"""The column file is right for everybody whom `leads_touched` does not name, and is brought up in time."""

import threading
from datetime import date, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone

from crm.models import Cause, Lead, LeadTouch, Work
from crm.services.activities import activities_record
from crm.services.companies import company_update
from crm.services.erasure import lead_erase
from crm.services.leads import lead_update
from crm.services.merging import leads_merge
from crm.services.work import work_add, work_delete
from scoring.columns import generations
from scoring.columns.folders import database_folder
from scoring.columns.generations import (
    Generation,
    generation_current,
    generation_keep,
    generation_rebuild,
    generation_refresh,
)
from scoring.columns.mapped import GenerationGoneError
from scoring.columns.reading import columns_read, columns_read_leads
from scoring.columns.touched import leads_touched
from scoring.models import ColumnGeneration
from tests.columns.against_facts import FIELDS, World, assert_same, columns_by_facts, decoded
from tests.columns.leads import drain, everybody, lead

TODAY = date(2026, 3, 3)
ST_JOHNS = ZoneInfo("America/St_Johns")
DATABASE = pytest.mark.django_db(transaction=True)


def change(ann: Lead, bob: Lead) -> dict[str, object]:
    return {
        "field": lambda: lead_update(lead_id=ann.pk, values={"title": "VP"}),
        "activity": lambda: activities_record(
            feed="web",
            items=[
                {
                    "message_id": "m1",
                    "lead": {"email": "ann@ann.example"},
                    "kind": "page_view",
                    "occurred_at": "2026-03-01T10:00:00Z",
                }
            ],
        ),
        "company": lambda: company_update(company_id=ann.company_id, values={"employees": 7}),
        "merge": lambda: leads_merge(survivor_id=bob.pk, merged_id=ann.pk),
        "erasure": lambda: lead_erase(lead_id=ann.pk),
    }


@DATABASE
@pytest.mark.parametrize("what", ["field", "activity", "company", "merge", "erasure"])
@pytest.mark.parametrize("judged", [False, True])
def test_who_changed_after_the_file_was_begun_is_touched_before_and_after_being_judged(what: str, judged: bool) -> None:
    ann, bob, other = lead("ann"), lead("bob"), lead("other")
    generation = generation_rebuild()
    assert leads_touched(generation).tolist() == []

    change(ann, bob)[what]()
    if judged:
        drain()

    touched = leads_touched(generation).tolist()
    assert ann.pk in touched
    assert other.pk not in touched
    assert (bob.pk in touched) == (what == "merge")
    assert leads_touched(generation, lead_from=ann.pk + 1).tolist() == [each for each in touched if each > ann.pk]
    assert leads_touched(generation, lead_to=ann.pk - 1).tolist() == []


@DATABASE
@pytest.mark.parametrize("judged_by_then", [False, True])
def test_a_change_that_was_open_when_the_file_was_begun_is_not_missed(judged_by_then: bool) -> None:
    """Its number is lower than that of the file; what counts is that it had not ended."""
    ann = lead("ann", title="Manager")
    wrote, may_end = threading.Event(), threading.Event()

    def change_slowly() -> None:
        with transaction.atomic():
            if judged_by_then:
                # A scorer that took its number before the file began and ends after it.
                work_add(lead_ids=[ann.pk], cause=Cause.LEAD_CHANGED)
                Lead.objects.filter(pk=ann.pk).update(title="VP")
                drain()
            else:
                lead_update(lead_id=ann.pk, values={"title": "VP"})
            wrote.set()
            assert may_end.wait(60)
        connection.close()

    changing = threading.Thread(target=change_slowly)
    changing.start()
    assert wrote.wait(60)
    generation = generation_rebuild()
    assert decoded(generation.columns.field("lead.title")) == [("str", "Manager")]
    may_end.set()
    changing.join()

    assert leads_touched(generation).tolist() == [ann.pk]


def extended(generation: Generation) -> Generation:
    root = database_folder()
    generations.generation_extend(root, generation)
    found = generation_current()
    assert found is not None
    assert found.token != generation.token
    return found


def test_extending_is_as_good_as_building(world: World) -> None:
    generation = generation_rebuild()
    for name in FIELDS:
        generation.columns.field(name)
    for name in ("plan", "a.b"):
        generation.columns.activities.properties(name)
    generation.columns.activities.days(ST_JOHNS)
    # New leads, some changed, one gone, one merged, more activities of old and new ones.
    new = [world.lead() for _ in range(5)]
    changed = world.random.sample([each for each in world.leads if each.merged_into is None], 8)
    for each in changed[:3]:
        Lead.objects.filter(pk=each.pk).update(title="Chief of new things", attributes={"plan": [1.5], "a.b": "x"})
    for each in [*changed[3:6], *new]:
        world.activity(each)
    into = changed[0]
    Lead.objects.filter(pk=changed[6].pk).update(merged_into=into)
    changed[7].activities.all().delete()
    Lead.objects.filter(merged_into=changed[7].pk).update(merged_into=into)
    gone = changed[7].pk
    changed[7].delete()
    work_add(lead_ids=[each.pk for each in [*changed[:7], *new]], cause=Cause.LEAD_CHANGED)
    work = list(Work.objects.values_list("pk", flat=True))
    LeadTouch.objects.create(lead_id=gone, xid=2**62, is_erased=True)

    found = extended(generation)

    work_delete(ids=work)
    assert_same(found.columns, columns_by_facts(everybody(), TODAY, ST_JOHNS), ST_JOHNS, TODAY)
    assert found.manifest.built_at == generation.manifest.built_at
    assert found.manifest.holds_erased
    assert_same(found.columns, columns_read(), ST_JOHNS, TODAY)
    again = extended(found)
    assert_same(again.columns, columns_by_facts(everybody(), TODAY, ST_JOHNS), ST_JOHNS, TODAY)
    assert again.manifest.holds_erased


@DATABASE
def test_an_untouched_lead_is_not_read_again() -> None:
    ann, bob = lead("ann", title="Manager"), lead("bob", title="Manager")
    generation = generation_rebuild()
    generation.columns.field("lead.title")
    # Behind everybody's back, to see what is read.
    Lead.objects.filter(pk=bob.pk).update(title="Student")
    lead_update(lead_id=ann.pk, values={"title": "VP"})

    assert decoded(extended(generation).columns.field("lead.title")) == [("str", "VP"), ("str", "Manager")]


@DATABASE
def test_touches_go_when_no_file_asks_for_them() -> None:
    ann = lead("ann")
    LeadTouch.objects.create(lead_id=ann.pk, xid=1)
    assert generation_keep() == 0, "one lead is worth no file"
    assert not LeadTouch.objects.exists()

    first = generation_rebuild()
    lead_update(lead_id=ann.pk, values={"title": "VP"})
    drain()
    assert generation_keep() == 0
    assert leads_touched(first).tolist() == [ann.pk], "the file still asks for it"
    LeadTouch.objects.create(lead_id=ann.pk, xid=1)
    other = ColumnGeneration.objects.create(token=uuid4(), host="elsewhere", xid=1, since_xid=1)
    generation_rebuild()
    assert first.path.exists() is False
    assert leads_touched(first).tolist() == [ann.pk], "who took it before still may ask"
    second = generation_rebuild()
    with pytest.raises(GenerationGoneError):
        leads_touched(first)
    assert LeadTouch.objects.filter(xid=1).exists(), "a file of another machine asks for it"
    assert not ColumnGeneration.objects.filter(token=first.token).exists()
    ColumnGeneration.objects.filter(pk=other.pk).update(made_at=timezone.now() - timedelta(days=4))
    generation_keep()
    assert not LeadTouch.objects.filter(xid=1).exists(), "that machine has been away for days"
    assert ColumnGeneration.objects.latest("pk").token == second.token
    assert ColumnGeneration.objects.count() == 2


@DATABASE
def test_many_touched_are_read_anew_and_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [lead(f"p{number}").pk for number in range(8)]
    generation = generation_rebuild()
    monkeypatch.setattr(generations, "_TOUCHED", 3)
    work_add(lead_ids=ids[:1], cause=Cause.LEAD_CHANGED)
    assert generation_refresh().token == generation.token
    work_add(lead_ids=ids[:3], cause=Cause.LEAD_CHANGED)
    second = generation_refresh()
    assert (second.token, second.manifest.built_at) != (generation.token, generation.manifest.built_at)
    assert second.manifest.built_at == generation.manifest.built_at
    work_add(lead_ids=ids, cause=Cause.LEAD_CHANGED)
    assert generation_refresh().manifest.built_at > second.manifest.built_at


@DATABASE
def test_an_erased_person_is_gone_from_the_file_with_the_first_look_after_six_hours(frozen_now) -> None:
    ann = lead("ann", title="Unforgettable")
    lead("bob")
    generation = generation_rebuild()
    generation.columns.field("lead.title")
    lead_erase(lead_id=ann.pk)
    columns_read_leads([ann.pk])
    frozen_now.shift(6 * 3600 - 1)
    generation_refresh()
    frozen_now.shift(2)
    fresh = generation_refresh()
    assert fresh.manifest.built_at != generation.manifest.built_at
    held = b"".join(each.read_bytes() for each in database_folder().rglob("*") if each.is_file())
    assert b"Unforgettable" not in held
    assert b"lead.title" in held
