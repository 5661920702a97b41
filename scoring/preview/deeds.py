"""Who did something of some kinds, as the column file knows it: counted as a criterion of a draft is."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from crm.queries import engine_kinds
from scoring.engine import compile_matrix, parse_matrix
from scoring.preview.plan import plan_of
from scoring.preview.population import Population, population_now
from scoring.preview.previewing import measure


def leads_who(deeds: Mapping[str, Sequence[str]]) -> dict[str, NDArray[np.int64]] | None:
    """By name, the ids of the leads that ever did one of these kinds; None until that is measured beside the request.

    As in every judgement an activity of a machine is none, nor one that was withdrawn or comes from the future.
    """
    criteria = [
        {"key": key, "label": key, "dimension": "behavior", "points": 1, "when": {"kinds": list(kinds)}}
        for key, kinds in deeds.items()
    ]
    compiled = compile_matrix(
        parse_matrix(
            {
                "schema": 1,
                "name": "Deeds",
                "grades": {"A": 3, "B": 2, "C": 1},
                "levels": {"1": 3, "2": 2, "3": 1},
                "stages": [{"key": "mql", "label": "mql"}, {"key": "sql", "label": "sql", "at": 1}],
                "criteria": criteria,
            }
        )
    )
    kinds = engine_kinds()
    plan = plan_of(compiled, timezone.now().astimezone(compiled.zone).date(), kinds)
    population = population_now()
    if population is None or measure(population, (plan,), kinds, is_waiting=False):
        return None
    with population.lock:
        return {part.key: _found(population, part.fingerprint, plan.as_of) for part in plan.parts}


def _found(population: Population, fingerprint: str, as_of: date) -> NDArray[np.int64]:
    found = [np.zeros(0, np.int64)]
    for group, absent in population.groups:
        units = group.source.units(fingerprint, as_of)
        at = np.setdiff1d(units.leads, absent) if units is not None else np.zeros(0, np.int64)
        found.append(np.asarray(group.source.lead_ids)[at])
    return np.concatenate(found)
