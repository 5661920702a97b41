"""What the criterion editor asks of the server: menus, values of real data, a rule read back, criteria to borrow."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from crm.models import ActivityKind, AttributeDefinition
from scoring.engine.fields import ALL_OPS, OPS
from scoring.models import MatrixVersion
from scoring.presets import PRESETS, preset_document
from scoring.workbench_shown import suggestions as suggesting
from scoring.workbench_shown.fields import OPERANDS
from tests.scoring.world import MATRIX, World
from tests.workbench.conftest import signed_in

pytestmark = pytest.mark.django_db
MARKUP = "<img src=x onerror=alert(1)>"
CRITERION: dict[str, Any] = {
    "key": "new-one",
    "label": "New one",
    "dimension": "behavior",
    "points": 8,
    "when": {"kinds": ["page_view"]},
}


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Values are kept for a minute; no test sees another's."""
    suggesting._kept.clear()


@pytest.fixture
def mara(marketer: User) -> Client:
    return signed_in(marketer)


def address(name: str, draft: MatrixVersion) -> str:
    return reverse(f"workbench-{name}", args=[draft.pk])


def ask(client: Client, name: str, draft: MatrixVersion, body: object) -> Any:
    return client.post(address(name, draft), json.dumps(body), content_type="application/json")


def read(client: Client, draft: MatrixVersion, **body: object) -> Any:
    response = ask(client, "sentence", draft, body)
    assert response.status_code == 200, response.content
    return response.json()


def values(client: Client, draft: MatrixVersion, **asked: object) -> Any:
    response = client.get(address("values", draft), asked)
    assert response.status_code == 200, response.content
    return response.json()["values"]


def test_the_menus_hold_every_operator_of_every_field_and_what_this_installation_defined(
    draft: MatrixVersion, mara: Client
) -> None:
    AttributeDefinition.objects.create(subject="lead", key="tier", label="Tier", type="choice", choices=["gold", "tin"])
    ActivityKind.objects.create(key="booth_visit", label="Booth visit")
    menus = mara.get(address("fields", draft)).json()
    fields = {each["name"]: each for each in menus["fields"]}
    assert fields["activity.url"]["ops"] == list(OPS["path"])
    assert fields["lead.created_days"]["ops"] == list(OPS["number"])
    assert [key for key, _label in fields["lead.seniority"]["choices"]][:2] == ["c_level", "vp"]
    assert set(menus["ops"]) == set(ALL_OPS) == set(OPERANDS)
    own = {each["prefix"]: each["names"] for each in menus["own"]}
    assert [each["name"] for each in own["lead.attributes."]] == ["tier"]
    assert "booth_visit" in {each["key"] for each in menus["kinds"]}


def test_the_menus_ask_no_more_of_the_database_for_more_attributes(draft: MatrixVersion, mara: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            mara.get(address("fields", draft))
        return len(asked)

    few = queries()
    for number in range(20):
        AttributeDefinition.objects.create(subject="lead", key=f"a{number}", label=f"A {number}")
    assert queries() == few


def test_a_criterion_is_read_back_and_nothing_is_stored(draft: MatrixVersion, mara: Client) -> None:
    before = (draft.document, draft.revision)
    found = read(mara, draft, criterion={**CRITERION, "decay": {"half_life_days": 30}})
    assert "page view" in found["sentence"]
    assert found["problems"] == []
    assert found["points"] == 8
    assert found["curve"]["line"] == "10 points are worth 9 after 7 days, 5 after 30, 1 after 90."
    assert found["curve"]["percents"][0] == 100
    draft.refresh_from_db()
    assert (draft.document, draft.revision) == before


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"points": "8"}, "/points"),
        ({"key": "Not a key"}, "/key"),
        ({"key": "germany"}, "/key"),
        ({"when": {"where": {"field": "activity.url", "op": "path_is", "value": "pricing"}}}, "/when/where/value"),
        ({"when": {"where": {"any": [{"field": "activity.nope", "op": "is", "value": 1}]}}}, "/when/where/any/0/field"),
        ({"decay": {"steps": [[30, 50], [20, 10]]}}, "/decay/steps/1/0"),
        ({"tier": "high"}, ""),
        ({"group": "website", "dimension": "fit", "if": {}}, "/when"),
    ],
)
def test_each_problem_is_told_at_its_place_inside_the_criterion(
    draft: MatrixVersion, mara: Client, change: dict[str, Any], pointer: str
) -> None:
    found = read(mara, draft, criterion={**CRITERION, **change})
    assert found["sentence"] == ""
    assert pointer in [each["pointer"] for each in found["problems"]]
    assert all(each["detail"] for each in found["problems"])


def test_a_criterion_may_keep_its_key_where_it_replaces_itself(draft: MatrixVersion, mara: Client) -> None:
    germany = next(each for each in MATRIX["criteria"] if each["key"] == "germany")
    assert read(mara, draft, criterion=germany, replaces="germany")["problems"] == []
    assert [each["pointer"] for each in read(mara, draft, criterion=germany)["problems"]] == ["/key"]


def test_settings_are_checked_together_with_the_criteria_that_need_them(draft: MatrixVersion, mara: Client) -> None:
    assert read(mara, draft, settings={"applies_to": {}})["sentence"] == "every lead"
    falling = read(mara, draft, settings={"grades": {"A": 1, "B": 20}})
    assert "/grades/B" in [each["pointer"] for each in falling["problems"]]
    assert read(mara, draft, settings={"stages": None})["problems"][0]["pointer"] == "/stages"


@pytest.mark.parametrize("body", [[], 1, None, {}, {"criterion": 1, "more": 2}, {"settings": []}, {"replaces": "x"}])
def test_a_body_that_asks_nothing_is_refused_with_a_sentence(draft: MatrixVersion, mara: Client, body: object) -> None:
    response = ask(mara, "sentence", draft, body)
    assert response.status_code == 400
    assert response.json()["detail"]


@pytest.mark.parametrize("criterion", [None, 1, [], "x", {}, {"if": {"not": 1}}, {"key": {"a": [1]}}])
def test_whatever_stands_for_a_criterion_is_answered_with_problems(
    draft: MatrixVersion, mara: Client, criterion: object
) -> None:
    assert read(mara, draft, criterion=criterion)["problems"]


def test_values_are_those_leads_have_the_most_frequent_first(world: World, draft: MatrixVersion, mara: Client) -> None:
    for number, title in enumerate(["Head of Sales", "Head of Sales", "Buyer", MARKUP]):
        world.lead(f"l{number}@some.example", title=title)
    assert [(each["value"], each["count"]) for each in values(mara, draft, field="lead.title", q="head")] == [
        ("Head of Sales", 2)
    ]
    assert values(mara, draft, field="lead.title", q="IMG SRC")[0]["value"] == MARKUP


@pytest.mark.parametrize("field", ["lead.email", "lead.first_name", "lead.last_name", "lead.phone"])
def test_nobody_is_shown_what_stands_in_personal_fields(
    world: World, draft: MatrixVersion, mara: Client, field: str
) -> None:
    world.lead("ada@some.example", first_name="Ada", last_name="Lovelace", phone="+49 30 1234567")
    assert values(mara, draft, field=field) == []
    assert values(mara, draft, field=field, q="a") == []


def test_an_address_that_stands_in_an_attribute_is_not_offered(
    world: World, draft: MatrixVersion, mara: Client
) -> None:
    world.lead("ada@some.example", attributes={"contact": "ada@private.example"})
    world.lead("bob@some.example", attributes={"contact": "by post"})
    assert [each["value"] for each in values(mara, draft, field="lead.attributes.contact")] == ["by post"]


@pytest.mark.parametrize("field", ["", "lead.nope", "lead.password", "activity.lead__email", "company.secret", "lead."])
def test_a_field_that_is_none_is_refused(draft: MatrixVersion, mara: Client, field: str) -> None:
    response = mara.get(address("values", draft), {"field": field})
    assert response.status_code == 400
    assert response.json()["detail"]


@pytest.mark.parametrize("asked", [{"q": "a\x00"}, {"q": "x" * 201}, {"kind": ["k"] * 201}])
def test_what_no_value_holds_is_refused(draft: MatrixVersion, mara: Client, asked: dict[str, Any]) -> None:
    assert mara.get(address("values", draft), {"field": "lead.title", **asked}).status_code == 400


def test_criteria_of_every_preset_can_be_added_to_a_draft(
    draft: MatrixVersion, mara: Client, marketer: User, send: Callable[..., Any]
) -> None:
    for preset in PRESETS:
        page = mara.get(address("presets", draft), {"source": f"preset:{preset.slug}"})
        assert page.status_code == 200
        keys = [each["key"] for each in preset_document(preset.slug)["criteria"]]
        built = ask(mara, "presets", draft, {"source": f"preset:{preset.slug}", "keys": keys}).json()
        answered = send(marketer, draft, *built["edits"])
        assert answered.status_code == 200, (preset.slug, answered.content)
        draft.refresh_from_db()
    assert len({each["key"] for each in draft.document["criteria"]}) == len(draft.document["criteria"])


@pytest.mark.parametrize(
    "body",
    [{}, {"source": "preset:b2b_saas"}, {"source": 1, "keys": []}, {"source": "preset:b2b_saas", "keys": ["no"]},
     {"source": "preset:../x", "keys": ["a"]}, {"source": "version:x", "keys": ["a"]}],
)  # fmt: skip
def test_a_wish_for_nothing_there_is_refused(draft: MatrixVersion, mara: Client, body: object) -> None:
    response = ask(mara, "presets", draft, body)
    assert response.status_code == 400
    assert response.json()["detail"]


def test_a_label_with_markup_is_shown_as_text_among_criteria_to_borrow(
    world: World, draft: MatrixVersion, mara: Client
) -> None:
    document = {**MATRIX, "criteria": [{**MATRIX["criteria"][0], "label": MARKUP}, *MATRIX["criteria"][1:]]}
    other = world.draft(document)
    page = mara.get(address("presets", draft), {"source": f"version:{other.pk}"}).content.decode()
    assert MARKUP not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize(("role", "status"), [(Role.REP, 404), (Role.AUDITOR, 200), (Role.SALES_MANAGER, 200)])
def test_who_reads_matrices_may_ask_and_a_rep_finds_nothing(
    draft: MatrixVersion, person: Callable[..., User], role: Role, status: int
) -> None:
    client = signed_in(person(role))
    assert client.get(address("fields", draft)).status_code == status
    assert client.get(address("values", draft), {"field": "lead.title"}).status_code == status
    assert client.get(address("presets", draft)).status_code == status
    assert ask(client, "sentence", draft, {"criterion": CRITERION}).status_code == status
