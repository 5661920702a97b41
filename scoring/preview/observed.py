"""What lint is told of a version: the published one beside it, and how many leads each criterion finds.

Matches are read off the units of today, which the preview measures anyway; only few leads are measured for this. They
speak for the last 90 days where what happened within them still counts today: for facts that do not move with the
days, and for activities that no curve has ended by then. Of other criteria only that they match nearly all is certain.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from crm.queries import engine_kinds
from scoring.engine import CompiledMatrix, compile_matrix, parse_matrix
from scoring.engine.conditions import condition_text, fields_named
from scoring.engine.decay import share_table
from scoring.engine.lint import Observed
from scoring.engine.lint.history import NEARLY_ALL_PERCENT, OBSERVED_DAYS
from scoring.engine.matrix import Criterion
from scoring.models import MatrixVersion
from scoring.preview.plan import Plan, plan_of
from scoring.preview.population import Group, Population, UnitsLostError, population_now
from scoring.services.observing import observed_for

_MOVES_WITH_DAYS: Final = "lead.created_days"


def observed_of(version: MatrixVersion) -> Observed:
    """All that is known beside the document. Leads are left out where there is no column file yet, and criteria that
    nobody has measured."""
    observed = observed_for(version)
    population = population_now()
    if population is None:
        return observed
    compiled = compile_matrix(parse_matrix(version.document))
    kinds = engine_kinds()
    plan = plan_of(compiled, timezone.now().astimezone(compiled.zone).date(), kinds)
    try:
        with population.lock:
            _measure_few(population, plan, kinds)
            leads, found = _counted(population, plan)
    except UnitsLostError:
        return observed
    certain = {
        key: count
        for key, count in found.items()
        if _speaks_for_days(compiled, key) or 100 * count > NEARLY_ALL_PERCENT * leads
    }
    return replace(observed, leads=leads, matched=certain)


def _measure_few(population: Population, plan: Plan, kinds: frozenset[str]) -> None:
    """What was read just now, or touched since the file, is measured while one waits; the file is left to the preview."""
    if population.is_read:
        population.main.source.measure(plan.compiled, plan.as_of, kinds)
    if population.fresh is not None:
        population.fresh.source.measure(plan.compiled, plan.as_of, kinds)


def _counted(population: Population, plan: Plan) -> tuple[int, dict[str, int]]:
    """The leads that the model scores, and by criterion how many of them it matches today."""
    leads = 0
    found: dict[str, int] = {}
    unmeasured = set(population.unmeasured(plan))
    if plan.applying in unmeasured:
        raise UnitsLostError(plan.applying)
    parts = [part for part in plan.parts if part.fingerprint not in unmeasured]
    for group, absent in population.groups:
        is_scored = _scored(group, absent, plan)
        leads += int(is_scored.sum())
        for part in parts:
            units = group.source.units(part.fingerprint, plan.as_of)
            if units is None:
                raise UnitsLostError(part.fingerprint)
            found[part.key] = found.get(part.key, 0) + int(is_scored[units.leads].sum())
    return leads, found


def _scored(group: Group, absent: NDArray[np.int64], plan: Plan) -> NDArray[np.bool_]:
    applies = group.segment(plan.as_of).applies(plan.applying)
    is_scored = np.ones(len(group.source.lead_ids), bool) if applies is None else np.array(applies)
    is_scored[absent] = False
    return is_scored


def _speaks_for_days(compiled: CompiledMatrix, key: str) -> bool:
    criterion = next(each for each in compiled.matrix.criteria if each.key == key)
    if _MOVES_WITH_DAYS in fields_named(criterion.if_) or '"years_between"' in condition_text(criterion.if_):
        return False
    return criterion.when is None or (criterion.when.measure is None and _lasts(criterion))


def _lasts(criterion: Criterion) -> bool:
    return share_table(criterion.decay).at(OBSERVED_DAYS - 1) > 0
