"""The fast road from rows to facts says the same as the strict one."""

from datetime import UTC, date, datetime

import pytest

from crm.queries import facts_for_leads
from crm.services.activities import activities_record
from crm.services.leads import lead_upsert
from scoring.engine import compile_matrix, evaluate, parse_facts, parse_matrix
from scoring.loader import facts_on
from scoring.presets import PRESETS, preset_document

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 3)


def test_rows_become_the_same_facts_on_both_roads() -> None:
    lead = lead_upsert(
        feed="crm",
        values={
            "external_id": "c1",
            "email": "ada@mill.example",
            "title": "VP, Sales",
            "consent": True,
            "company": {
                "domain": "mill.example",
                "employees": 240,
                "technologies": ["SAP"],
                "attributes": {"tier": 1.5},
            },
            "attributes": {"size": "0.10", "tags": ["a", None], "empty": ""},
            "qualification": {"budget": "yes"},
        },
        at=datetime(2026, 1, 1, tzinfo=UTC),
    ).lead
    activities_record(
        feed="crm",
        items=[
            {
                "message_id": f"m{number}",
                "lead": {"external_id": "c1"},
                "kind": "page_view",
                "occurred_at": f"2026-02-{number + 1:02}T23:30:00.123456+05:00",
                "url": "/pricing",
                "subject": "Prices",
                "value": 1.50,
                "properties": {"depth": {"a": [1, 2.5]}},
            }
            for number in range(3)
        ],
    )
    [known] = facts_for_leads([lead.pk]).values()
    fast = facts_on(known, as_of=TODAY, zone=UTC)
    strict = parse_facts({**known.facts, "lead": {**known.facts["lead"], "created_days": 61}})
    assert _present(fast.values) == _present(strict.values)
    assert [(a.id, a.kind, a.occurred_at, _present(a.values)) for a in fast.activities] == [
        (a.id, a.kind, a.occurred_at, _present(a.values)) for a in strict.activities
    ]
    for preset in PRESETS:
        compiled = compile_matrix(parse_matrix(preset_document(preset.slug)))
        assert evaluate(compiled, fast, TODAY).to_json() == evaluate(compiled, strict, TODAY).to_json()


def _present(values: object) -> dict[str, object]:
    return {name: value for name, value in dict(values).items() if value is not None}  # type: ignore[call-overload]
