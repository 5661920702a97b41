"""What a matrix names is read together into the column file, and never twice."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from crm.models import ActivityKind, Lead
from scoring.bulk.naming import Named, matrix_named
from scoring.columns import mapped
from scoring.columns.generations import Generation, generation_rebuild
from scoring.columns.mapped import columns_add
from scoring.engine import parse_matrix
from scoring.presets import preset_document
from tests.columns.against_facts import FIELDS, NAMES, World, assert_same, columns_by_facts

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 3)
EVERYTHING = Named(fields=tuple(FIELDS), properties=(*NAMES, "nobody has it"))


@pytest.fixture
def generation() -> Generation:
    ActivityKind.objects.create(key="made up", label="Made up")
    World(7)
    return generation_rebuild()


def test_what_is_added_together_is_what_the_engine_would_be_handed(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns_add(generation, EVERYTHING)
    monkeypatch.setattr(mapped, "fields_read", None)
    monkeypatch.setattr(mapped, "properties_read", None)
    zone = ZoneInfo("UTC")
    everybody = list(Lead.objects.order_by("pk").values_list("pk", flat=True))
    assert_same(generation.columns, columns_by_facts(everybody, TODAY, zone), zone, TODAY)
    columns_add(generation, EVERYTHING)


def test_all_fields_take_one_statement_and_all_properties_one_for_some(
    generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    for name in ("fields_read", "properties_read"):
        read = getattr(mapped, name)

        def told(*args: object, read: object = read, **more: object) -> object:
            asked.append(tuple(args[2]))  # type: ignore[arg-type]
            return read(*args, **more)  # type: ignore[operator]

        monkeypatch.setattr(mapped, name, told)
    generation.columns.field("lead.title")
    columns_add(generation, Named(fields=("lead.title", "lead.country", "company.name"), properties=("plan", "a.b")))
    assert asked == [("lead.title",), ("lead.country", "company.name"), ("plan", "a.b")]


def test_a_matrix_names_the_fields_of_its_conditions_and_the_properties_of_its_patterns() -> None:
    def known(field: str) -> dict[str, object]:
        return {"field": field, "op": "is_known"}

    def when(field: str, **more: object) -> dict[str, object]:
        return {"kinds": ["page_view"], "where": known(field), **more}

    document = preset_document("b2b_saas") | {
        "applies_to": {"any": [known("lead.source"), known("lead.created_days")]},
        "criteria": [
            {"key": "a", "dimension": "fit", "points": 1, "if": {"not": known("company.attributes.tier")}},
            {
                "key": "b",
                "dimension": "behavior",
                "points": 1,
                "if": known("lead.source"),
                "when": when("activity.url"),
            },
            {
                "key": "c",
                "dimension": "behavior",
                "points": 1,
                "when": when("activity.properties.plan", after=when("activity.properties.a b"), within_days=3),
            },
        ],
    }
    assert matrix_named(parse_matrix(document)) == Named(
        fields=("lead.source", "company.attributes.tier"), properties=("plan", "a b")
    )
