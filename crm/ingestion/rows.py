"""A row of a file, by its mapping, into values as REST takes them and the activities it tells of.

Pure. A cell that is blank or a placeholder says nothing: it neither sets nor clears a field.
"""

import hashlib
import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crm.identity import country_code, read_email, registrable_domain
from crm.identity.emails import is_free_domain
from crm.ingestion.cells import Moment, boolean_of, cell_text, date_orders, moment_of, number_of
from crm.ingestion.mapping_language import (
    KIND_OF,
    OUTCOME_STATES,
    ActivityRule,
    Column,
    FileMapping,
    Kind,
    OutcomeRule,
    Part,
    When,
)
from crm.ingestion.reading import canonical, unsound
from crm.ingestion.rules import DateOrder, ReadingRules
from kernel.errors import Problem
from kernel.json import pointer

_WHOLE_NUMBERS: Final = frozenset(["company.employees", "company.revenue"])
# As REST takes it: such a time is handed on as it stands, so that a file gives what a call gives.
_RFC_3339: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_GROUPS: Final = re.compile(r"(company\.attributes|attributes|qualification|properties|company|lead)\.(.+)", re.DOTALL)
_STATES: Final = {**{state: state for state in OUTCOME_STATES}, "closed won": "won", "closed lost": "lost"}


@dataclass(frozen=True, kw_only=True)
class RowValues:
    """A row as REST would send it, the ids other feeds know it by, its activities, and what could not be read."""

    values: Map[str, object]
    other_ids: Map[str, str]
    problems: Sequence[Problem]
    activities: Sequence[Map[str, object]] = ()


class _Unreadable(Exception):
    """A cell is not what it is read as; the text says why."""


def row_values(mapping: FileMapping, cells: Map[str, str], rules: ReadingRules | None = None) -> RowValues:
    """Turn the cells of a row, by column, into values."""
    return _RowReader(mapping, cells, rules or ReadingRules()).read()


class _RowReader:
    """Reads one row; problems gather."""

    def __init__(self, mapping: FileMapping, cells: Map[str, str], rules: ReadingRules) -> None:
        self.mapping = mapping
        self.cells = cells
        self.rules = rules
        self.zone = ZoneInfo(rules.time_zone)
        self.values: dict[str, object] = {}
        self.problems: list[Problem] = []

    def read(self) -> RowValues:
        other_ids: dict[str, str] = {}
        for target, constant in self.mapping.constants.items():
            _put(self.values, target, self.constant(target, constant))
        for column in self.mapping.columns:
            text = self.said(column.name, column.translate)
            if text and column.to == "external_id" and column.feed:
                other_ids[column.feed] = text
            elif text:
                self.fill(column, text)
        activities = self.activities() if self.mapping.about == "leads" else []
        return RowValues(values=self.values, other_ids=other_ids, problems=self.problems, activities=activities)

    def said(self, column: str, translate: Map[str, str]) -> str:
        """What the cell says, "" where it says nothing."""
        text = cell_text(self.cells.get(column, ""))
        if not text or text.casefold() in self.mapping.placeholders:
            return ""
        return translate.get(text, text)

    def constant(self, target: str, text: str) -> object:
        try:
            return self.value(text, KIND_OF.get(target, "text"))
        except _Unreadable:
            return text

    def fill(self, column: Column, text: str) -> None:
        try:
            value = self.value(text, column.kind, separator=column.separator, dates=column.dates)
            if column.to in _WHOLE_NUMBERS and isinstance(value, float | Decimal) and value == int(value):
                value = int(value)
            if column.unreadable_to and not _fits(column.to, text):
                raise _Unreadable(column.to)
        except _Unreadable as why:
            if column.unreadable_to:
                _put(self.values, column.unreadable_to, text)
            else:
                self.refuse(column.name, "unreadable_cell", str(why))
            return
        _put(self.values, column.to, value)

    def value(self, text: str, kind: Kind, *, separator: str = ",", dates: DateOrder = "") -> object:
        """The value of a text. Raises _Unreadable with the reason."""
        if kind == "number":
            number = number_of(text, decimal_mark=self.rules.decimal_mark)
            if number is None:
                raise _Unreadable(_("This cell is no number."))
            return number
        if kind == "boolean":
            answer = boolean_of(text)
            if answer is None:
                raise _Unreadable(_("This cell is neither yes nor no."))
            return answer
        if kind == "list":
            return list(dict.fromkeys(part for each in text.split(separator) if (part := cell_text(each))))
        if kind == "time":
            return text if _RFC_3339.fullmatch(text) else self.moment(text, dates).as_time(self.zone)
        return self.moment(text, dates).as_text() if kind == "date" else text

    def moment(self, text: str, dates: DateOrder) -> Moment:
        order = dates or self.rules.date_order
        found = moment_of(text, order=order, zone=self.zone)
        if found is None and len(date_orders(text)) > 1 and not order:
            raise _Unreadable(_("This can be two days: say whether the day or the month comes first."))
        if found is None and date_orders(text):
            raise _Unreadable(_("There is no such day in the order in which this file writes its dates."))
        if found is None:
            raise _Unreadable(_("This cell is no date or time that we can read."))
        return found

    def refuse(self, column: str, code: str, detail: str) -> None:
        self.problems.append(Problem(pointer=pointer(column), code=code, detail=detail))

    def activities(self) -> list[Map[str, object]]:
        who = _who(self.values)
        found = [self.activity(rule) for rule in self.mapping.activities]
        if self.mapping.outcome:
            found.append(self.outcome(self.mapping.outcome))
        if not who:
            return []
        return [{**item, "lead": who, "message_id": _message_id(who, item)} for item in found if item]

    def activity(self, rule: ActivityRule) -> dict[str, object]:
        """The activity without who it was, nothing where the row tells of none."""
        kind = self.part(rule.kind)
        happened = self.happened(rule.when) if rule.when else bool(self.part(rule.occurred_at))
        if not happened or not kind:
            return {}
        occurred_at = self.part_value(rule.occurred_at, "time")
        if occurred_at is None:
            if not self.part(rule.occurred_at):
                detail = _("The row says that this happened, but not when.")
                self.refuse(rule.occurred_at.column, "undated_activity", detail)
            return {}
        parts = {name: self.part_value(part, KIND_OF.get(name, "text")) for name, part in rule.parts.items()}
        said = {name: value for name, value in parts.items() if value is not None}
        return {"kind": kind, "occurred_at": occurred_at, **said}

    def outcome(self, rule: OutcomeRule) -> dict[str, object]:
        """The deal without whose it is, nothing where the row tells of none."""
        text = self.part(rule.state)
        if not text:
            return {}
        state = _STATES.get(text.casefold())
        if state is None:
            detail = _("This cell says neither won, lost nor open. Say what it means (translate).")
            self.refuse(rule.state.column, "unreadable_cell", detail)
            return {}
        before = len(self.problems)
        at = self.part_value(rule.parts.get("at", Part()), "time")
        if at is None:
            if rule.undated_to and len(self.problems) == before:
                _put(self.values, rule.undated_to, state)
            elif len(self.problems) == before:
                detail = _("The row says what became of the lead, but not when. Fill in the day, or leave it open.")
                self.refuse(rule.parts.get("at", rule.state).column, "undated_outcome", detail)
            return {}
        amount = self.part_value(rule.parts.get("amount", Part()), "number")
        origin = self.part(rule.parts.get("origin", Part()))
        return {
            "kind": OUTCOME_STATES[state],
            "occurred_at": at,
            **({"value": amount} if amount is not None else {}),
            **({"properties": {"origin": origin}} if origin else {}),
        }

    def part(self, part: Part) -> str:
        if part.text:
            return part.text
        return self.said(part.column, part.translate) if part.column else ""

    def part_value(self, part: Part, kind: Kind) -> object:
        """The value, None where the row says none or one that cannot be read, which is then a problem."""
        text = self.part(part)
        if not text:
            return None
        try:
            return self.value(text, kind, dates=part.dates)
        except _Unreadable as why:
            self.refuse(part.column, "unreadable_cell", str(why))
            return None

    def happened(self, when: When) -> bool:
        if when.texts:
            return cell_text(self.cells.get(when.column, "")).casefold() in when.texts
        text = self.said(when.column, {})
        return bool(text) and boolean_of(text) is not False


def _who(values: Map[str, object]) -> dict[str, object]:
    """Who the row is about, in the one way that its activities name them: by external id, else by address."""
    if values.get("external_id"):
        return {"external_id": values["external_id"]}
    key = read_email(str(values.get("email", ""))).key
    return {"email": key} if key else {}


def _message_id(who: Map[str, object], item: Map[str, object]) -> str:
    """Always the same for the same activity of the same person, whatever the row's place or the order of its columns.

    A deal is known by its state and day: another amount is the same deal, told differently, and is held back as such.
    """
    is_deal = item["kind"] in OUTCOME_STATES.values()
    known_by = {name: item[name] for name in ("kind", "occurred_at")} if is_deal else item
    if unsound(known_by) or unsound(who):
        return ""
    return "row-" + hashlib.sha256(canonical({"lead": who, **known_by})).hexdigest()[:40]


def _fits(target: str, text: str) -> bool:
    """Whether a field that takes countries or company domains only takes this text."""
    if target in {"country", "company.country"}:
        return bool(country_code(text))
    if target == "company.domain":
        return bool(domain := registrable_domain(text)) and not is_free_domain(domain)
    return True


def _put(values: dict[str, object], target: str, value: object) -> None:
    if target == "name":
        *first, last = str(value).rsplit(None, 1)
        values |= {"first_name": first[0] if first else last, "last_name": last if first else ""}
        return
    parts = _GROUPS.match(target)
    if parts is None:
        values[target] = value
        return
    group = values
    for name in parts[1].split("."):
        group = cast(dict[str, object], group.setdefault(name, {}))
    group[parts[2]] = value
