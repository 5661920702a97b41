"""The column file for a run, made before its ranges are claimed: outside of any transaction, one process a machine at a time.

While one process makes it, others on this machine leave the run alone and judge events; other machines make their own. What
the run's version measures is then shared by those that come for it. A small population needs no file. Where the file cannot
be made, the reason is logged and the ranges are read directly, which each of them says (`RunRange.way`).
"""

import logging
from enum import Enum
from typing import Final

from crm.queries import engine_kinds
from scoring.bulk.naming import matrix_named
from scoring.columns.folders import database_folder, locked
from scoring.columns.generations import KEPT_FROM, generation_current, generation_refresh
from scoring.columns.mapped import columns_add
from scoring.columns.measured import units_measure
from scoring.engine import CompiledMatrix
from scoring.loader import compiled_version
from scoring.models import Run

logger = logging.getLogger(__name__)

#: Below so many leads none is made for a run, as none is kept for them.
FILE_FROM: Final = KEPT_FROM
_KEPT: Final = 16


class Readiness(Enum):
    """Whether the ranges of a run may be claimed, and whether a file was made for them."""

    FILE = "file"
    READ = "read"
    BUSY = "busy"


# By run, whether this process saw its file made.
_made: dict[int, bool] = {}


def run_columns(run: Run) -> Readiness:
    """Make or bring up the column file and what this run's version measures on its day, where there is need.

    Takes as long as it takes: seconds for what came in since, minutes for the first file of millions. BUSY where another
    process of this machine is at it. Call it outside of a transaction.
    """
    if run.total < FILE_FROM:
        return Readiness.READ
    if run.pk not in _made:
        try:
            with locked(database_folder() / "run.lock", wait=False) as is_ours:
                if not is_ours:
                    return Readiness.BUSY
                _make(run)
            _measure(run)
            is_made = True
        except Exception:
            logger.exception("No column file could be made for run %s; its ranges are read directly.", run.pk)
            is_made = False
        while len(_made) >= _KEPT:
            _made.pop(next(iter(_made)))
        _made[run.pk] = is_made
    return Readiness.FILE if _made[run.pk] else Readiness.READ


def _make(run: Run) -> None:
    """The file as of now, with all that the version names."""
    columns_add(generation_refresh(), matrix_named(_compiled(run).matrix))


def _measure(run: Run) -> None:
    generation = generation_current()
    if generation is not None:
        units_measure(generation, _compiled(run), run.as_of, engine_kinds(), is_shared=True)


def _compiled(run: Run) -> CompiledMatrix:
    return compiled_version(version_id=run.version_id, checksum=run.version.checksum)
