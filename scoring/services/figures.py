"""What scores say, as arrays: a row a lead, words by their number. Stored and new ones are compared in this shape."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.weighing import DECIDED_BY, Weighed
from scoring.engine import Matrix
from scoring.engine.types import GRADES

QUALIFIED: Final = 1
DISQUALIFIED: Final = 2
FAST_TRACKED: Final = 4
#: The number of a stage that the matrix at hand does not have: a score of another version stands in it.
STRANGE_STAGE: Final = -2
NO_STAGE: Final = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """`grade` and `decided_by` are indexes into GRADES and DECIDED_BY, `stage` one into the stages of the matrix, NO_STAGE
    or STRANGE_STAGE; `flags` adds up QUALIFIED, DISQUALIFIED and FAST_TRACKED. Dimensions and total are whole points."""

    total: NDArray[np.int64]
    fit: NDArray[np.int64]
    behavior: NDArray[np.int64]
    qualification: NDArray[np.int64]
    grade: NDArray[np.int16]
    level: NDArray[np.int16]
    stage: NDArray[np.int16]
    decided_by: NDArray[np.int16]
    flags: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.total)

    def take(self, rows: NDArray[Any]) -> "Figures":
        """These rows, by number or by a mask."""
        return Figures(**{name: getattr(self, name)[rows] for name in NAMES})

    def differ(self, other: "Figures") -> NDArray[np.bool_]:
        """By row, whether the other says something else."""
        found = np.zeros(len(self), np.bool_)
        for name in NAMES:
            found |= getattr(self, name) != getattr(other, name)
        return found


NAMES: Final = tuple(each.name for each in fields(Figures))


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What a judge says of leads: `lead_ids` rise, `figures` lie beside them and count where `is_scored`: where the model
    applies."""

    lead_ids: NDArray[np.int64]
    is_scored: NDArray[np.bool_]
    figures: Figures

    def __len__(self) -> int:
        return len(self.lead_ids)

    def without(self, lead_ids: NDArray[np.int64]) -> "Judged":
        """All but these leads."""
        if not len(lead_ids):
            return self
        kept = ~np.isin(self.lead_ids, lead_ids)
        return Judged(lead_ids=self.lead_ids[kept], is_scored=self.is_scored[kept], figures=self.figures.take(kept))


def judged_together(parts: Sequence[Judged]) -> Judged:
    """Parts that have no lead in common, as one."""
    lead_ids = np.concatenate([each.lead_ids for each in parts])
    order = np.argsort(lead_ids, kind="stable")
    figures = Figures(**{name: np.concatenate([getattr(each.figures, name) for each in parts]) for name in NAMES})
    return Judged(
        lead_ids=lead_ids[order],
        is_scored=np.concatenate([each.is_scored for each in parts])[order],
        figures=figures.take(order),
    )


def figures_of(weighed: Weighed, matrix: Matrix) -> Figures:
    """What was weighed, in the shape of what is stored."""
    # One more at the end: no stage has the index -1.
    qualifies = np.array([*(stage.key in matrix.qualifying_stages for stage in matrix.stages), False])
    flags = (
        qualifies[weighed.stage] * QUALIFIED
        + weighed.is_disqualified * DISQUALIFIED
        + weighed.is_fast_tracked * FAST_TRACKED
    )
    return Figures(
        total=weighed.total,
        fit=weighed.fit,
        behavior=weighed.behavior,
        qualification=weighed.qualification,
        grade=weighed.grade.astype(np.int16),
        level=weighed.level.astype(np.int16),
        stage=weighed.stage.astype(np.int16),
        decided_by=weighed.decided_by.astype(np.int16),
        flags=flags.astype(np.int16),
    )


def words_of(matrix: Matrix) -> dict[str, list[str]]:
    """The words behind the numbers, for SQL: those of stages begin with the one of NO_STAGE, which is empty."""
    return {
        "grades": list(GRADES),
        "decided": list(DECIDED_BY),
        "stages": ["", *(stage.key for stage in matrix.stages)],
    }
