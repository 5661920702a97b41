"""Hold what bulk judgement says of a population against what the engine says of each lead."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from scoring.bulk.columns import Columns
from scoring.bulk.from_facts import columns_of_facts
from scoring.bulk.measuring import Measuring, applies, measure
from scoring.bulk.units import Units
from scoring.bulk.weighing import DECIDED_BY, NO_STAGE, weigh
from scoring.engine import compile_matrix, parse_facts, parse_matrix
from scoring.engine.compiled import CompiledMatrix
from scoring.engine.evaluate import evaluate
from scoring.engine.evaluate import measure as measure_one
from scoring.engine.facts import Facts
from scoring.engine.types import GRADES

Json = dict[str, Any]


def compiled_of(document: Json) -> CompiledMatrix:
    return compile_matrix(parse_matrix(document))


def population_of(documents: Sequence[Json]) -> list[tuple[int, Facts]]:
    """Leads 3, 6, 9 and on, so that an id is never taken for a position."""
    return [(3 * (number + 1), parse_facts(each)) for number, each in enumerate(documents)]


def kinds_in(leads: Sequence[tuple[int, Facts]]) -> frozenset[str]:
    return frozenset(activity.kind for _, facts in leads for activity in facts.activities)


def handed_to_the_engine(facts: Facts, kinds: frozenset[str]) -> Facts:
    return replace(facts, activities=tuple(each for each in facts.activities if each.kind in kinds))


def engine_units(
    compiled: CompiledMatrix, leads: Sequence[tuple[int, Facts]], as_of: date, kinds: frozenset[str]
) -> list[dict[int, int]]:
    """For each criterion the units above zero, by lead id."""
    found: list[dict[int, int]] = [{} for _ in compiled.criteria]
    for lead_id, facts in leads:
        measurement = measure_one(compiled, handed_to_the_engine(facts, kinds), as_of)
        for units, measured in zip(found, measurement.measured, strict=True):
            if measured.units:
                units[lead_id] = measured.units
    return found


def engine_applies(compiled: CompiledMatrix, leads: Sequence[tuple[int, Facts]], as_of: date) -> dict[int, int]:
    return {lead_id: 1_000_000 for lead_id, facts in leads if evaluate(compiled, facts, as_of).score is not None}


def engine_scores(
    compiled: CompiledMatrix, leads: Sequence[tuple[int, Facts]], as_of: date, kinds: frozenset[str]
) -> dict[int, Json]:
    """What bulk judgement tells of a lead, by id; only of leads the model applies to."""
    cards = {lead_id: evaluate(compiled, handed_to_the_engine(facts, kinds), as_of) for lead_id, facts in leads}
    return {
        lead_id: {
            "total": score.total,
            "dimensions": dict(score.dimensions),
            "grade": score.grade,
            "level": score.level,
            "stage": score.stage,
            "decided_by": score.decided_by,
            "is_disqualified": bool(score.disqualified_by),
            "is_fast_tracked": bool(score.fast_tracked_by),
        }
        for lead_id, card in cards.items()
        if (score := card.score) is not None
    }


def bulk_scores(compiled: CompiledMatrix, columns: Columns, as_of: date, kinds: frozenset[str]) -> dict[int, Json]:
    measuring = Measuring(compiled, columns, as_of, kinds)
    weighed = weigh(compiled, [measuring.units(index) for index in range(len(compiled.criteria))], len(columns))
    where = measuring.applies()
    stages = [stage.key for stage in compiled.matrix.stages]
    return {
        int(columns.lead_ids[at]): {
            "total": int(weighed.total[at]),
            "dimensions": {
                "fit": int(weighed.fit[at]),
                "behavior": int(weighed.behavior[at]),
                "qualification": int(weighed.qualification[at]),
            },
            "grade": GRADES[weighed.grade[at]],
            "level": int(weighed.level[at]),
            "stage": None if weighed.stage[at] == NO_STAGE else stages[weighed.stage[at]],
            "decided_by": DECIDED_BY[weighed.decided_by[at]],
            "is_disqualified": bool(weighed.is_disqualified[at]),
            "is_fast_tracked": bool(weighed.is_fast_tracked[at]),
        }
        for at in (range(len(columns)) if where is None else where.leads.tolist())
    }


def by_lead(units: Units, columns: Columns) -> dict[int, int]:
    """The units by lead id. They must be sparse, in rising order, in the agreed types."""
    assert units.leads.dtype == np.int32
    assert units.units.dtype == np.int64
    assert (np.diff(units.leads) > 0).all()
    assert (units.units > 0).all()
    return dict(zip(columns.lead_ids[units.leads].tolist(), units.units.tolist(), strict=True))


def assert_judged_like_the_engine(
    document: Json, leads: Sequence[tuple[int, Facts]], as_of: date, kinds: frozenset[str] | None = None
) -> None:
    compiled = compiled_of(document)
    handed = kinds_in(leads) if kinds is None else kinds
    expected = engine_units(compiled, leads, as_of, handed)
    columns = columns_of_facts(leads)
    whole = Measuring(compiled, columns, as_of, handed)
    numbers = range(len(compiled.criteria))
    assert {index: by_lead(whole.units(index), columns) for index in numbers} == dict(enumerate(expected))
    # Alone, and again in slices that share what the dictionaries keep.
    assert [by_lead(measure(compiled, index, columns, as_of, handed), columns) for index in numbers] == expected
    assert measured_in_slices(compiled, columns, as_of, handed) == expected
    assert bulk_scores(compiled, columns, as_of, handed) == engine_scores(compiled, leads, as_of, handed)
    where = applies(compiled, columns, as_of)
    assert (where is None) == (not document.get("applies_to"))
    if where is not None:
        assert by_lead(where, columns) == engine_applies(compiled, leads, as_of)


def measured_in_slices(
    compiled: CompiledMatrix, columns: Columns, as_of: date, kinds: frozenset[str], size: int = 2
) -> list[dict[int, int]]:
    found: list[dict[int, int]] = [{} for _ in compiled.criteria]
    for start in range(0, len(columns), size):
        part = columns.slice(start, min(start + size, len(columns)))
        measuring = Measuring(compiled, part, as_of, kinds)
        # Backwards: what criteria share must not depend on who asks first.
        for index in reversed(range(len(compiled.criteria))):
            found[index] |= by_lead(measuring.units(index), part)
    return found


def behavior(**members: Any) -> Json:
    """A document with one criterion on activities."""
    return document_of({"key": "c", "label": "C", "dimension": "behavior", "points": 1} | members)


def document_of(*criteria: Mapping[str, Any], **members: Any) -> Json:
    return {
        "schema": 1,
        "name": "Test",
        "grades": {"A": 3},
        "levels": {"1": 3},
        "stages": [{"key": "mql", "label": "MQL", "at": 2}, {"key": "sql", "label": "SQL", "at": 150}],
        "criteria": list(criteria),
    } | members
