"""The words of a mapping: what a file is about, what its columns fill, and what else its rows tell. Pure data."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from crm.ingestion.cells import ERROR_CELLS
from crm.ingestion.rules import DateOrder

Kind: TypeAlias = Literal["text", "number", "boolean", "date", "time", "list"]
About: TypeAlias = Literal["leads", "activities"]

#: What forms and exports write where nobody answered, and what sheets show where a formula went wrong; compared without
#: case. A mapping adds its own.
PLACEHOLDERS: Final = frozenset({"select", "unknown", "n/a", "-", "--"}) | ERROR_CELLS
LEAD_TARGETS: Final = frozenset(
    ["external_id", "email", "name", "first_name", "last_name", "title", "department", "seniority", "phone", "country",
     "state", "city", "source", "consent", "owner", "company.name", "company.domain", "company.industry",
     "company.country", "company.employees", "company.revenue", "company.technologies"]
)  # fmt: skip
ACTIVITY_TARGETS: Final = frozenset(
    ["message_id", "lead.external_id", "lead.email", "visitor", "kind", "occurred_at", "url", "subject", "value",
     "source"]
)  # fmt: skip
OUTCOME_STATES: Final[Map[str, str]] = {"won": "deal_won", "lost": "deal_lost", "open": "deal_opened"}
TARGETS: Final[Map[str, frozenset[str]]] = {"leads": LEAD_TARGETS, "activities": ACTIVITY_TARGETS}
OPEN_TARGETS: Final[Map[str, tuple[str, ...]]] = {
    "leads": ("attributes.", "qualification.", "company.attributes."),
    "activities": ("properties.",),
}
KIND_OF: Final[Map[str, Kind]] = {
    "value": "number",
    "company.employees": "number",
    "company.revenue": "number",
    "company.technologies": "list",
    "consent": "boolean",
    "occurred_at": "time",
}
CHOSEN_KINDS: Final[Map[str, Kind]] = {
    "text": "text",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "list": "list",
}
DATE_ORDERS: Final[Map[str, DateOrder]] = {"ymd": "ymd", "dmy": "dmy", "mdy": "mdy"}
KEYS: Final = frozenset(
    ["schema", "name", "about", "feed", "header", "placeholders", "columns", "constants", "ignore", "activities",
     "outcome"]
)  # fmt: skip
# `why` and `sure` are what a suggestion was made of; they are for people.
COLUMN_KEYS: Final = frozenset(["to", "as", "feed", "unreadable_to", "translate", "separator", "dates", "why", "sure"])
ACTIVITY_PARTS: Final = ("subject", "url", "value", "source")
ACTIVITY_KEYS: Final = frozenset(["kind", "occurred_at", "when", *ACTIVITY_PARTS])
OUTCOME_PARTS: Final = ("at", "amount", "origin")
OUTCOME_KEYS: Final = frozenset(["state", "undated_to", *OUTCOME_PARTS])
MOST_ACTIVITIES: Final = 20


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name (its number where there is no header), what it fills and how its cells are read.

    A cell that cannot be read so goes to `unreadable_to` as text; without one the row is refused. `feed` belongs to a
    further external id, `separator` to a list, and `dates` to days written in another order than the file's.
    """

    name: str
    to: str
    kind: Kind = "text"
    feed: str = ""
    unreadable_to: str = ""
    translate: Map[str, str] = field(default_factory=dict)
    separator: str = ","
    dates: DateOrder = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Where a part of an activity comes from: a column's cell, as it stands or translated, or always the same text."""

    column: str = ""
    text: str = ""
    translate: Map[str, str] = field(default_factory=dict)
    dates: DateOrder = ""


@dataclass(frozen=True, kw_only=True)
class When:
    """The rows to which something applies: the column's cell is one of `texts`, or with none of these, says anything but no."""

    column: str
    texts: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ActivityRule:
    """An activity that a lead's row tells of. Without `when` it happened where `occurred_at` says anything."""

    kind: Part
    occurred_at: Part
    when: When | None = None
    parts: Map[str, Part] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OutcomeRule:
    """What became of the lead: a deal won, lost or open. One without a date goes to `undated_to`, else the row is refused."""

    state: Part
    parts: Map[str, Part] = field(default_factory=dict)
    undated_to: str = ""


@dataclass(frozen=True, kw_only=True)
class FileMapping:
    """What a file is about and what its columns mean."""

    name: str
    about: About
    feed: str
    has_header: bool
    placeholders: frozenset[str]
    columns: Sequence[Column]
    constants: Map[str, str]
    ignored: frozenset[str]
    activities: Sequence[ActivityRule] = ()
    outcome: OutcomeRule | None = None

    @property
    def column_names(self) -> list[str]:
        """Every column the mapping reads, once."""
        names = [column.name for column in self.columns]
        for rule in self.activities:
            names += [part.column for part in (rule.kind, rule.occurred_at, *rule.parts.values())]
            names += [rule.when.column] if rule.when else []
        if self.outcome:
            names += [part.column for part in (self.outcome.state, *self.outcome.parts.values())]
        return list(dict.fromkeys(name for name in names if name))
