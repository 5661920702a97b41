"""Activities as they come from the database, put into the order of the columns.

They come in no order and may be many more than fit into memory: they are read piece by piece, laid down lead after lead,
then sorted within each lead, some leads at a time. What is as long as they are lies in arrays that `make` gives, which
may be mapped files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from crm.columns import moments
from scoring.bulk.dictionary import Codes
from scoring.columns.coding import Coder

# Rows in memory at once.
AT_ONCE: Final = 500_000
# A table of positions by id is kept where ids are no sparser than this.
_SPARSEST: Final = 8
_TAKEN: Final = ("moment", "key", "check", "value_key", "value_check", "id")

Make = Callable[[str, int, Any], NDArray[Any]]
Ids = Callable[[Sequence[int]], Mapping[int, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Arranged:
    """Columns of activities; `row` is the id of each in its table."""

    first: NDArray[np.int64]
    lead: NDArray[np.int32]
    moment: NDArray[np.int64]
    klass: Codes
    value: Codes
    row: NDArray[np.int64]

    @classmethod
    def empty(cls, first: NDArray[np.int64], make: Make) -> "Arranged":
        count = int(first[-1])
        return cls(
            first=first,
            lead=make("lead", count, np.int32),
            moment=make("moment", count, np.int64),
            klass=make("klass", count, np.int32),
            value=make("value", count, np.int32),
            row=make("row", count, np.int64),
        )


class Places:
    """The position of each lead by its id."""

    def __init__(self, lead_ids: NDArray[np.int64]) -> None:
        self._ids = lead_ids
        last = int(lead_ids[-1]) if len(lead_ids) else 0
        self._table: NDArray[np.int32] | None = None
        if 0 <= last <= _SPARSEST * len(lead_ids):
            self._table = np.full(last + 2, -1, np.int32)
            self._table[lead_ids] = np.arange(len(lead_ids), dtype=np.int32)

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """-1 for who is none of them."""
        if self._table is not None:
            # The last entry of the table is nobody's.
            return self._table[np.where((ids >= 0) & (ids < len(self._table)), ids, len(self._table) - 1)]
        if not len(self._ids):
            return np.full(len(ids), -1, np.int32)
        at = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        return np.where(self._ids[at] == ids, at, -1).astype(np.int32)


def arrange(
    rows: NDArray[Any], lead_ids: NDArray[np.int64], classes: Coder, values: Coder, *, make: Make, ids: Ids
) -> Arranged:
    """Rows of crm.columns.activities_copied; those of leads that are none of these are left out.

    `klass` holds codes of `classes` less 1: an activity always has a class. Raises HashesCollideError.
    """
    places = Places(lead_ids)
    counts = np.zeros(len(lead_ids), np.int64)
    for part in _parts(rows):
        at = places.of(part["lead"].astype(np.int64))
        counts += np.bincount(at[at >= 0], minlength=len(lead_ids))
    first = np.zeros(len(lead_ids) + 1, np.int64)
    np.cumsum(counts, out=first[1:])
    arranged = Arranged.empty(first, make)
    _lay_down(rows, places, classes, values, arranged)
    for low, high in _stretches(first):
        _sort(arranged, low, high, ids)
    return arranged


def _parts(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _lay_down(rows: NDArray[Any], places: Places, classes: Coder, values: Coder, into: Arranged) -> None:
    free = into.first[:-1].copy()
    for part in _parts(rows):
        at = places.of(part["lead"].astype(np.int64))
        order = np.argsort(at)
        # Who is none of these leads comes first.
        order = order[np.count_nonzero(at < 0) :]
        at = at[order]
        # Column by column: rows are wide, and only once read in their order.
        told = {name: part[name].astype(np.int64)[order] for name in _TAKEN}
        amounts = np.bincount(at, minlength=len(free))
        begins = np.cumsum(amounts) - amounts
        target = free[at] + np.arange(len(at)) - begins[at]
        free += amounts
        into.lead[target] = at
        into.moment[target] = moments(told["moment"])
        into.klass[target] = classes.codes(told["key"], told["check"], told["id"]) - np.int32(1)
        into.value[target] = values.codes(told["value_key"], told["value_check"], told["id"])
        into.row[target] = told["id"]


def _stretches(first: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Bounds of activities, about AT_ONCE each, that part no lead's."""
    low, total = 0, int(first[-1])
    while low < total:
        high = int(first[np.searchsorted(first, min(low + AT_ONCE, total))])
        yield low, high
        low = high


def _sort(arranged: Arranged, low: int, high: int, ids: Ids) -> None:
    lead, moment = arranged.lead[low:high].astype(np.int64), arranged.moment[low:high]
    newest = np.argsort(-moment)
    rank = np.empty(len(newest), np.int64)
    rank[newest] = np.arange(len(newest))
    order = np.argsort((lead - lead[0]) * len(lead) + rank)
    order = _ties_settled(
        order, lead[order], moment[order], arranged.value[low:high][order], arranged.row[low:high], ids
    )
    for column in (arranged.moment, arranged.klass, arranged.value, arranged.row):
        column[low:high] = column[low:high][order]


def _ties_settled(
    order: NDArray[np.intp],
    lead: NDArray[np.int64],
    moment: NDArray[np.int64],
    value: Codes,
    row: NDArray[np.int64],
    ids: Ids,
) -> NDArray[np.intp]:
    """Of one moment the greater id comes first, by the text the engine knows.

    Which of two comes first is seen only where `unique_by` keeps one and a mean of values is then asked: everything else
    a pattern asks of activities of one moment (their number, age, day) is the same for all of them. So ids are fetched
    only where values differ within a moment.
    """
    tied = (lead[1:] == lead[:-1]) & (moment[1:] == moment[:-1])
    if not tied.any():
        return order
    group = np.concatenate([[0], np.cumsum(~tied)])
    differs = np.zeros(int(group[-1]) + 1, np.bool_)
    differs[group[1:][tied & (value[1:] != value[:-1])]] = True
    places = np.flatnonzero(differs[group])
    if not len(places):
        return order
    rows = row[order[places]].tolist()
    named = ids(rows)
    members = sorted(
        zip(group[places].tolist(), (named.get(each, "") for each in rows), order[places].tolist(), strict=True),
        key=lambda each: each[1],
        reverse=True,
    )
    members.sort(key=lambda each: each[0])
    settled = order.copy()
    settled[places] = [each[2] for each in members]
    return settled
