"""The page of one version and the list of all: what stands on them, for whom, and that nothing typed becomes markup."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from scoring.models import MatrixVersion, VersionEdit
from tests.scoring.world import MATRIX, World, changed
from tests.workbench.conftest import Sending, points, signed_in

HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


def page(user: User, name: str, *args: object, **asked: object) -> str:
    answer = signed_in(user).get(reverse(name, args=args), asked)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def hostile() -> dict[str, Any]:
    """The matrix with markup in every text that somebody may type."""
    document = changed(name=HOSTILE, description=HOSTILE)
    document["criteria"] = [
        {**each, "label": HOSTILE, "note": HOSTILE, "group": HOSTILE + each["dimension"]} for each in MATRIX["criteria"]
    ]
    document["criteria"][1]["if"] = {"field": "lead.title", "op": "has_word", "value": HOSTILE}
    document["groups"] = {f"{HOSTILE}fit": {"label": HOSTILE}}
    document["stages"] = [{**each, "label": HOSTILE} for each in MATRIX["stages"]]
    document["tiers"] = {HOSTILE: 5}
    return document


def test_every_value_is_edited_where_it_stands(draft: MatrixVersion, marketer: User) -> None:
    html = page(marketer, "workbench", draft.pk)
    for path in (
        "/name", "/description", "/audience", "/timezone", "/hand_off_at",
        "/stages/warm/at", "/stages/warm/label", "/stages/sql/min_grade", "/stages/sql/max_level",
        "/grades/A", "/levels/1", "/dimensions/fit/weight", "/dimensions/behavior/ceiling", "/dimensions/fit/floor",
        "/groups/website/label", "/groups/website/ceiling", "/groups/website/floor", "/groups/website/take",
        "/criteria/demo/label", "/criteria/demo/points", "/criteria/demo/max_points",
        "/criteria/demo/decay/expires_after_days", "/criteria/pricing-page/decay/linear_days",
    ):  # fmt: skip
        assert html.count(f'data-path="{path}"') == 1, path
    assert "page view where address is under /pricing" in html
    assert "disqualifies" in html
    assert "fast track" in html


def test_stars_and_tiers_are_edited_as_such(world: World, marketer: User) -> None:
    document = changed(points_per_star=5, tiers={"high": 20})
    document["criteria"][0] = {**MATRIX["criteria"][0], "stars": 4}
    document["criteria"][1] = {**MATRIX["criteria"][1], "tier": "high"}
    for each in document["criteria"][:2]:
        del each["points"]
    html = page(marketer, "workbench-matrix", world.draft(document).pk)
    for path in ("/points_per_star", "/tiers/high", "/criteria/exec-title/stars", "/criteria/germany/tier"):
        assert f'data-path="{path}"' in html


def test_a_criterion_without_a_label_or_a_group_is_shown_by_its_key(world: World, marketer: User) -> None:
    document = changed()
    document["criteria"] = [{**each} for each in MATRIX["criteria"]]
    del document["criteria"][0]["label"]
    draft = world.draft(document)
    assert "exec-title" in page(marketer, "workbench", draft.pk)
    assert "exec-title" in page(marketer, "workbench-log", draft.pk)


@pytest.mark.parametrize("name", ["workbench", "workbench-matrix", "workbench-log", "workbench-models"])
def test_nothing_typed_becomes_markup(world: World, marketer: User, send: Sending, name: str) -> None:
    world.model.name = HOSTILE
    world.model.save()
    draft = world.draft(hostile())
    marketer.name = HOSTILE
    marketer.save()
    send(marketer, draft, {"path": "/description", "before": HOSTILE, "after": HOSTILE * 2})
    args = [] if name == "workbench-models" else [draft.pk]
    html = page(marketer, name, *args)
    assert "alert(" in html
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_the_state_for_scripts_is_no_markup_and_reads_back(world: World, marketer: User) -> None:
    draft = world.draft(hostile())
    html = page(marketer, "workbench", draft.pk)
    [state] = re.findall(r'<script id="workbench-state" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert json.loads(state)["document"] == draft.document


def test_who_reads_only_meets_nothing_to_edit(draft: MatrixVersion, person: Callable[..., User]) -> None:
    html = page(person(Role.AUDITOR), "workbench", draft.pk)
    assert 'data-path="' not in html
    assert "workbench-undo" not in html
    assert "Asked for a demo" in html


def test_what_is_published_is_read_and_says_how_to_go_on(world: World, marketer: User) -> None:
    published = world.model.versions.get(state="published")
    html = page(marketer, "workbench", published.pk)
    assert 'data-path="' not in html
    assert "make a new version from it" in html


def test_without_script_the_page_says_that_editing_needs_it(draft: MatrixVersion, marketer: User) -> None:
    [said] = re.findall(r"<noscript>(.*?)</noscript>", page(marketer, "workbench", draft.pk), re.DOTALL)[:1]
    assert "Editing needs JavaScript" in said


def test_a_page_of_many_criteria_costs_as_many_queries_as_one_of_few(world: World, marketer: User) -> None:
    def cost(draft: MatrixVersion) -> int:
        page(marketer, "workbench", draft.pk)
        with CaptureQueriesContext(connection) as seen:
            page(marketer, "workbench", draft.pk)
        return len(seen)

    document = changed()
    document["criteria"] = [{**MATRIX["criteria"][0], "key": f"c{number}"} for number in range(500)]
    few, many = world.draft(), world.draft(document)
    assert cost(many) == cost(few)


def test_the_list_names_versions_their_state_and_who_made_them(
    world: World, draft: MatrixVersion, marketer: User
) -> None:
    html = page(marketer, "workbench-models")
    assert html.index(f"v{draft.number}") < html.index("v1<")
    assert "published" in html
    assert "Ada" in html
    with CaptureQueriesContext(connection) as few:
        page(marketer, "workbench-models")
    for _ in range(5):
        world.draft()
    with CaptureQueriesContext(connection) as many:
        page(marketer, "workbench-models")
    assert len(many) == len(few)


def test_a_new_draft_is_equal_to_the_version_it_is_made_from(world: World, marketer: User) -> None:
    published = world.model.versions.get(state="published")
    answer = signed_in(marketer).post(reverse("workbench-draft", args=[published.pk]))
    made = world.model.versions.get(state="draft")
    assert answer["Location"] == reverse("workbench", args=[made.pk])
    assert (made.document, made.created_by) == (published.document, marketer)


def test_the_navigation_leads_who_reads_matrices_here_and_nobody_else(person: Callable[..., User]) -> None:
    address = f'href="{reverse("workbench-models")}"'
    assert address in signed_in(person(Role.AUDITOR)).get("/leads/").content.decode()
    assert address not in signed_in(person(Role.REP)).get("/leads/").content.decode()


def test_the_admin_leads_to_the_workbench(draft: MatrixVersion, person: Callable[..., User]) -> None:
    client = signed_in(person(Role.ADMINISTRATOR))
    html = client.get(reverse("admin:scoring_matrixversion_change", args=[draft.pk])).content.decode()
    [link] = re.findall(r'href="([^"]*/workbench/?)"', html)[:1]
    assert client.get(link)["Location"] == reverse("workbench", args=[draft.pk])


def test_the_log_says_who_what_and_where_in_words_and_is_filtered(
    draft: MatrixVersion, marketer: User, manager: User, send: Sending
) -> None:
    send(marketer, draft, points("demo", 15, 18))
    send(manager, draft, {"path": "/stages/warm/at", "before": 20, "after": 25})
    send(manager, draft, {"path": "/dimensions", "before": None, "after": {"fit": {"weight": 60}}})
    send(marketer, draft, to="workbench-undo")
    html = page(marketer, "workbench-log", draft.pk)
    assert "Asked for a demo: points" in html
    assert "Warm: threshold" in html
    assert html.count("<li") == 4
    for asked, count in (
        ({"person": marketer.pk}, 2),
        ({"criterion": "demo"}, 2),
        ({"kind": "stages"}, 1),
        ({"kind": "dimensions"}, 1),
        ({"person": manager.pk, "criterion": "demo"}, 0),
        ({"kind": "nonsense"}, 4),
        ({"person": "9" * 40}, 4),
        ({"criterion": "\x00"}, 4),
    ):
        assert page(marketer, "workbench-log", draft.pk, **asked).count("<li") == count, asked


def test_the_log_has_pages_that_meet_each_edit_once(draft: MatrixVersion, marketer: User) -> None:
    VersionEdit.objects.bulk_create(
        VersionEdit(version=draft, path="/criteria/demo/points", before=each, after=each + 1, edited_by=marketer)
        for each in range(70)
    )
    found, before = [], ""
    while True:
        html = page(marketer, "workbench-log", draft.pk, before=before, person=marketer.pk)
        found += re.findall(r"line-through\">(\d+)<", html)
        older = re.search(r"log/\?[^\"]*before=(\d+)", html)
        if older is None:
            break
        before = older[1]
    assert [int(each) for each in found] == list(range(69, -1, -1))
