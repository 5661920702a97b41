"""The parts that columns are put together from, whether they were read just now or lie in a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Activities, Classes, Column, Columns
from scoring.bulk.dictionary import MISSING, Dictionary
from scoring.columns.arranging import Arranged
from scoring.columns.days import days_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock:
    """Leads in the order of their ids with the moment each was made, and their activities."""

    lead_ids: NDArray[np.int64]
    created: NDArray[np.int64]
    arranged: Arranged
    classes: Classes
    values: Dictionary


def columns_of_stock(
    stock: Stock,
    *,
    field: Callable[[str], Column],
    properties: Callable[[str], Column],
    days: Callable[[ZoneInfo], NDArray[np.int32]] | None = None,
) -> Columns:
    """What is asked by name is asked of `field` and `properties` once each and kept."""

    @cache
    def made_on(zone: ZoneInfo) -> NDArray[np.int32]:
        return days_of(stock.created, zone)

    @lru_cache(maxsize=4)
    def created_days(zone: ZoneInfo, as_of: date) -> Column:
        return _ages(made_on(zone), as_of)

    @cache
    def reckoned(zone: ZoneInfo) -> NDArray[np.int32]:
        return days_of(stock.arranged.moment, zone)

    arranged = stock.arranged
    return Columns(
        lead_ids=stock.lead_ids,
        first=arranged.first,
        activities=Activities(
            lead=arranged.lead,
            moment=arranged.moment,
            klass=arranged.klass,
            value=Column(codes=arranged.value, dictionary=stock.values),
            classes=stock.classes,
            properties=lru_cache(maxsize=None)(properties),
            days=days or reckoned,
        ),
        field=lru_cache(maxsize=None)(field),
        created_days=created_days,
    )


def _ages(days: NDArray[np.int32], as_of: date) -> Column:
    """How many days ago, missing where that day was still to come."""
    ages = as_of.toordinal() - days
    distinct, codes = np.unique(ages, return_inverse=True)
    later = int(np.searchsorted(distinct, 0))
    return Column(
        codes=np.maximum(codes.astype(np.int32) - np.int32(later - 1), MISSING),
        dictionary=Dictionary.of_json(str(age).encode() for age in distinct[later:].tolist()),
    )


def nothing(count: int) -> Column:
    """A column of what nobody has."""
    return Column(codes=np.zeros(count, np.int32), dictionary=Dictionary.of_json(()))
