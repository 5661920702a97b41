"""The facts of a population as columns.

A population is a set of leads in the order of their ids. Positions are indexes into it. Activities lie lead after lead,
each lead's newest first by (time, id), so that those of one lead are a slice and a pattern's matches come in the order in
which they are counted. An activity marked as a bot's or withdrawn is not there at all; one of an unknown kind is, and
whoever measures leaves it out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.dictionary import Codes, Dictionary, Kept

Positions = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A value for each row, by code."""

    codes: Codes
    dictionary: Dictionary

    def slice(self, start: int, stop: int) -> "Column":
        return Column(codes=self.codes[start:stop], dictionary=self.dictionary)


@dataclass(frozen=True, kw_only=True, slots=True)
class Classes:
    """What many activities share: kind, url, subject and source. One row a class, equal classes once.

    `kind` is always there; the others may be missing. A population has far fewer classes than activities. `kept` holds
    what was worked out for all classes; the slices of a population share it.
    """

    kind: Column
    url: Column
    subject: Column
    source: Column
    kept: Kept = field(default_factory=Kept, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.kind.codes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Activities:
    """One row an activity. `lead` are positions, never falling; `moment` is microseconds since 1970 in UTC, never rising
    within a lead; `klass` is a row of `classes`; `value` the activity's number.

    `properties` answers the column of one name (`plan` for `activity.properties.plan`), all missing where nobody has it.
    `days(zone)` is the ordinal (date.toordinal) of each activity's day in that zone.
    """

    lead: Positions
    moment: NDArray[np.int64]
    klass: Codes
    value: Column
    classes: Classes
    properties: Callable[[str], Column]
    days: Callable[[ZoneInfo], NDArray[np.int32]]

    def __len__(self) -> int:
        return len(self.lead)


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """The facts of a population.

    `lead_ids` rise; `first[p]` and `first[p + 1]` bound the activities of position p. `field` answers the column of a
    lead's or company's field by its full name such as `lead.title` or `company.attributes.tier`, all missing where nobody
    has it; never of `lead.created_days`, which `created_days(zone, as_of)` answers, missing for who was no lead yet.
    """

    lead_ids: NDArray[np.int64]
    first: NDArray[np.int64]
    activities: Activities
    field: Callable[[str], Column]
    created_days: Callable[[ZoneInfo, date], Column]

    def __len__(self) -> int:
        return len(self.lead_ids)

    def slice(self, start: int, stop: int) -> "Columns":
        """The leads of positions start to stop (excluded) as a population of their own; copies nothing but `lead`."""
        low, high = int(self.first[start]), int(self.first[stop])
        own = self.activities
        return Columns(
            lead_ids=self.lead_ids[start:stop],
            first=self.first[start : stop + 1] - low,
            activities=Activities(
                lead=own.lead[low:high] - np.int32(start),
                moment=own.moment[low:high],
                klass=own.klass[low:high],
                value=own.value.slice(low, high),
                classes=own.classes,
                properties=lambda name: own.properties(name).slice(low, high),
                days=lambda zone: own.days(zone)[low:high],
            ),
            field=lambda name: self.field(name).slice(start, stop),
            created_days=lambda zone, as_of: self.created_days(zone, as_of).slice(start, stop),
        )
