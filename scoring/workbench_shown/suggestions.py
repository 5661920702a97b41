"""Values that leads and activities really have, with how many have them, for who builds a condition.

They are read off the column file where it holds them, of everybody; else off the newest leads or activities, so that one
waits for no scan of millions. Personal fields are never read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic
from typing import Any, Final

import numpy as np
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from crm.models import Activity, Lead
from kernel.errors import BadRequestError
from scoring.bulk.columns import Column
from scoring.columns.filed import FIELDS, PROPERTIES, column_is_kept
from scoring.columns.generations import Generation, generation_current
from scoring.engine.fields import field_named
from scoring.engine.text import day_in, normalise_text, path_in
from scoring.engine.types import Value
from scoring.wording import field_label, kind_label
from scoring.wording.fields import VALUES
from scoring.workbench_shown.fields import PERSONAL

#: How many are shown at once.
MOST: Final = 12
LONGEST_TEXT: Final = 200
# The most frequent values that are kept and searched.
_RANKED: Final = 5_000
# So many of the newest stand for all where there is no column file with the field.
_NEWEST: Final = 20_000
_NAMED_IN: Final = 5_000
_KEPT_SECONDS: Final = 60
_MOST_KEPT: Final = 64
_OWN: Final = {
    "lead.attributes.": "attributes",
    "lead.qualification.": "qualification",
    "company.attributes.": "company__attributes",
}
_PROPERTIES: Final = "activity.properties."
_OF_A_CLASS: Final = ("kind", "url", "subject", "source")
# Nobody chooses one of these from a list.
_UNCOUNTED: Final = frozenset({"lead.created_days", "company.employees", "company.revenue", "activity.value"})


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Values, the most frequent first; `among` is how many of the newest were counted, None where everybody was."""

    values: Sequence[tuple[Value, int]]
    among: int | None = None


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """One value and how many leads, or activities, have it."""

    value: Value
    label: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Suggestions:
    """What is shown below a value that is being typed."""

    values: Sequence[Suggested]
    is_of_activities: bool
    among: int | None


_kept: dict[tuple[object, ...], tuple[float, Ranked]] = {}


def suggestions(*, field: str, asked: str = "", kinds: Collection[str] = ()) -> Suggestions:
    """Values of a field, or the names behind `lead.attributes.` and its like, in which `asked` stands.

    Of activities those of `kinds` alone, if any are named. Raises BadRequestError for a field that is none.
    """
    is_of_activities = field.startswith("activity.")
    if field in PERSONAL or field in _UNCOUNTED:
        return Suggestions(values=[], is_of_activities=is_of_activities, among=None)
    ranked = _ranked(field, frozenset(kinds) if is_of_activities else frozenset())
    found = _matching(ranked.values, normalise_text(asked)) if asked.strip() else ranked.values[:MOST]
    return Suggestions(
        values=[Suggested(value=value, label=_label(field, value), count=count) for value, count in found],
        is_of_activities=is_of_activities,
        among=ranked.among,
    )


def _ranked(field: str, kinds: frozenset[str]) -> Ranked:
    key = (connection.alias, connection.settings_dict["NAME"], field, kinds)
    known = _kept.get(key)
    now = monotonic()
    if known is not None and now - known[0] < _KEPT_SECONDS:
        return known[1]
    ranked = _reader(field)(field, kinds)
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[key] = (now, ranked)
    return ranked


def _reader(field: str) -> Callable[[str, frozenset[str]], Ranked]:
    if field in _OWN or field == _PROPERTIES:
        return _names
    if field == "activity.kind" or field_named(field, "activity") is not None:
        return _of_activities
    if field_named(field, "lead") is not None:
        return _of_leads
    raise BadRequestError(_("There is no such field."), code="unknown_field")


def _of_leads(field: str, _kinds: frozenset[str]) -> Ranked:
    generation = generation_current()
    if generation is not None and column_is_kept(generation.path, FIELDS, field, len(generation.columns)):
        column = generation.columns.field(field)
        return Ranked(values=_top(_of_column(column, np.bincount(column.codes, minlength=len(column.dictionary)))))
    subject, _dot, rest = field.partition(".")
    group, dot, name = rest.partition(".")
    place = group if subject == "lead" else f"company__{group}"
    rows = Lead.objects.filter(merged_into=None).order_by("-pk").values_list(place, flat=True)[:_NEWEST]
    values = [(row or {}).get(name) for row in rows] if dot else list(rows)
    return Ranked(values=_top((value, 1) for value in values), among=_among(len(values)))


def _of_activities(field: str, kinds: frozenset[str]) -> Ranked:
    name = field.removeprefix("activity.")
    generation = generation_current()
    if generation is not None:
        found = _of_the_file(generation, name, kinds)
        if found is not None:
            return found
    is_property = name.startswith("properties.")
    live = Activity.objects.filter(lead__isnull=False, is_bot=False, withdrawn_at=None).order_by("-pk")
    rows = list(live.values_list("kind", "properties" if is_property else name)[:_NEWEST])
    key = name.removeprefix("properties.")
    values = (row.get(key) if is_property else row for kind, row in rows if not kinds or kind in kinds)
    return Ranked(values=_top(((each, 1) for each in values), is_path=name == "url"), among=_among(len(rows)))


def _of_the_file(generation: Generation, name: str, kinds: frozenset[str]) -> Ranked | None:
    """Of all activities; None for a property that the file does not hold."""
    activities = generation.columns.activities
    classes = activities.classes
    is_asked = _classes_of(classes.kind, kinds)
    if name in _OF_A_CLASS:
        counts = np.bincount(activities.klass, minlength=len(classes)) * is_asked
        column: Column = getattr(classes, name)
        weighed = np.bincount(column.codes, weights=counts, minlength=len(column.dictionary))
        return Ranked(values=_top(_of_column(column, weighed), is_path=name == "url"))
    name = name.removeprefix("properties.")
    if not column_is_kept(generation.path, PROPERTIES, name, len(activities)):
        return None
    column = activities.properties(name)
    codes = column.codes if not kinds else column.codes[is_asked[activities.klass]]
    return Ranked(values=_top(_of_column(column, np.bincount(codes, minlength=len(column.dictionary)))))


def _classes_of(kind: Column, kinds: frozenset[str]) -> NDArray[np.bool_]:
    if not kinds:
        return np.ones(len(kind.codes), bool)
    is_asked = np.fromiter((each in kinds for each in kind.dictionary), bool, len(kind.dictionary))
    found: NDArray[np.bool_] = is_asked[kind.codes]
    return found


def _of_column(column: Column, counts: NDArray[Any]) -> Iterable[tuple[Value, int]]:
    """The values that most have; code 0 is who has none."""
    counts = counts.astype(np.int64)
    counts[0] = 0
    for code in np.argsort(-counts, kind="stable")[:_RANKED].tolist():
        if counts[code] == 0:
            return
        yield column.dictionary.value(code), int(counts[code])


def _names(field: str, _kinds: frozenset[str]) -> Ranked:
    """Names of the team's own that newest leads or activities have."""
    leads, activities = Lead.objects.filter(merged_into=None), Activity.objects.all()
    rows: QuerySet[Any] = activities if field == _PROPERTIES else leads
    place = "properties" if field == _PROPERTIES else _OWN[field]
    found = list(rows.order_by("-pk").values_list(place, flat=True)[:_NAMED_IN])
    values = _top((name, 1) for row in found if isinstance(row, dict) for name in row if name.strip())
    return Ranked(values=values, among=_among(len(found), _NAMED_IN))


def _among(count: int, most: int = _NEWEST) -> int | None:
    return count if count >= most else None


def _top(values: Iterable[tuple[Value, int]], *, is_path: bool = False) -> list[tuple[Value, int]]:
    """The most frequent, members of lists one by one, what is missing or no use as a value left out."""
    found: Counter[Value] = Counter()
    kinds: dict[Value, Value] = {}
    for value, count in values:
        for each in value if isinstance(value, list) else [value]:
            shown = path_in(each) if is_path and isinstance(each, str) else each
            if _is_offered(shown):
                # True equals 1, and is another value.
                key = (type(shown), shown)
                found[key] += count
                kinds[key] = shown
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0][1])))  # type: ignore[index]
    return [(kinds[key], count) for key, count in ranked[:_RANKED]]


def _is_offered(value: Value) -> bool:
    if isinstance(value, str):
        # An address of a person, or a day of theirs, is nothing to choose from.
        is_personal = "@" in value or day_in(value.strip()[:10]) is not None
        return bool(value.strip()) and len(value) <= LONGEST_TEXT and not is_personal
    return isinstance(value, bool | int | float | Decimal)


def _matching(values: Sequence[tuple[Value, int]], asked: str) -> list[tuple[Value, int]]:
    """Those that begin with what is asked first, then those in which it stands."""
    first, others = [], []
    for value, count in values:
        text = normalise_text(str(value))
        if text.startswith(asked):
            first.append((value, count))
        elif asked in text:
            others.append((value, count))
        if len(first) == MOST:
            break
    return [*first, *others][:MOST]


def _label(field: str, value: Value) -> str:
    if field == "activity.kind":
        return kind_label(str(value))
    if field in _OWN or field == _PROPERTIES:
        return field_label(f"{field}{value}")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    known = VALUES.get(field, {}).get(str(value))
    return str(value) if known is None else str(known)
