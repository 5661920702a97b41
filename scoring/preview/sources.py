"""Where the units of a population come from: the column file, or columns at hand."""

from collections.abc import Sequence
from datetime import date
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Columns
from scoring.bulk.fingerprint import applies_fingerprint, criterion_fingerprint
from scoring.bulk.measuring import Measuring
from scoring.bulk.units import Units
from scoring.columns.generations import Generation
from scoring.columns.measured import units_measure, units_stored
from scoring.engine.compiled import CompiledMatrix

# Units that stay open: each is two mapped files.
_MOST_OPEN = 400


class Source(Protocol):
    """A population, by position in the order of the ids of its leads."""

    @property
    def lead_ids(self) -> NDArray[np.int64]: ...

    def units(self, fingerprint: str, as_of: date) -> Units | None:
        """None where nobody measured it yet."""

    def measure(self, compiled: CompiledMatrix, as_of: date, kinds: frozenset[str]) -> None:
        """Measure what is missing of every criterion, and of the leads the model applies to. May take long."""


class FileSource:
    """A generation of the column file; its units are mapped, so that all processes share them."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self._open: dict[tuple[str, date], Units] = {}
        self._lock = Lock()

    @property
    def lead_ids(self) -> NDArray[np.int64]:
        return self.generation.columns.lead_ids

    def units(self, fingerprint: str, as_of: date) -> Units | None:
        found = self._open.get((fingerprint, as_of))
        if found is None:
            found = units_stored(self.generation, fingerprint, as_of)
            if found is not None:
                with self._lock:
                    if len(self._open) >= _MOST_OPEN:
                        self._open.clear()
                    self._open[fingerprint, as_of] = found
        return found

    def measure(self, compiled: CompiledMatrix, as_of: date, kinds: frozenset[str]) -> None:
        units_measure(self.generation, compiled, as_of, kinds)


class ColumnsSource:
    """Columns at hand, measured when asked: few leads."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._units: dict[tuple[str, date], Units] = {}

    @property
    def lead_ids(self) -> NDArray[np.int64]:
        return self._columns.lead_ids

    def units(self, fingerprint: str, as_of: date) -> Units | None:
        return self._units.get((fingerprint, as_of))

    def measure(self, compiled: CompiledMatrix, as_of: date, kinds: frozenset[str]) -> None:
        matrix = compiled.matrix
        measuring = Measuring(compiled, self._columns, as_of, kinds)
        for index, criterion in enumerate(matrix.criteria):
            key = (criterion_fingerprint(criterion, matrix.timezone, kinds), as_of)
            if key not in self._units:
                self._units[key] = measuring.units(index)
        key = (applies_fingerprint(matrix), as_of)
        if compiled.applies_to is not None and key not in self._units:
            applying = measuring.applies()
            if applying is not None:
                self._units[key] = applying


def missing(source: Source, wanted: Sequence[str], as_of: date) -> list[str]:
    """The fingerprints that nobody measured yet."""
    return [each for each in dict.fromkeys(wanted) if source.units(each, as_of) is None]
