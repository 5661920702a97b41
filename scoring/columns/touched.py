"""Which leads a column file does not speak for."""

import numpy as np
from numpy.typing import NDArray

from crm.columns import Asked, touched_copied
from scoring.columns.mapped import Generation, GenerationGoneError, is_vouched_for


def leads_touched(
    generation: Generation, *, lead_from: int | None = None, lead_to: int | None = None
) -> NDArray[np.int64]:
    """The ids, rising, of leads whose facts may have changed since the file was begun, as this transaction sees it now.

    A change leaves work in its own transaction. So it was committed before the file was begun, and the file has it; or its
    work still waits; or that was done by a transaction that had not ended when the file was begun, and left a touch with
    a number that is not below the file's. New, merged and erased leads are among them whether or not the file has them.

    Raises GenerationGoneError where the file was overtaken twice since it was taken: touches are then kept for later ones.
    """
    rows = touched_copied(Asked(lead_from=lead_from, lead_to=lead_to), since_xid=generation.since_xid)
    # After the touches were read: they go only when the row is gone.
    if not is_vouched_for(generation.manifest):
        raise GenerationGoneError
    return np.sort(rows["lead"].astype(np.int64))
