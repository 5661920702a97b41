"""What measuring finds, and what tells two measurements apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Positions


@dataclass(frozen=True, kw_only=True, slots=True)
class Units:
    """The leads a criterion gives anything, sparse: positions in rising order, each once, and their micro-units, above 0.

    Whether a criterion is enabled and what it is worth is not asked here, so versions that differ in points, limits, weights,
    bands, stages or `enabled` share it.
    """

    leads: Positions
    units: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.leads)

    def slice(self, start: int, stop: int) -> "Units":
        """Of the positions start to stop (excluded), counted from start."""
        # Bounds of another type would have all leads copied into it.
        low, high = np.searchsorted(self.leads, np.array([start, stop], self.leads.dtype))
        return Units(leads=self.leads[low:high] - np.int32(start), units=self.units[low:high])


NO_UNITS = Units(leads=np.zeros(0, np.int32), units=np.zeros(0, np.int64))
