"""A lead that somebody invents: from the rows of a form to the facts of the engine, and back. Pure.

Facts come as rows of a full field name with a text, activities as rows of kind, how many, how many days ago and what
about. What stands in an example and cannot be typed there (a source, properties, marks) travels along in `more`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kernel import json
from kernel.errors import InvalidError
from scoring.engine.conditions import fields_named
from scoring.engine.fields import COMPANY_MAPS, LEAD_MAPS, Field, field_named
from scoring.engine.json_text import number_text, plain, write_json
from scoring.engine.matrix import AllOf, AnyOf, Condition, Leaf, Matrix, Not
from scoring.wording import field_label, value_text

MOST_ROWS: Final = 60
MOST_ACTIVITIES: Final = 500
MOST_DAYS_AGO: Final = 3_650
LONGEST_TEXT: Final = 2_000
#: What a lead is asked first of all, whatever the matrix names.
USUAL: Final = (
    "lead.title",
    "lead.seniority",
    "lead.country",
    "lead.email_kind",
    "company.industry",
    "company.employees",
)
_NOON: Final = time(12)
_SHOWN: Final = ("kind", "url", "subject", "value")


@dataclass(frozen=True, kw_only=True)
class FactRow:
    """One fact as it is typed; `choices` are all values the field has, empty where any may stand."""

    name: str
    label: str
    text: str = ""
    choices: Sequence[tuple[str, str]] = ()
    kind: str = "text"


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    """So many activities of a kind on one day."""

    kind: str = ""
    count: str = "1"
    days_ago: str = "0"
    url: str = ""
    subject: str = ""
    value: str = ""
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class Invented:
    """The form: a day, facts, activities, and which example it was opened from."""

    as_of: date
    facts: Sequence[FactRow]
    activities: Sequence[ActivityRow] = ()
    example: int | None = None
    name: str = ""
    stage: str = ""
    notices: Sequence[str] = field(default=())


def rows_for(matrices: Sequence[Matrix], values: Mapping[str, Any] | None = None) -> list[FactRow]:
    """A row for each usual field, each field the matrices name, and each that has a value."""
    named = [name for matrix in matrices for name in lead_fields_of(matrix)]
    known = values or {}
    return [_row(name, known.get(name)) for name in dict.fromkeys([*USUAL, *named, *known])]


def other_fields(rows: Sequence[FactRow], offered: Sequence[str]) -> list[tuple[str, str]]:
    """Of the fields `offered` those without a row, by name and label."""
    shown = {row.name for row in rows}
    return [(name, field_label(name)) for name in dict.fromkeys(offered) if name not in shown]


def lead_fields_of(matrix: Matrix) -> tuple[str, ...]:
    """Every field of lead and company that the matrix names."""
    names = list(fields_named(matrix.applies_to))
    for criterion in matrix.criteria:
        names += fields_named(criterion.if_)
    return tuple(dict.fromkeys(names))


def _row(name: str, value: Any) -> FactRow:
    known = field_named(name, "lead") or Field(kind="free")
    choices = [(choice, value_text(name, choice).strip("“”")) for choice in known.choices]
    if known.kind == "boolean":
        choices = [("true", _("yes")), ("false", _("no"))]
    return FactRow(name=name, label=field_label(name), text=_typed(value), choices=choices, kind=known.kind)


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(_typed(each) for each in value)
    return number_text(value) if isinstance(value, int | float | Decimal) else str(value)


# From the form


def invented_facts(
    facts: Sequence[tuple[str, str]], activities: Sequence[ActivityRow], *, as_of: date, zone: ZoneInfo, matrix: Matrix
) -> dict[str, Any]:
    """The facts of the engine. Raises InvalidError with a sentence for the first row that cannot be read."""
    if len(facts) > MOST_ROWS * 2 or len(activities) > MOST_ROWS:
        raise InvalidError(_("These are too many rows: leave some out."), code="too_many_rows")
    lead: dict[str, Any] = {}
    company: dict[str, Any] = {}
    lists = _listed(matrix)
    for name, text in facts:
        if name.strip() and text.strip():
            _put(lead, company, name.strip(), _value(name.strip(), text.strip(), lists))
    return {"lead": lead, "company": company or None, "activities": _activities(activities, as_of, zone)}


def _put(lead: dict[str, Any], company: dict[str, Any], name: str, value: Any) -> None:
    subject, _dot, rest = name.partition(".")
    fact, maps = (lead, LEAD_MAPS) if subject == "lead" else (company, COMPANY_MAPS)
    group, dot, key = rest.partition(".")
    if dot and group in maps:
        fact.setdefault(group, {})[key] = value
    else:
        fact[rest] = value


def _value(name: str, text: str, lists: frozenset[str]) -> Any:
    known = field_named(name, "lead")
    if known is None:
        raise InvalidError(
            _("There is no field “%(name)s”: choose one of the list, or write lead.attributes.NAME.") % {"name": name},
            code="unknown_field",
        )
    if len(text) > LONGEST_TEXT or json.unsafe_text(text):
        raise InvalidError(_("%(field)s: this cannot be taken as it is.") % {"field": field_label(name)}, code="text")
    if known.kind == "number":
        return _number(text, field_label(name))
    if known.kind == "boolean":
        return text.casefold() in {"true", "yes", "1"}
    if known.kind == "list" or name in lists:
        return [each.strip() for each in text.split(",") if each.strip()]
    return text


def _number(text: str, label: str) -> int | Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise InvalidError(_("%(field)s: write a number.") % {"field": label}, code="not_a_number")
    return int(number) if number == number.to_integral_value() else number


def _listed(matrix: Matrix) -> frozenset[str]:
    """The fields of the team's own that the matrix takes for lists."""
    conditions = [matrix.applies_to, *(criterion.if_ for criterion in matrix.criteria)]
    return frozenset(leaf.field for each in conditions for leaf in _leaves(each) if leaf.op in {"has_any", "has_all"})


def _leaves(condition: Condition) -> list[Leaf]:
    match condition:
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            return [leaf for part in parts for leaf in _leaves(part)]
        case Not(condition=inner):
            return _leaves(inner)
        case Leaf():
            return [condition]
    return []


def _activities(rows: Sequence[ActivityRow], as_of: date, zone: ZoneInfo) -> list[dict[str, Any]]:
    """On each day they begin at noon, a minute apart: the first row that names a day is its earliest."""
    made: list[dict[str, Any]] = []
    on_day: dict[int, int] = {}
    for row in rows:
        if not row.kind.strip():
            continue
        count = _whole(row.count, _("How many"), 1, MOST_ACTIVITIES)
        days_ago = _whole(row.days_ago, _("Days ago"), 0, MOST_DAYS_AGO)
        if len(made) + count > MOST_ACTIVITIES:
            raise InvalidError(
                _("A lead that is invented does at most %(most)s things.") % {"most": MOST_ACTIVITIES},
                code="too_many_activities",
            )
        noon = datetime.combine(as_of - timedelta(days=days_ago), _NOON, zone)
        for _turn in range(count):
            minutes = on_day[days_ago] = on_day.get(days_ago, -1) + 1
            made.append(_activity(row, len(made) + 1, (noon + timedelta(minutes=minutes)).astimezone(UTC)))
    return made


def _activity(row: ActivityRow, number: int, moment: datetime) -> dict[str, Any]:
    what: dict[str, Any] = {name: text for name in ("url", "subject") if (text := getattr(row, name).strip())}
    if any(len(text) > LONGEST_TEXT or json.unsafe_text(text) for text in (row.kind, *what.values())):
        raise InvalidError(_("An activity cannot be taken as it is: shorten what it is about."), code="text")
    if row.value.strip():
        what["value"] = _number(row.value.strip(), _("Value"))
    more = json.read(row.more, parse_float=json.exact) if row.more.strip() else {}
    return {
        **(more if isinstance(more, dict) else {}),
        "id": f"example:{number}",
        "kind": row.kind.strip(),
        "occurred_at": moment.isoformat().replace("+00:00", "Z"),
        **what,
    }


def _whole(text: str, label: str, least: int, most: int) -> int:
    text = text.strip() or str(least)
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and least <= int(text) <= most):
        raise InvalidError(
            _("%(field)s: write a whole number from %(least)s to %(most)s.")
            % {"field": label, "least": least, "most": most},
            code="not_a_number",
        )
    return int(text)


# Back into the form


def values_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of lead and company by full field name."""
    found: dict[str, Any] = {}
    for subject, maps in (("lead", LEAD_MAPS), ("company", COMPANY_MAPS)):
        for name, value in (facts.get(subject) or {}).items():
            if name in maps and isinstance(value, Mapping):
                found |= {f"{subject}.{name}.{key}": each for key, each in value.items()}
            else:
                found[f"{subject}.{name}"] = value
    return {name: value for name, value in found.items() if value is not None}


def activity_rows(facts: Mapping[str, Any], *, as_of: date, zone: ZoneInfo) -> list[ActivityRow]:
    """The activities up to the day, oldest first, equal ones of a day in one row."""
    rows = []
    for activity in sorted(facts.get("activities") or (), key=lambda each: (_moment(each), each["id"])):
        days_ago = (as_of - _moment(activity).astimezone(zone).date()).days
        if days_ago >= 0:
            rows.append(_activity_row(activity, days_ago))
    return [
        ActivityRow(**{**vars(row), "count": str(sum(1 for _each in same))})
        for row, same in ((row, list(same)) for row, same in groupby(rows))
    ]


def _activity_row(activity: Mapping[str, Any], days_ago: int) -> ActivityRow:
    more = {
        name: value
        for name, value in activity.items()
        if name not in {"id", "occurred_at", *_SHOWN} and value is not None and value is not False
    }
    return ActivityRow(
        **{name: _typed(activity.get(name)) for name in _SHOWN},
        days_ago=str(days_ago),
        more=write_json(plain(more)) if more else "",
    )


def _moment(activity: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(activity["occurred_at"])
