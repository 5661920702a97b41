"""All leads as this process last saw them: one source of units, kept with everything that was weighed from it, and the
leads touched since, read afresh."""

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from threading import RLock
from time import monotonic
from typing import Final

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from crm.models import Lead, LeadTouch
from scoring.bulk.units import Units
from scoring.columns.generations import KEPT_FROM, Generation, generation_current
from scoring.columns.reading import columns_read, columns_read_leads
from scoring.columns.touched import leads_touched
from scoring.preview.plan import Plan
from scoring.preview.segment import Segment
from scoring.preview.sources import ColumnsSource, FileSource, Source

#: Up to so many leads are read when they are asked about; for more there has to be a column file.
MOST_READ: Final = KEPT_FROM
#: Up to so many touched leads are read afresh; of further ones the file's facts stand, and the answer says how many.
MOST_TOUCHED: Final = 3_000
# Seconds for which touched leads stay as they were read, so that steady traffic is not read with every moved value.
FRESH: Final = 2.0
# A change that was committed after a younger one may go unseen by the stamp: look again after so many seconds at the latest.
STALE: Final = 10.0
# Days in work at once: today, and the day before or after in another zone.
_MOST_DAYS: Final = 3

_NONE = np.zeros(0, np.int64)
_STAMP = """
SELECT (SELECT max(id) FROM crm_work), (SELECT max(id) FROM crm_leadtouch), (SELECT max(id) FROM crm_lead)
"""


class UnitsLostError(Exception):
    """What was measured is there no longer: the file was replaced, or its day is over. Begin again."""


@dataclass(kw_only=True)
class Group:
    """Leads of one source with a segment for each day. `owners` are indexes into `owner_ids`, of which the first is
    nobody."""

    source: Source
    owners: NDArray[np.int32]
    owner_ids: tuple[int | None, ...]
    segments: dict[date, Segment] = field(default_factory=dict)

    def segment(self, as_of: date) -> Segment:
        found = self.segments.get(as_of)
        if found is None:
            while len(self.segments) >= _MOST_DAYS:
                self.segments.pop(next(iter(self.segments)))
            found = self.segments[as_of] = self.segment_passing(as_of)
        return found

    def segment_passing(self, as_of: date) -> Segment:
        """Of a day that is looked at once: what is weighed in it is not kept."""

        def units(fingerprint: str) -> Units:
            measured = self.source.units(fingerprint, as_of)
            if measured is None:
                raise UnitsLostError(fingerprint)
            return measured

        return Segment(self.owners, units)


@dataclass(kw_only=True)
class Population:
    """`main` is everybody but for the positions in `absent`; `fresh` are touched leads as they are now. `behind` counts
    the touched leads of which `main` still speaks. Work on it under `lock`."""

    main: Group
    fresh: Group | None = None
    absent: NDArray[np.int64] = field(default_factory=lambda: _NONE)
    behind: int = 0
    stamp: tuple[int | None, ...] = ()
    looked_at: float = field(default_factory=monotonic)
    #: No two populations of a process have the same.
    serial: int = field(default_factory=count().__next__)
    lock: RLock = field(default_factory=RLock)

    @property
    def age(self) -> float:
        return monotonic() - self.looked_at

    def is_old(self, stamp: tuple[int | None, ...]) -> bool:
        return self.stamp != stamp or self.age >= STALE

    @property
    def groups(self) -> tuple[tuple[Group, NDArray[np.int64]], ...]:
        """Each with the positions it does not speak for."""
        fresh = ((self.fresh, _NONE),) if self.fresh is not None else ()
        return ((self.main, self.absent), *fresh)

    @property
    def is_read(self) -> bool:
        """Few leads, read just now: what they lack is measured while one waits."""
        return isinstance(self.main.source, ColumnsSource)

    def __len__(self) -> int:
        return sum(len(group.source.lead_ids) - len(absent) for group, absent in self.groups)

    def unmeasured(self, plan: Plan) -> list[str]:
        """The plan's fingerprints that nobody has measured yet; those of touched leads are measured when asked."""
        return [each for each in plan.wanted if self.main.source.units(each, plan.as_of) is None]


class _Kept:
    """The one population of this process."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.population: Population | None = None

    def now(self, *, is_fresh: bool) -> Population | None:
        with self.lock:
            stamp = _stamp()
            kept = self.population
            generation = generation_current()
            if generation is None:
                is_read = kept is not None and isinstance(kept.main.source, ColumnsSource)
                if not is_read or kept is None or kept.is_old(stamp):
                    self.population = _read(stamp)
                return self.population
            source = kept.main.source if kept is not None else None
            if (
                kept is None
                or not isinstance(source, FileSource)
                or (source.generation.token, source.generation.number) != (generation.token, generation.number)
            ):
                self.population = kept = Population(main=group_of(FileSource(generation)))
                is_fresh = True
            if kept.is_old(stamp) and (is_fresh or kept.age >= FRESH or _has_erased_since(kept.stamp)):
                self.population = kept = _with_touched(kept, generation, stamp)
            return kept


_kept = _Kept()


def population_now(*, is_fresh: bool = False) -> Population | None:
    """Everybody, with those touched since at most two seconds ago, or with `is_fresh` until now.

    None where there are too many to be read just now and no column file speaks of them yet.
    """
    return _kept.now(is_fresh=is_fresh)


def population_forget() -> None:
    """Begin again with the next question."""
    with _kept.lock:
        _kept.population = None


def _stamp() -> tuple[int | None, ...]:
    """Equal where no lead was touched since: what changes leaves work, and work that is done leaves a touch."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        return tuple(cursor.fetchone() or ())


def _has_erased_since(stamp: tuple[int | None, ...]) -> bool:
    """Who was erased is gone at once; all else may wait."""
    last_touch = stamp[1] if stamp else None
    return LeadTouch.objects.filter(pk__gt=last_touch or 0, is_erased=True).exists()


def _read(stamp: tuple[int | None, ...]) -> Population | None:
    if Lead.objects.filter(merged_into=None)[: MOST_READ + 1].count() > MOST_READ:
        return None
    with transaction.atomic():
        return Population(main=group_of(ColumnsSource(columns_read())), stamp=stamp)


def _with_touched(kept: Population, generation: Generation, stamp: tuple[int | None, ...]) -> Population:
    """The same file with the touched leads as they are now; what was weighed from the file is kept."""
    with transaction.atomic():
        touched = leads_touched(generation)
        # The youngest first: the file may not have them at all.
        read, others = touched[-MOST_TOUCHED:], touched[:-MOST_TOUCHED]
        there = Lead.objects.filter(merged_into=None, pk__in=others.tolist()).values_list("pk", flat=True)
        gone = np.setdiff1d(others, np.fromiter(there, np.int64)) if len(others) else others
        fresh = group_of(ColumnsSource(columns_read_leads(read))) if len(read) else None
    return Population(
        main=kept.main,
        fresh=fresh,
        absent=positions_of(kept.main.source.lead_ids, np.union1d(read, gone)),
        behind=len(others) - len(gone),
        stamp=stamp,
        lock=kept.lock,
    )


def positions_of(lead_ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of those who are there, rising."""
    at = np.searchsorted(lead_ids, wanted)
    wanted, at = wanted[at < len(lead_ids)], at[at < len(lead_ids)]
    found: NDArray[np.int64] = at[lead_ids[at] == wanted]
    return found


_OWNED: Final = np.dtype([("lead", np.int64), ("owner", np.int64)])


def group_of(source: Source) -> Group:
    """With the owners that the leads have now."""
    ids = source.lead_ids
    owned = Lead.objects.filter(owner__isnull=False, merged_into=None).order_by("pk")
    if len(ids) <= max(MOST_TOUCHED, MOST_READ):
        owned = owned.filter(pk__in=ids.tolist())
    rows = np.fromiter(owned.values_list("pk", "owner_id").iterator(chunk_size=10_000), _OWNED)
    rows = rows[np.isin(rows["lead"], ids)]
    owner_ids, codes = np.unique(rows["owner"], return_inverse=True)
    owners = np.zeros(len(ids), np.int32)
    owners[np.searchsorted(ids, rows["lead"])] = codes + 1
    return Group(source=source, owners=owners, owner_ids=(None, *owner_ids.tolist()))
