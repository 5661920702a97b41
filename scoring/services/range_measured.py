"""What bulk judgement says of leads: of a range, from the column file and the units kept beside it, or of columns at hand."""

from collections.abc import Sequence

import numpy as np

from scoring.bulk.columns import Columns
from scoring.bulk.fingerprint import applies_fingerprint, criterion_fingerprint
from scoring.bulk.measuring import Measuring
from scoring.bulk.units import Units
from scoring.bulk.weighing import weigh
from scoring.columns.generations import Generation
from scoring.columns.measured import units_stored
from scoring.services.figures import Judged, figures_of
from scoring.services.verdicts import Judge


def judged_columns(judge: Judge, columns: Columns, kinds: frozenset[str]) -> Judged:
    """All leads of these columns, measured now."""
    measuring = Measuring(judge.compiled, columns, judge.as_of, kinds)
    units = [measuring.units(index) for index in range(len(judge.compiled.criteria))]
    return _judged(judge, columns, units, measuring.applies())


def judged_of_file(
    judge: Judge, generation: Generation, kinds: frozenset[str], *, lead_from: int, lead_to: int
) -> Judged:
    """The leads from `lead_from` to `lead_to`, both included, as the file knows them; units that nobody has stored for
    this file and day are measured for these leads alone."""
    start, stop = np.searchsorted(generation.columns.lead_ids, [lead_from, lead_to + 1]).tolist()
    columns = generation.columns.slice(start, stop)
    measuring = Measuring(judge.compiled, columns, judge.as_of, kinds)
    matrix = judge.compiled.matrix
    units = []
    for index, criterion in enumerate(matrix.criteria):
        stored = units_stored(generation, criterion_fingerprint(criterion, matrix.timezone, kinds), judge.as_of)
        units.append(measuring.units(index) if stored is None else stored.slice(start, stop))
    applying = units_stored(generation, applies_fingerprint(matrix), judge.as_of) if judge.compiled.applies_to else None
    return _judged(judge, columns, units, measuring.applies() if applying is None else applying.slice(start, stop))


def _judged(judge: Judge, columns: Columns, units: Sequence[Units], applying: Units | None) -> Judged:
    is_scored = np.ones(len(columns), np.bool_)
    if applying is not None:
        is_scored[:] = False
        is_scored[applying.leads] = True
    weighed = weigh(judge.compiled, units, len(columns))
    return Judged(
        lead_ids=np.asarray(columns.lead_ids), is_scored=is_scored, figures=figures_of(weighed, judge.compiled.matrix)
    )
