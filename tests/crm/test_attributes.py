"""Custom attributes with types: what fits is taken, what does not is refused at its place, what nobody named is as before."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Role
from crm.ingestion.attribute_types import attribute_problem, type_guessed
from crm.models import AttributeDefinition, Company, Lead
from crm.services.attributes import (
    attribute_define,
    attribute_definitions,
    attribute_undefine,
    attributes_unnamed,
)
from crm.services.companies import company_update
from crm.services.leads import lead_update, lead_upsert, leads_upsert_many
from kernel.errors import BadRequestError, ConflictError

pytestmark = pytest.mark.django_db


def define(key, kind="text", subject="lead", **fields):
    return AttributeDefinition.objects.create(
        subject=subject, key=key, type=kind, **{"label": key.capitalize(), **fields}
    )


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("text", "blue", None),
        ("text", 12, "wrong_type"),
        ("number", 12, None),
        ("number", Decimal("1.5"), None),
        ("number", "12", "wrong_type"),
        ("number", True, "wrong_type"),
        ("boolean", False, None),
        ("boolean", "no", "wrong_type"),
        ("boolean", 0, "wrong_type"),
        ("date", "2026-02-28", None),
        ("date", "2026-02-30", "wrong_type"),
        ("date", "28.02.2026", "wrong_type"),
        ("date", 20260228, "wrong_type"),
        ("choice", "gold", None),
        ("choice", "tin", "not_a_choice"),
        ("choice", 1, "wrong_type"),
        ("list", ["a", "b"], None),
        ("list", ["a", 1], "wrong_type"),
        ("list", "a", "wrong_type"),
        *((kind, cleared, None) for kind in AttributeDefinition.Type.values for cleared in (None, "", " ", [])),
    ],
)
def test_a_value_is_of_its_type_or_clears_it(kind, value, code):
    definition = AttributeDefinition(key="x", label="X", type=kind, choices=["gold"])
    found = attribute_problem(definition, value, "attributes", "x")
    assert (found and found.code) == code
    assert found is None or found.pointer == "/attributes/x"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "number"),
        ([True, False], "boolean"),
        ([True, 1], "text"),
        (["2026-01-02"], "date"),
        (["2026-01-02", "soon"], "text"),
        ([["a"], []], "list"),
        ([None], "text"),
        ([], "text"),
    ],
)
def test_the_narrowest_type_of_all_values_is_guessed(values, kind):
    assert type_guessed(values) == kind


def test_a_defined_attribute_of_another_type_is_refused_at_its_place_and_the_rest_goes_in():
    define("seats", "number")
    define("tier", "choice", "company", choices=["gold", "silver"])
    results = leads_upsert_many(
        feed="crm",
        items=[
            {"email": "a@a.example", "attributes": {"seats": "12"}},
            {"email": "b@b.example", "attributes": {"seats": 12, "free": "as sent"}},
            {"email": "c@c.example", "company": {"domain": "c.example", "attributes": {"tier": "tin"}}},
        ],
    )
    assert [result.status for result in results] == ["rejected", "created", "rejected"]
    assert [(p.pointer, p.code) for p in results[0].problems] == [("/attributes/seats", "wrong_type")]
    assert [(p.pointer, p.code) for p in results[2].problems] == [("/company/attributes/tier", "not_a_choice")]
    assert Lead.objects.get().attributes == {"seats": 12, "free": "as sent"}


def test_one_lead_and_one_company_are_held_to_the_types_too():
    define("seats", "number")
    define("since", "date", "company")
    lead = lead_upsert(feed="crm", values={"email": "a@a.example", "attributes": {"seats": 3}}).lead
    with pytest.raises(BadRequestError) as refused:
        lead_update(lead_id=lead.pk, values={"attributes": {"seats": True}})
    assert refused.value.problems[0].pointer == "/attributes/seats"
    with pytest.raises(BadRequestError) as refused:
        company_update(company_id=lead.company_id, values={"attributes": {"since": "1st of May"}})
    assert refused.value.problems[0].pointer == "/attributes/since"
    lead_update(lead_id=lead.pk, values={"attributes": {"seats": None}})
    assert Lead.objects.get().attributes == {}


def test_definitions_are_asked_for_once_a_batch_and_not_where_nobody_sends_an_attribute():
    define("seats", "number")

    def queries(items):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            leads_upsert_many(feed="crm", items=items)
        return [query["sql"] for query in caught if "crm_attributedefinition" in query["sql"]]

    assert len(queries([{"email": f"a{n}@a.example", "attributes": {"seats": n}} for n in range(1, 9)])) == 1
    assert queries([{"email": "b@b.example", "title": "CEO"}]) == []


def test_a_value_that_does_not_fit_a_later_definition_stays_and_hinders_no_other_change():
    lead = lead_upsert(feed="crm", values={"email": "a@a.example", "attributes": {"seats": "many"}}).lead
    define("seats", "number")
    lead_update(lead_id=lead.pk, values={"title": "CEO"})
    assert Lead.objects.get().attributes == {"seats": "many"}


def test_what_is_sent_and_nobody_named_is_found_and_defined_with_the_type_it_has(person):
    define("named")
    admin = person(Role.ADMINISTRATOR)
    for number in range(1, 4):
        lead_upsert(feed="crm", values={"email": f"a{number}@a.example", "attributes": {"seats": number, "named": "x"}})
    Company.objects.update(attributes={"partner": True})
    found = [(one.subject, one.key, one.rows, one.type) for one in attributes_unnamed()]
    assert found == [("lead", "seats", 3, "number"), ("company", "partner", 1, "boolean")]

    made = attribute_define(subject="lead", key="seats", by=admin)
    assert (made.label, made.type) == ("Seats", "number")
    assert AuditEntry.objects.get(action="attributedefinition.create").actor == admin
    assert [one.key for one in attributes_unnamed()] == ["partner"]
    with pytest.raises(ConflictError):
        attribute_define(subject="lead", key="seats", by=admin)
    with pytest.raises(BadRequestError):
        attribute_define(subject="lead", key="Not a key!", by=admin)


def test_deleting_a_definition_leaves_what_leads_have(person):
    definition = define("seats", "number")
    lead_upsert(feed="crm", values={"email": "a@a.example", "attributes": {"seats": 4}})
    attribute_undefine(definition_id=definition.pk, by=person(Role.MARKETER))
    assert Lead.objects.get().attributes == {"seats": 4}
    assert AuditEntry.objects.filter(action="attributedefinition.delete").exists()
    lead_upsert(feed="crm", values={"email": "a@a.example", "attributes": {"seats": "four"}})
    assert Lead.objects.get().attributes == {"seats": "four"}


def test_definitions_come_in_the_order_they_are_shown():
    define("b", position=2)
    define("a", position=3)
    define("c", position=1)
    define("other", subject="company")
    assert [one.key for one in attribute_definitions("lead")] == ["c", "b", "a"]
