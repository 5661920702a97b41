"""The criterion editor's server side: sentences and problems while a rule is built, values of real data, criteria to
borrow, the order of criteria. Nothing of it is stored but by an edit."""

import json
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from accounts.models import User
from kernel.errors import InvalidError
from scoring.document_edits import MISSING, EditConflict, NoSuchPlace, document_edited
from scoring.models import MatrixVersion
from scoring.services.matrices import Edit, matrix_checked, version_edit
from scoring.workbench_shown import suggestions as suggesting
from scoring.workbench_shown.borrowing import criteria_borrowed
from scoring.workbench_shown.sentences import condition_read, criterion_read
from tests.engine.strategies import matrices
from tests.scoring.world import MATRIX, PRICING, World, changed
from tests.workbench.conftest import Sending, signed_in

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    suggesting._kept.clear()


def read(user: User, draft: MatrixVersion, **body: object) -> Any:
    url = reverse("workbench-sentence", args=[draft.pk])
    return signed_in(user).post(url, json.dumps(body), content_type="application/json")


def values(user: User, draft: MatrixVersion, **asked: object) -> Any:
    return signed_in(user).get(reverse("workbench-values", args=[draft.pk]), asked)


def named(key: str) -> dict[str, Any]:
    return next(each for each in MATRIX["criteria"] if each["key"] == key)


# Sentences and problems


def test_a_rule_is_read_back_with_what_age_leaves_of_it(marketer: User, draft: MatrixVersion) -> None:
    criterion = {**named("pricing-page"), "decay": {"half_life_days": 14}}
    told = read(marketer, draft, criterion=criterion, replaces="pricing-page").json()
    assert told["problems"] == []
    assert told["sentence"] == "page view where address is under /pricing; at most 4 in all; halves every 14 days"
    assert told["curve"]["line"] == "10 points are worth 7 after 7 days, 2 after 30, 0 after 90."
    assert told["curve"]["percents"][0] == 100
    draft.refresh_from_db()
    assert (draft.revision, draft.document) == (1, dict(MATRIX)), "Nothing is stored."


def test_the_curve_stays_while_another_part_is_wrong(draft: MatrixVersion) -> None:
    told = criterion_read(version=draft, criterion={"decay": {"expires_after_days": 8}})
    assert told.problems
    assert told.curve is not None
    assert told.curve.line == "10 points are worth 10 after 7 days, 0 after 30, 0 after 90."


def test_a_condition_alone_is_read_back() -> None:
    assert condition_read({}).sentence == "every lead"
    assert (
        condition_read({"field": "lead.title", "op": "has_word", "value": "vp"}).sentence == "title has the word “vp”"
    )
    assert [each.pointer for each in condition_read({"any": []}).problems] == ["/any"]


def test_what_is_nested_without_end_is_refused_and_the_draft_unharmed(marketer: User, draft: MatrixVersion) -> None:
    deep: dict[str, Any] = {"field": "lead.title", "op": "is_known"}
    for _ in range(6):
        deep = {"not": deep}
    assert "condition_too_deep" in {
        each.code for each in criterion_read(version=draft, criterion={**named("germany"), "if": deep}).problems
    }
    for _ in range(60):
        deep = {"not": deep}
    assert read(marketer, draft, condition=deep).status_code == 400


def test_ten_thousand_criteria_and_texts_without_end_are_refused(
    marketer: User, draft: MatrixVersion, send: Sending
) -> None:
    many = [{"path": "/criteria/-", "before": None, "after": {**named("demo"), "key": f"k{n}"}} for n in range(599)]
    answer = send(marketer, draft, *many)
    assert answer.status_code == 422
    assert any("500" in each["detail"] for each in answer.json()["errors"])
    with pytest.raises(InvalidError):
        everything = [Edit(path="/criteria/-", after={**named("demo"), "key": f"k{n}"}) for n in range(10_000)]
        version_edit(version=draft, edits=everything, by=marketer)
    assert read(marketer, draft, condition={"field": "x" * 3_000_000, "op": "is"}).status_code == 400
    draft.refresh_from_db()
    assert (draft.revision, draft.document) == (1, dict(MATRIX))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=matrices())
def test_whatever_is_valid_is_read_without_a_problem(draft: MatrixVersion, document: dict[str, Any]) -> None:
    draft.document = document
    for criterion in document["criteria"]:
        told = criterion_read(version=draft, criterion=criterion, replaces=criterion["key"])
        assert not told.problems
        assert (told.curve is None) == (criterion.get("decay") is None)


# Values


def test_values_come_with_how_many_leads_have_them(world: World, marketer: User, draft: MatrixVersion) -> None:
    for city, count in (("Berlin", 3), ("Bern", 1), ("Austin", 2)):
        for _ in range(count):
            world.lead(city=city, attributes={"plan": "pro", "seats": 5, "mail": "a@b.example", "born": "1980-01-01"})
    told = values(marketer, draft, field="lead.city", q="ber").json()
    assert [(each["value"], each["count"]) for each in told["values"]] == [("Berlin", 3), ("Bern", 1)]
    assert told["is_of_activities"] is False
    assert told["among"] is None
    assert [each["value"] for each in values(marketer, draft, field="lead.city").json()["values"]][:1] == ["Berlin"]
    (seats,) = values(marketer, draft, field="lead.attributes.seats").json()["values"]
    assert (seats["value"], seats["count"]) == (5, 6)
    names = values(marketer, draft, field="lead.attributes.").json()["values"]
    assert {each["value"] for each in names} == {"plan", "seats", "mail", "born"}
    for private in ("mail", "born"):
        assert values(marketer, draft, field=f"lead.attributes.{private}").json()["values"] == []


def test_values_of_activities_are_those_of_the_kinds_asked_for(
    world: World, marketer: User, draft: MatrixVersion
) -> None:
    lead = world.lead()
    for path in ("/pricing?utm=1", "/pricing", "/docs"):
        world.send(lead, url=f"https://ours.example{path}")
    world.send(lead, "download", subject=HOSTILE, properties={"plan": "pro"})
    told = values(marketer, draft, field="activity.url").json()
    assert [(each["value"], each["count"]) for each in told["values"]] == [("/pricing", 2), ("/docs", 1)]
    assert told["is_of_activities"] is True
    assert values(marketer, draft, field="activity.url", kind="download").json()["values"] == []
    assert values(marketer, draft, field="activity.subject").json()["values"][0]["value"] == HOSTILE
    assert values(marketer, draft, field="activity.properties.plan").json()["values"][0]["value"] == "pro"
    assert values(marketer, draft, field="activity.properties.").json()["values"][0]["value"] == "plan"
    kinds = values(marketer, draft, field="activity.kind").json()["values"]
    assert [(each["label"], each["count"]) for each in kinds] == [("page view", 3), ("download", 1)]


def test_values_are_kept_for_a_minute(world: World, django_assert_num_queries: Any) -> None:
    world.lead(city="Berlin")
    suggesting.suggestions(field="lead.city")
    with django_assert_num_queries(0):
        assert suggesting.suggestions(field="lead.city", asked="B").values[0].value == "Berlin"


# Borrowed criteria


def test_a_key_that_is_taken_gets_a_number_and_a_foreign_group_another_name(draft: MatrixVersion) -> None:
    source = changed(
        criteria=[
            {"key": "demo", "dimension": "fit", "group": "website", "stars": 4, "if": {}},
            {"key": "k" * 60, "dimension": "behavior", "tier": "high", "group": "new/group", "when": PRICING},
        ],
        points_per_star=3,
        tiers={"high": 9, "low": 1},
        groups={"website": {"ceiling": 3}, "new/group": {"ceiling": 7}},
    )
    edits = criteria_borrowed(document=draft.document, source=source, keys={"demo", "k" * 60})
    document: Any = draft.document
    for each in edits:
        document = document_edited(document, path=each["path"], before=MISSING, after=each["after"])[0]
    matrix = matrix_checked(document)
    assert [each.key for each in matrix.criteria][-2:] == ["demo-2", "k" * 60]
    assert [each.points for each in matrix.criteria][-2:] == [12, 9]
    assert matrix.criteria[-2].group == "website 2"
    assert matrix.groups["new/group"].ceiling == 7
    assert "low" not in matrix.tiers
    assert matrix.groups["website"].ceiling == 35


# The order of criteria


def test_an_order_is_put_as_one_edit_and_taken_back_as_one(draft: MatrixVersion, marketer: User) -> None:
    before = [each["key"] for each in MATRIX["criteria"]]
    after = [before[-1], *before[:-1]]
    version_edit(version=draft, edits=[Edit(path="/criteria", before=before, after=after)], by=marketer)
    draft.refresh_from_db()
    assert [each["key"] for each in draft.document["criteria"]] == after
    version_edit(version=draft, edits=[Edit(path="/criteria", before=after, after=before)], by=marketer)
    draft.refresh_from_db()
    assert draft.document == dict(MATRIX)


def test_an_order_says_nothing_of_what_stands_in_a_criterion() -> None:
    document = {"criteria": [{"key": "a", "points": 1}, {"key": "b", "points": 2}]}
    edited = document_edited(document, path="/criteria", before=["a", "b"], after=["b", "a"])[0]
    assert edited == {"criteria": [{"key": "b", "points": 2}, {"key": "a", "points": 1}]}


@pytest.mark.parametrize("found", [["b", "a"], ["a"], ["a", "b", "c"]])
def test_an_order_conflicts_where_members_moved_came_or_went(found: list[str]) -> None:
    document = {"criteria": [{"key": each} for each in found]}
    with pytest.raises(EditConflict) as conflict:
        document_edited(document, path="/criteria", before=["a", "b"], after=["b", "a"])
    assert conflict.value.found == found


@pytest.mark.parametrize("after", [["a"], ["a", "a"], ["a", "b", "c"], ["b", "c"]])
def test_an_order_names_every_member_once(after: list[str]) -> None:
    with pytest.raises(NoSuchPlace):
        document_edited({"criteria": [{"key": "a"}, {"key": "b"}]}, path="/criteria", before=["a", "b"], after=after)


def test_numbers_are_the_same_however_they_are_written_and_true_is_no_number() -> None:
    assert document_edited({"a": [1.0, 2]}, path="/a", before=[1, 2.0], after=3)[0] == {"a": 3}
    for before in (True, "1", [1], 1.0000001):
        with pytest.raises(EditConflict):
            document_edited({"a": 1}, path="/a", before=before, after=3)
