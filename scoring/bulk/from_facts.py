"""Columns of facts that are at hand: few leads, any values. Populations are read from the database instead."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Activities, Classes, Column, Columns
from scoring.bulk.dictionary import MISSING, Dictionary
from scoring.engine.facts import Activity, Facts
from scoring.engine.json_text import write_json
from scoring.engine.types import Value

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def columns_of_facts(leads: Iterable[tuple[int, Facts]]) -> Columns:
    """The population of these leads, by id. `lead.created_days` is a field here like the others: as it was handed in."""
    ordered = sorted(leads, key=lambda each: each[0])
    facts = [each for _, each in ordered]
    # By days of any zone: a timeline leaves out what is a bot's or withdrawn, and keeps the order.
    activities = [list(each.timeline(_UTC).activities) for each in facts]
    counts = np.array([len(each) for each in activities], np.int64)
    first = np.zeros(len(facts) + 1, np.int64)
    np.cumsum(counts, out=first[1:])

    @cache
    def field(name: str) -> Column:
        return column_of_values([each.values.get(name) for each in facts])

    return Columns(
        lead_ids=np.array([lead_id for lead_id, _ in ordered], np.int64),
        first=first,
        activities=_activities(list(chain.from_iterable(activities)), facts, np.repeat(np.arange(len(facts)), counts)),
        field=field,
        created_days=lambda _zone, _as_of: field("lead.created_days"),
    )


def column_of_values(values: Sequence[Value]) -> Column:
    """JSON values, None for a missing one; those with one JSON text share a code."""
    codes: dict[bytes, int] = {}
    return Column(
        codes=np.fromiter((_code(codes, each) for each in values), np.int32, len(values)),
        dictionary=Dictionary.of_json(codes),
    )


def _code(codes: dict[bytes, int], value: Value) -> int:
    if value is None:
        return MISSING
    return codes.setdefault(write_json(value).encode(), len(codes) + 1)


_UTC = ZoneInfo("UTC")


def _activities(activities: Sequence[Activity], facts: Sequence[Facts], lead: NDArray[np.int64]) -> Activities:
    @cache
    def days(zone: ZoneInfo) -> NDArray[np.int32]:
        return np.fromiter(chain.from_iterable(each.timeline(zone).days for each in facts), np.int32, len(activities))

    @cache
    def properties(name: str) -> Column:
        return column_of_values([each.values.get(f"activity.properties.{name}") for each in activities])

    klass, classes = _classes(activities)
    return Activities(
        lead=lead.astype(np.int32),
        moment=np.fromiter(
            ((each.occurred_at - _BEGINNING) // _MICROSECOND for each in activities), np.int64, len(activities)
        ),
        klass=klass,
        value=column_of_values([each.values.get("activity.value") for each in activities]),
        classes=classes,
        properties=properties,
        days=days,
    )


def _classes(activities: Sequence[Activity]) -> tuple[NDArray[np.int32], Classes]:
    members = [
        column_of_values([each.kind for each in activities]),
        *(column_of_values([each.values.get(f"activity.{name}") for each in activities]) for name in _SHARED),
    ]
    numbers: dict[Hashable, int] = {}
    klass = np.fromiter(
        (numbers.setdefault(row, len(numbers)) for row in zip(*(each.codes.tolist() for each in members), strict=True)),
        np.int32,
        len(activities),
    )
    _, rows = np.unique(klass, return_index=True)
    kind, url, subject, source = (Column(codes=each.codes[rows], dictionary=each.dictionary) for each in members)
    return klass, Classes(kind=kind, url=url, subject=subject, source=source)


_SHARED = ("url", "subject", "source")
