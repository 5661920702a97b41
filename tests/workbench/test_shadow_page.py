"""The page of a shadow: who opens it, what it names to whom, its gaps, its pages, and the panel of how they fared."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, Team, User
from crm.models import Company, Lead
from crm.services.activities import activity_record_own
from crm.services.merging import leads_merge
from handoff.models import Handoff, HandoffEvent
from scoring.models import ScoringModel, Shadow, ShadowDay, ShadowLead
from scoring.preview.population import population_forget
from scoring.services.matrices import Edit, version_edit
from scoring.services.shadowing import shadow_start
from scoring.shadow_nights import shadows_night
from tests.scoring.conftest import world as world
from tests.scoring.world import World, changed
from tests.workbench.test_shadow_nights import LOWER, TODAY, next_day

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
Person = Callable[..., User]


@pytest.fixture(autouse=True)
def new_process(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.COLUMNS_DIR = tmp_path / "columns"
    population_forget()
    yield
    population_forget()


@pytest.fixture
def shadow(world: World) -> Shadow:
    """Three executives whom the draft hands off and the published version does not; judged once."""
    for at in range(3):
        world.lead(title="CEO", first_name=f"Given{at}", last_name="Family")
    world.settle()
    made = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    assert shadows_night() == 1
    return made


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, one: Shadow, **asked: object) -> Any:
    return client.get(reverse("workbench-shadow", args=[one.version_id]), asked)


def test_who_may_read_a_matrix_reads_its_shadow_and_only_editors_start_and_end_it(
    shadow: Shadow, person: Person
) -> None:
    expected = {
        Role.REP: (404, 404), Role.AUDITOR: (200, 403), Role.SALES_MANAGER: (200, 302), Role.MARKETER: (200, 302),
        Role.ADMINISTRATOR: (200, 302),
    }  # fmt: skip
    for role, (read, write) in expected.items():
        Shadow.objects.exclude(pk=shadow.pk).delete()
        Shadow.objects.filter(pk=shadow.pk).update(ended_at=None, ended_because="")
        client = as_(person(role))
        assert page(client, shadow).status_code == read, role
        assert client.get(reverse("shadow-fates", args=[shadow.pk])).status_code == read, role
        for name in ("end", "start"):
            answer = client.post(reverse(f"workbench-shadow-{name}", args=[shadow.version_id]))
            assert answer.status_code == write, (role, name)
    anonymous = Client().get(reverse("workbench-shadow", args=[shadow.version_id]))
    assert (anonymous.status_code, "login" in anonymous["Location"]) == (302, True)
    assert (
        as_(person(Role.MARKETER)).get(reverse("workbench-shadow-start", args=[shadow.version_id])).status_code == 405
    )


def test_it_offers_what_one_may_do_and_says_why_it_ended(shadow: Shadow, person: Person) -> None:
    marketer, auditor = as_(person(Role.MARKETER)), as_(person(Role.AUDITOR))
    assert b"End the shadow" in page(marketer, shadow).content
    assert b"End the shadow" not in page(auditor, shadow).content

    version_edit(version=shadow.version, edits=[Edit(path="/criteria/demo/points", before=15, after=16)], by=None)
    over = page(marketer, shadow).content.decode()
    assert "It is judged no more: the draft was edited." in over
    assert "Start a shadow" in over
    shadows_night()
    ended = " ".join(page(marketer, shadow).content.decode().split())
    assert re.search(r"Ended [^.]*\d[^:]*\b.*: the draft was edited\.", ended)


def test_a_refusal_is_a_sentence_and_changes_nothing(shadow: Shadow, world: World) -> None:
    client = as_(world.admin)
    answer = client.post(reverse("workbench-shadow-start", args=[shadow.version_id]))
    assert answer.status_code == 409
    assert "This draft runs as a shadow already." in answer.content.decode()
    assert Shadow.objects.count() == 1
    published = world.model.versions.get(number=1)
    answer = client.post(reverse("workbench-shadow-end", args=[published.pk]))
    assert (answer.status_code, "This shadow has ended already." in answer.content.decode()) == (409, True)


def test_the_days_are_listed_with_their_gaps_and_todays_is_none(
    shadow: Shadow, world: World, frozen_now: time_machine.Traveller
) -> None:
    next_day(frozen_now, world, days=3)
    shadows_night()
    frozen_now.shift(timedelta(days=2))
    answer = page(as_(world.admin), shadow)
    shown = answer.context["shown"]
    assert [(each.on - TODAY).days for each in shown.days] == [0, 1, 2, 3, 4]
    assert [each.day is None for each in shown.days] == [False, True, True, False, True]
    assert shown.gaps == 3
    assert "3 days were not judged and stay gaps" in answer.content.decode()
    assert [bar.left for bar in shown.chart.strips[1].bars] == [0, 30]


def test_leads_are_named_as_far_as_somebody_may_see_them(shadow: Shadow, person: Person) -> None:
    team, other = Team.objects.create(name="North"), Team.objects.create(name="South")
    north, south = person(Role.REP, team=team), person(Role.REP, team=other)
    leads = list(Lead.objects.order_by("pk"))
    for lead, owner in zip(leads, (north, south, south), strict=True):
        Lead.objects.filter(pk=lead.pk).update(owner=owner)

    manager = page(as_(person(Role.SALES_MANAGER, team=team)), shadow)
    assert [row.pk for row in manager.context["leads"].rows] == [leads[0].pk]
    assert "Given0 Family" in manager.content.decode()
    assert "Given1" not in manager.content.decode()
    assert manager.context["shown"].sides[0].count == 3, "counts are of everybody"

    everybody = page(as_(person(Role.MARKETER)), shadow).content.decode()
    assert all(f"Given{at} Family" in everybody for at in range(3))
    masked = page(as_(person(Role.AUDITOR)), shadow)
    assert [row.name for row in masked.context["leads"].rows] == ["", "", ""]
    assert "Given" not in masked.content.decode()
    assert f"Lead {leads[0].pk}" in masked.content.decode()


def test_pages_follow_each_other_without_a_lead_twice_or_left_out(
    shadow: Shadow, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.workbench_shown.shadow.PAGE", 2)
    client, seen, after = as_(world.admin), [], ""
    for at in range(5):
        lead = Lead.objects.create(first_name=f"More{at}")
        ShadowLead.objects.create(
            shadow=shadow, lead=lead, side="shadow", first_on=TODAY, last_on=TODAY, total_shadow=20 + at // 2
        )
    while True:
        answer = page(client, shadow, side="shadow", after=after)
        seen += [(row.found.total_shadow, row.pk) for row in answer.context["leads"].rows]
        after = answer.context["leads"].cursor
        if not after:
            break
    assert len(seen) == 8
    assert seen == sorted(seen, key=lambda each: (-each[0], each[1]))
    assert page(client, shadow, side="shadow", after="nonsense").status_code == 400
    assert page(client, shadow, side="shadow", after="٣.4").status_code == 400


def test_the_other_side_and_an_earlier_shadow_are_an_address_away(shadow: Shadow, world: World) -> None:
    lead = Lead.objects.first()
    ShadowLead.objects.create(
        shadow=shadow, lead=lead, side="published", first_on=TODAY, last_on=TODAY, total_published=41
    )
    client = as_(world.admin)
    rows = page(client, shadow, side="published").context["leads"].rows
    assert [(row.pk, row.found.total_published) for row in rows] == [(lead.pk, 41)]
    client.post(reverse("workbench-shadow-end", args=[shadow.version_id]))
    client.post(reverse("workbench-shadow-start", args=[shadow.version_id]))
    assert page(client, shadow).context["shown"].shadow.pk > shadow.pk
    assert page(client, shadow, shadow=shadow.pk).context["shown"].shadow.pk == shadow.pk
    for wrong in ("0", "x", "9" * 30):
        assert page(client, shadow, shadow=wrong).status_code == 404


def test_a_merged_lead_is_listed_no_more_before_the_night_moves_it(shadow: Shadow, world: World) -> None:
    first, second, _third = Lead.objects.order_by("pk")
    leads_merge(survivor_id=second.pk, merged_id=first.pk)
    shown = page(as_(world.admin), shadow).context
    assert first.pk not in [row.pk for row in shown["leads"].rows]
    assert shown["shown"].sides[0].count == 2


def test_markup_in_names_and_labels_is_shown_as_text(world: World) -> None:
    ScoringModel.objects.update(name=HOSTILE)
    world.admin.name = HOSTILE[:100]
    world.admin.save()
    lead = world.lead(title="CEO", first_name=HOSTILE[:60])
    Lead.objects.filter(pk=lead.pk).update(company=Company.objects.create(name="<b>bold</b>"))
    world.settle()
    made = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    shadows_night()
    content = page(as_(world.admin), made).content.decode()
    content += as_(world.admin).get(reverse("shadow-fates", args=[made.pk])).content.decode()
    assert str(lead.pk) in content
    assert "&lt;script&gt;" in content
    assert "<script>alert" not in content
    assert "&lt;b&gt;bold" in content
    assert "<b>bold" not in content


def test_more_days_and_leads_cost_no_more_queries(shadow: Shadow, world: World) -> None:
    client = as_(world.admin)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as found:
            assert page(client, shadow).status_code == 200
        with CaptureQueriesContext(connection) as panel:
            client.get(reverse("shadow-fates", args=[shadow.pk]))
        counts.append((len(found), len(panel)))
        for at in range(20 * len(counts) - 20, 20 * len(counts)):
            lead = world.lead(title="CEO")
            ShadowLead.objects.create(
                shadow=shadow, lead=lead, side="shadow", first_on=TODAY, last_on=TODAY, total_shadow=20
            )
            ShadowDay.objects.create(
                shadow=shadow, as_of=TODAY - timedelta(days=at + 1), published=world.model.versions.get(number=1),
                qualified_both=at, qualified_published_only=0, qualified_shadow_only=at,
            )  # fmt: skip
    assert counts[0] == counts[1]


def test_how_they_fared_counts_what_came_since_the_first_day_of_disagreement(
    shadow: Shadow, world: World, frozen_now: time_machine.Traveller
) -> None:
    first, second, third = Lead.objects.order_by("pk")
    published_side = world.lead(title="Clerk")
    ShadowLead.objects.create(
        shadow=shadow, lead=published_side, side="published", first_on=TODAY, last_on=TODAY, total_published=40
    )
    early, late = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    frozen_now.shift(timedelta(days=2))
    activity_record_own(lead_id=first.pk, kind="conversation", occurred_at=early)
    activity_record_own(lead_id=second.pk, kind="conversation", occurred_at=late)
    activity_record_own(lead_id=second.pk, kind="deal_won", occurred_at=late)
    activity_record_own(lead_id=published_side.pk, kind="deal_lost", occurred_at=late)
    withdrawn = activity_record_own(lead_id=third.pk, kind="deal_won", occurred_at=late)
    withdrawn.withdrawn_at = late
    withdrawn.save()
    for lead, kind, at in ((second, "accepted", late), (third, "rejected", early), (published_side, "accepted", late)):
        handoff = Handoff.objects.create(
            lead=lead, model=world.model, version=world.model.versions.get(number=1), sla_due_at=late, total=40,
            opened_total=40, opened_rating="A1", opened_stage="mql", opened_at=early, closed_at=None,
        )  # fmt: skip
        HandoffEvent.objects.create(handoff=handoff, kind=kind, state=kind, at=at)

    context = as_(world.admin).get(reverse("shadow-fates", args=[shadow.pk])).context
    counts = {label: (published.count, by_shadow.count) for label, published, by_shadow in context["rows"]}
    assert counts == {
        "Had a conversation": (0, 1),
        "Accepted by sales": (1, 1),
        "Rejected by sales": (0, 0),
        "Won": (0, 1),
        "Lost": (1, 0),
    }
    assert (context["by_published"].leads, context["by_shadow"].leads) == (1, 3)
    # Wilson, 1 of 3 at 95 %.
    assert context["by_shadow"].fates["won"].share == "33 % (6 to 79)"

    leads_merge(survivor_id=first.pk, merged_id=second.pk)
    after = as_(world.admin).get(reverse("shadow-fates", args=[shadow.pk])).context["by_shadow"]
    assert (after.leads, after.fates["accepted"].count, after.fates["won"].count) == (2, 1, 1)


def test_a_day_begins_at_midnight_of_the_models_zone(world: World, frozen_now: time_machine.Traveller) -> None:
    world.publish(changed(timezone="America/Los_Angeles"))
    lead = world.lead(title="CEO")
    made = shadow_start(version_id=world.draft(LOWER).pk, by=world.admin)
    ShadowLead.objects.create(shadow=made, lead=lead, side="shadow", first_on=TODAY, last_on=TODAY, total_shadow=20)
    midnight = timezone.now().replace(hour=8, minute=0)
    activity_record_own(lead_id=lead.pk, kind="conversation", occurred_at=midnight - timedelta(minutes=1))
    client, address = as_(world.admin), reverse("shadow-fates", args=[made.pk])
    assert client.get(address).context["by_shadow"].fates["conversation"].count == 0
    activity_record_own(lead_id=lead.pk, kind="conversation", occurred_at=midnight)
    assert client.get(address).context["by_shadow"].fates["conversation"].count == 1
