"""The tab of findings: grouped by severity, linked to criteria, mended by one click, lived with for a reason."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from scoring.models import AcceptedFinding, MatrixVersion
from scoring.services.matrices import Edit, version_edit
from scoring.workbench_shown.findings import findings_of
from tests.scoring.conftest import world as world
from tests.scoring.world import MATRIX, World, changed
from tests.workbench.reviewed import somebody

BROKEN = {"name": "No", "as_of": "2026-03-03", "facts": {"lead": {}}, "stage": "sql"}
HOSTILE = "<script>alert(1)</script>"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tab(client: Client, version: MatrixVersion, **asked: Any) -> str:
    answer = client.get(f"/admin/workbench/{version.pk}/findings/", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def opened(**parts: Any) -> dict[str, Any]:
    return {
        "key": "opened",
        "label": HOSTILE,
        "dimension": "behavior",
        "points": 1,
        "when": {"kinds": ["email_open"]},
        "count": {"max": 1},
        **parts,
    }


def test_findings_stand_by_severity_with_their_criteria_and_their_mends(world: World) -> None:
    draft = world.draft(changed(points={"exec-title": 21}, criteria=[*MATRIX["criteria"], opened()], examples=[BROKEN]))
    page = tab(signed_in(world.admin), draft)
    titles = re.findall(r'id="findings-(\w+)"', page)
    assert [each for each in dict.fromkeys(titles) if each in {"error", "warning", "info"}] == [
        "error",
        "warning",
        "info",
    ]
    assert 'data-select-criterion="opened"' in page
    assert HOSTILE not in page
    mends = [json.loads(html.unescape(each)) for each in re.findall(r'data-mend="([^"]*)"', page)]
    assert [{"path": "/examples/0/stage", "before": "sql", "after": "cold"}] in mends
    assert [{"path": "/criteria/opened/enabled", "before": None, "after": False}] in mends
    for each in mends:
        edits = [Edit(path=one["path"], before=one["before"], after=one["after"]) for one in each]
        draft = version_edit(version=draft, edits=edits, by=world.admin)
    left = tab(signed_in(world.admin), draft)
    assert 'id="findings-error"' not in left
    assert "data-mend" not in left


def test_one_criterions_findings_can_be_read_alone(world: World) -> None:
    draft = world.draft(changed(points={"exec-title": 26}, criteria=[*MATRIX["criteria"], opened()], examples=[BROKEN]))
    counts = findings_of(draft)
    assert counts["opened"] >= 1
    page = tab(signed_in(world.admin), draft, criterion="opened")
    assert page.count("L11") == 1
    assert "L22" not in page
    assert "L22" in tab(signed_in(world.admin), draft, criterion="never-was")


def test_a_reason_is_given_and_taken_back_on_the_tab(world: World) -> None:
    draft = world.draft(changed(points={"exec-title": 21}))
    client = signed_in(somebody(Role.MARKETER, "Mara"))
    address = f"/admin/workbench/{draft.pk}/findings/reason/"
    asked = {"code": "L01", "criteria": "exec-title"}
    page = client.post(address, {**asked, "reason": HOSTILE}).content.decode()
    assert "Mara: &lt;script&gt;" in page
    assert client.post(address, {**asked, "reason": " "}).status_code == 422
    assert "Mara: &lt;script&gt;" in tab(client, draft)
    assert "Mara:" not in client.post(address, {**asked, "withdraw": "1"}).content.decode()
    assert not AcceptedFinding.objects.exists()


def test_an_auditor_reads_findings_and_is_offered_nothing(world: World) -> None:
    draft = world.draft(changed(points={"exec-title": 21}, examples=[BROKEN]))
    client = signed_in(somebody(Role.AUDITOR))
    page = tab(client, draft)
    assert "L22" in page
    assert "data-mend" not in page
    assert "<form" not in page
    asked = {"code": "L01", "criteria": "exec-title", "reason": "So."}
    assert client.post(f"/admin/workbench/{draft.pk}/findings/reason/", asked).status_code == 403


def test_a_published_version_is_read_and_neither_mended_nor_excused(world: World) -> None:
    published = world.publish(changed(points={"exec-title": 21}))
    page = tab(signed_in(world.admin), published)
    assert "L01" in page
    assert "data-mend" not in page
    asked = {"code": "L01", "criteria": "exec-title", "reason": "So."}
    answer = signed_in(world.admin).post(f"/admin/workbench/{published.pk}/findings/reason/", asked)
    assert answer.status_code == 409


@pytest.mark.parametrize("count", [1, 40])
def test_the_tab_costs_the_same_however_many_findings_there_are(
    world: World, count: int, django_assert_max_num_queries
) -> None:
    many = [opened(key=f"opened-{number}", label=str(number)) for number in range(count)]
    draft = world.draft(changed(criteria=[*MATRIX["criteria"], *many]))
    client = signed_in(world.admin)
    tab(client, draft)
    with django_assert_max_num_queries(22):
        tab(client, draft)
