"""The impact tab: its figures, the leads behind each of them and who may see those, and its states."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, Team, User
from crm.models import Lead
from scoring import bell
from scoring.columns.generations import generation_refresh
from scoring.models import MatrixVersion
from scoring.preview import population, preview
from scoring.preview.background import measuring_join
from scoring.services.matrices import model_create, version_create
from scoring.workbench_shown.impact import entering_ids
from tests.preview.conftest import new_process
from tests.preview.people import RICH, edited, people
from tests.scoring.conftest import shared_world, world
from tests.scoring.world import MATRIX, World, changed

__all__ = ["new_process", "shared_world", "world"]

HOSTILE = '<script>alert("x")</script>'
WARMER = changed(points={"germany": 45})


@pytest.fixture
def marketer(person: Callable[..., User]) -> User:
    return person(Role.MARKETER)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, name: str, version: MatrixVersion, **params: object) -> str:
    answer = signed_in(user).get(reverse(name, args=[version.pk]), params)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def tried(user: User, version: MatrixVersion, *edits: dict[str, Any]) -> Any:
    return signed_in(user).post(
        reverse("workbench-impact-try", args=[version.pk]),
        json.dumps({"edits": list(edits)}),
        content_type="application/json",
    )


def numbers(html: str) -> list[tuple[str, int]]:
    """Every figure that leads to a list, with the address of that list."""
    found = re.findall(r'<a\s[^>]*href="([^"]*/impact/leads/[^"]*)"[^>]*>\s*([\d,]+)\s*</a>', html)
    return [(unescape(url), int(count.replace(",", ""))) for url, count in found]


def counted(html: str, what: str = "count") -> int:
    [found] = re.findall(rf'data-{what}="(\d+)"', html)
    return int(found)


def shown_leads(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'href="/leads/(\d+)/"', html)]


def test_behind_every_number_are_as_many_leads_as_it_says(
    world: World, marketer: User, person: Callable[..., User]
) -> None:
    people(80, owners=[person(Role.REP)])
    world.publish(RICH)
    version = world.draft(edited(RICH, 3))
    client = signed_in(marketer)
    links = numbers(page(marketer, "workbench-impact", version))
    assert len(links) > 60
    for url, count in dict(links).items():
        html = client.get(url).content.decode()
        assert counted(html) == counted(html, "seen") == count, url
        listed = len(shown_leads(html))
        assert listed == min(count, 50), url


def test_the_figures_are_those_of_the_preview(world: World, marketer: User) -> None:
    lead = world.lead(country="DE", first_name="Ada")
    world.lead(country="US")
    world.settle()
    html = page(marketer, "workbench-impact-figures", world.draft(WARMER))
    assert re.search(r"data-before>.*?>0<.*?data-after>.*?>1<", html, re.S)
    assert ">Ada</a>" in html
    assert lead.pk in shown_leads(html)
    figures = preview(model=world.model, document=WARMER).figures
    assert figures is not None
    assert (figures.qualified.before, figures.qualified.after) == (0, 1)


def test_a_list_has_pages_in_one_order(world: World, marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.workbench_shown.impact_leads.PAGE", 3)
    leads = [world.lead(country="DE") for _ in range(8)]
    world.settle()
    version = world.draft(WARMER)
    client, found = signed_in(marketer), []
    url: str | None = reverse("workbench-impact-leads", args=[version.pk]) + "?line=qualified&side=entering"
    while url:
        html = client.get(url).content.decode()
        found += shown_leads(html)
        following = re.search(r'rel="next"\s+href="(\?[^"]+)"', html)
        url = unescape(f"{url.partition('?')[0]}{following[1]}") if following else None
    assert found == [lead.pk for lead in leads]


def test_a_manager_is_named_the_leads_of_the_team_and_told_how_many_there_are(
    world: World, person: Callable[..., User]
) -> None:
    manager, mine = person(Role.SALES_MANAGER), person(Role.REP)
    other = person(Role.REP, team=Team.objects.create(name="Elsewhere"))
    names = {}
    for number, owner in enumerate([mine, other, other, None]):
        lead = world.lead(country="DE", first_name=f"Given{number}")
        lead.owner = owner
        lead.save()
        names[f"Given{number}"] = lead.pk
    world.settle()
    version = world.draft(WARMER)
    html = page(manager, "workbench-impact", version)
    assert set(shown_leads(html)) == {names["Given0"]}
    assert not [name for name in names if name != "Given0" and name in html]
    assert re.search(r"data-before>.*?>0<.*?data-after>.*?>4<", html, re.S)
    listed = page(manager, "workbench-impact-leads", version, line="qualified", side="entering")
    assert (counted(listed), counted(listed, "seen"), shown_leads(listed)) == (4, 1, [names["Given0"]])
    assert "1 of 4 are yours to see" in listed


def test_an_auditor_reads_figures_and_no_names(world: World, person: Callable[..., User]) -> None:
    auditor = person(Role.AUDITOR)
    lead = world.lead(country="DE", first_name="Ada")
    world.settle()
    version = world.draft(WARMER)
    for name, params in (
        ("workbench-impact", {}),
        ("workbench-impact-leads", {"line": "qualified", "side": "entering"}),
    ):
        html = page(auditor, name, version, **params)
        assert "Ada" not in html
        assert f"Lead {lead.pk}" in html
    assert 'data-try="' not in page(auditor, "workbench-impact", version)
    assert tried(auditor, version, {"path": "/stages/mql/at", "before": 40, "after": 10}).status_code == 403


def test_a_rep_finds_nothing_here(world: World, person: Callable[..., User]) -> None:
    version, client = world.draft(WARMER), signed_in(person(Role.REP))
    for name in ("", "-figures", "-try", "-leads", "-threshold"):
        url = reverse(f"workbench-impact{name}", args=[version.pk])
        assert (client.post(url) if name == "-try" else client.get(url)).status_code == 404


def test_a_value_is_tried_without_being_saved(world: World, marketer: User) -> None:
    world.lead(country="DE")
    world.settle()
    version = world.draft()
    answer = tried(marketer, version, {"path": "/criteria/germany/points", "before": 10, "after": 45})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "not saved yet" in html
    assert re.search(r"data-before>.*?>0<.*?data-after>.*?>1<", html, re.S)
    assert numbers(html) == []
    version.refresh_from_db()
    assert (version.revision, version.document) == (1, MATRIX)
    assert "not saved yet" not in page(marketer, "workbench-impact-figures", version)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"edits": [{"path": "/stages/mql/at", "before": 39, "after": 10}]}, 409),
        ({"edits": [{"path": "/stages/none/at", "before": 40, "after": 10}]}, 409),
        ({"edits": [{"path": "/stages/mql/at", "before": 40, "after": 9_000}]}, 422),
        ({"edits": [{"path": "/stages/mql/at", "before": 40, "after": HOSTILE}]}, 422),
        ({"edits": [{"before": 40}]}, 400),
        ({"edits": "all"}, 400),
        ([], 400),
        ({"edits": [{"path": "/note", "after": "x" * 100_000}]}, 400),
    ],
)
def test_what_cannot_be_tried_is_refused_with_a_sentence(
    world: World, marketer: User, body: object, status: int
) -> None:
    version = world.draft()
    answer = signed_in(marketer).post(
        reverse("workbench-impact-try", args=[version.pk]), json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == status
    assert HOSTILE not in answer.content.decode()
    version.refresh_from_db()
    assert version.document == MATRIX


def test_a_published_version_is_shown_and_not_tried(world: World, marketer: User) -> None:
    version = MatrixVersion.objects.get(model=world.model)
    assert "nothing would change" in page(marketer, "workbench-impact", version)
    assert tried(marketer, version, {"path": "/stages/mql/at", "before": 40, "after": 10}).status_code == 409


def test_a_draft_that_says_the_same_is_told_so(world: World, marketer: User) -> None:
    assert "nothing would change" in page(marketer, "workbench-impact-figures", world.draft())
    assert "nothing would change" not in page(marketer, "workbench-impact-figures", world.draft(WARMER))


def test_a_model_without_a_published_version_says_that_everybody_is_new(world: World, marketer: User) -> None:
    world.lead(country="DE")
    model = model_create(slug="another", name="Another", by=world.admin)
    version = version_create(model=model, document=WARMER, by=world.admin)
    html = page(marketer, "workbench-impact", version)
    assert "Nothing of this model is published yet" in html
    assert re.search(r"data-before>.*?>0<.*?data-after>.*?>1<", html, re.S)
    assert all(counted(signed_in(marketer).get(url).content.decode()) == count for url, count in numbers(html))


def test_while_everybody_is_made_ready_the_tab_says_so_and_asks_again(
    world: World, marketer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "MOST_READ", 1)
    monkeypatch.setattr(bell, "_columns", bell.Bell(send=lambda: None))
    for _ in range(2):
        world.lead()
    version = world.draft(WARMER)
    html = page(marketer, "workbench-impact", version)
    assert "being made ready" in html
    assert "every 1s" in html
    assert "This is being counted" in page(
        marketer, "workbench-impact-leads", version, line="qualified", side="entering"
    )
    assert 'aria-busy="true"' in page(marketer, "workbench-impact-threshold", version, a_week=5)
    assert entering_ids(version) is None


@pytest.mark.django_db(transaction=True)
def test_while_a_condition_is_counted_the_tab_names_the_criterion(shared_world: World, marketer: User) -> None:
    world = shared_world
    lead = world.lead(title="CEO")
    world.send(lead)
    world.settle()
    generation_refresh()
    preview(model=world.model, document=MATRIX, is_waiting=True)
    slower = [
        {**each, "decay": {"linear_days": 5}} if each["key"] == "pricing-page" else each for each in MATRIX["criteria"]
    ]
    version = world.draft(changed(criteria=slower))
    html = page(marketer, "workbench-impact-figures", version)
    assert "Viewed the pricing page" in html
    assert "6 of 7 criteria are counted" in html
    assert "every 1s" in html
    measuring_join()
    html = page(marketer, "workbench-impact-figures", version)
    assert "every 1s" not in html
    assert "data-impact-qualified" in html


@pytest.mark.django_db(transaction=True)
def test_leads_whose_facts_changed_since_are_counted(
    shared_world: World, marketer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = shared_world
    leads = [world.lead(country="DE") for _ in range(3)]
    world.settle()
    generation_refresh()
    monkeypatch.setattr(population, "MOST_TOUCHED", 1)
    for lead in leads:
        world.send(lead, "chat")
    preview(model=world.model, document=WARMER, is_waiting=True, is_fresh=True)
    html = page(marketer, "workbench-impact-figures", world.draft(WARMER))
    assert "The facts of 2 leads changed since" in html


def test_what_people_typed_is_text(world: World, marketer: User) -> None:
    document = changed(
        points={"germany": 45},
        stages=[{**each, "label": HOSTILE} for each in MATRIX["stages"]],
    )
    document["criteria"] = [{**each, "label": HOSTILE} for each in document["criteria"]]
    world.lead(country="DE", first_name=HOSTILE)
    world.settle()
    version = world.draft(document)
    for name, params in (
        ("workbench-impact", {}),
        ("workbench-impact-leads", {"line": "stage", "key": "mql", "side": "entering"}),
        ("workbench-impact-leads", {"line": "criterion", "key": "germany", "side": "after"}),
        ("workbench-impact-leads", {"line": "stage", "key": HOSTILE, "side": "before"}),
        ("workbench-impact-threshold", {"a_week": 1}),
    ):
        html = page(marketer, name, version, **params)
        assert HOSTILE not in html
        assert "alert(&quot;x" in html or "alert(\\u0022x" in html or name.endswith("threshold")


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"line": "qualified"},
        {"line": "qualified", "side": "up"},
        {"line": "no-such", "side": "before"},
        {"line": "stage", "side": "before"},
        {"line": "rating", "from": "k:Z9", "to": "u"},
        {"line": "stage", "from": "mql", "to": "u"},
        {"line": "total", "side": "before", "totals": "1"},
        {"line": "total", "side": "before", "totals": f"{'9' * 40}..1"},
        {"line": "qualified", "side": "leaving", "at": "9" * 40},
        {"line": "qualified", "side": "leaving", "at": "٣"},
        {"line": "qualified", "side": "entering", "cursor": "x"},
        {"line": "qualified", "side": "entering", "cursor": "1.2.3"},
        {"line": "qualified", "side": "entering", "cursor": f"{'9' * 30}.1"},
    ],
)
def test_an_address_that_names_nothing_is_refused(world: World, marketer: User, params: dict[str, str]) -> None:
    answer = signed_in(marketer).get(reverse("workbench-impact-leads", args=[world.draft(WARMER).pk]), params)
    assert answer.status_code == 400


@pytest.mark.parametrize("a_week", ["", "x", "-1", "1.5", "9" * 20])
def test_a_capacity_that_is_no_number_is_refused(world: World, marketer: User, a_week: str) -> None:
    url = reverse("workbench-impact-threshold", args=[world.draft().pk])
    assert signed_in(marketer).get(url, {"a_week": a_week}).status_code == 400


def test_the_threshold_by_capacity_says_what_it_costs_and_offers_the_edit(world: World, marketer: User) -> None:
    kept = [world.lead(title="CEO", country="DE") for _ in range(4)]
    for lead in kept:
        for _ in range(4):
            world.send(lead)
    lost = [world.lead(title="CEO", country="DE") for _ in range(8)]
    for lead in lost:
        world.send(lead)
    world.send(lost[0], "deal_won")
    world.settle()
    version = world.draft()
    html = page(marketer, "workbench-impact-threshold", version, a_week=1)
    [at] = re.findall(r'data-threshold="(\d+)"', html)
    [text] = re.findall(r'<script id="impact-threshold-edit"[^>]*>(.*?)</script>', html)
    assert json.loads(text) == {"path": "/stages/mql/at", "before": 40, "after": int(at)}
    assert "of them bought: 1" in html
    [(url, count)] = numbers(html)
    assert count == len(lost)
    assert sorted(shown_leads(signed_in(marketer).get(url).content.decode())) == [lead.pk for lead in lost]
    moved = tried(marketer, version, json.loads(text)).content.decode()
    assert re.search(r"data-before>.*?>12<.*?data-after>.*?>4<", moved, re.S)
    easy = page(marketer, "workbench-impact-threshold", version, a_week=100_000)
    assert "would newly qualify at once" in easy or "already does that" in easy


def test_an_auditor_is_offered_no_edit(world: World, person: Callable[..., User]) -> None:
    for _ in range(9):
        world.send(world.lead(title="CEO", country="DE"))
    html = page(person(Role.AUDITOR), "workbench-impact-threshold", world.draft(), a_week=1)
    assert "data-threshold" in html
    assert "impact-threshold-edit" not in html


def test_who_would_be_handed_over_is_known_by_id(world: World) -> None:
    leads = [world.lead(country="DE") for _ in range(3)]
    world.settle()
    assert entering_ids(world.draft(WARMER)) == [lead.pk for lead in leads]
    assert entering_ids(world.draft()) == []


def test_queries_do_not_grow_with_leads(world: World, person: Callable[..., User]) -> None:
    manager, rep = person(Role.SALES_MANAGER), person(Role.REP)
    people(10, owners=[rep], seed=1)
    world.publish(RICH)
    version = world.draft(edited(RICH, 3))

    def asked(name: str, **params: object) -> int:
        client = signed_in(manager)
        url = reverse(name, args=[version.pk])
        client.get(url, params)
        with CaptureQueriesContext(connection) as found:
            client.get(url, params)
        return len(found)

    few = asked("workbench-impact-figures"), asked("workbench-impact-leads", line="scored", side="after")
    for number in range(60):
        world.lead(country="DE", seniority="vp", first_name=f"Given{number}")
    Lead.objects.update(owner=rep)
    many = asked("workbench-impact-figures"), asked("workbench-impact-leads", line="scored", side="after")
    assert few == many
