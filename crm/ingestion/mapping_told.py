"""What a row of a lead tells beside its fields, read strictly from a mapping: activities and an outcome. Pure."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Map

from django.utils.translation import gettext as _

from crm.ingestion.mapping_language import (
    ACTIVITY_KEYS,
    ACTIVITY_PARTS,
    DATE_ORDERS,
    MOST_ACTIVITIES,
    OPEN_TARGETS,
    OUTCOME_KEYS,
    OUTCOME_PARTS,
    OUTCOME_STATES,
    TARGETS,
    About,
    ActivityRule,
    OutcomeRule,
    Part,
    When,
)
from crm.ingestion.rules import DateOrder
from kernel.errors import Problem
from kernel.json import pointer


class ToldReader:
    """Reads those parts of a mapping; problems gather."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.about: About = "leads"

    def refuse(self, code: str, detail: str, *path: object) -> None:
        self.problems.append(Problem(pointer=pointer(*path), code=code, detail=detail))

    def only(self, options: Map[str, object], keys: Collection[str], detail: str, *place: object) -> None:
        for key in sorted(set(options) - set(keys)):
            self.refuse("unknown_field", detail, *place, key)

    def check_target(self, target: str, *place: object) -> None:
        starts = OPEN_TARGETS[self.about]
        is_open = any(target.startswith(start) and len(target) > len(start) for start in starts)
        if target not in TARGETS[self.about] and not is_open:
            self.refuse("unknown_field", _("There is no such field to fill."), *place)

    def translate(self, options: Map[str, object], *place: object) -> dict[str, str]:
        found = options.get("translate", {})
        if isinstance(found, Map) and all(isinstance(became, str) for became in found.values()):
            return {str(text): str(became) for text, became in found.items()}
        self.refuse("wrong_type", _("Write what each text becomes."), *place, "translate")
        return {}

    def dates(self, options: Map[str, object], *place: object) -> DateOrder:
        if "dates" not in options:
            return ""
        order = DATE_ORDERS.get(str(options["dates"]))
        if order is None:
            self.refuse("not_a_choice", _("Write the order of dates as ymd, dmy or mdy."), *place, "dates")
        return order or ""

    def activities(self, found: object) -> list[ActivityRule]:
        if not isinstance(found, list) or not all(isinstance(rule, Map) for rule in found):
            self.refuse(
                "wrong_type", _("Write a list of activities, each with its kind and occurred_at."), "activities"
            )
            return []
        if len(found) > MOST_ACTIVITIES:
            detail = _("A row tells of at most %(most)s activities.") % {"most": MOST_ACTIVITIES}
            self.refuse("too_many", detail, "activities")
        return [rule for index, each in enumerate(found) if (rule := self.activity(each, "activities", index))]

    def activity(self, options: Map[str, object], *place: object) -> ActivityRule | None:
        self.only(options, ACTIVITY_KEYS, _("An activity has no such key."), *place)
        kind = options.get("kind")
        # A kind in words is the kind itself; everywhere else words name a column.
        kind_part = Part(text=kind) if isinstance(kind, str) and kind else self.part(options, "kind", *place)
        occurred_at = self.part(options, "occurred_at", *place)
        when = self.when(options, *place)
        if kind_part is None or occurred_at is None:
            for key in ("kind", "occurred_at"):
                if not options.get(key):
                    self.refuse("required", _("Say what happened, and which column says when."), *place, key)
            return None
        if when is None and not occurred_at.column:
            detail = _("Say in which rows it happened (when): its time is the same in all of them.")
            self.refuse("required", detail, *place, "when")
        return ActivityRule(
            kind=kind_part, occurred_at=occurred_at, when=when, parts=self.parts(options, ACTIVITY_PARTS, *place)
        )

    def outcome(self, options: object) -> OutcomeRule | None:
        if not isinstance(options, Map):
            self.refuse("wrong_type", _("Write the outcome as state, at, amount and origin."), "outcome")
            return None
        if not options:
            return None
        self.only(options, OUTCOME_KEYS, _("An outcome has no such key."), "outcome")
        undated_to = str(options.get("undated_to", ""))
        if undated_to:
            self.check_target(undated_to, "outcome", "undated_to")
        state = self.part(options, "state", "outcome")
        if state is None:
            self.refuse("required", _("Say which column tells won, lost or open."), "outcome", "state")
            return None
        for text, became in state.translate.items():
            if became and became not in OUTCOME_STATES:
                detail = _("An outcome is won, lost or open.")
                self.refuse("not_a_choice", detail, "outcome", "state", "translate", text)
        parts = self.parts(options, OUTCOME_PARTS, "outcome")
        if "at" not in parts and not undated_to:
            detail = _(
                "An outcome needs its day: name the column (at), or the attribute that takes it without (undated_to)."
            )
            self.refuse("required", detail, "outcome", "at")
        return OutcomeRule(state=state, parts=parts, undated_to=undated_to)

    def parts(self, options: Map[str, object], names: Sequence[str], *place: object) -> dict[str, Part]:
        return {name: part for name in names if (part := self.part(options, name, *place))}

    def part(self, options: Map[str, object], name: str, *place: object) -> Part | None:
        found = options.get(name)
        if found is None or found == "":
            return None
        if isinstance(found, str):
            return Part(column=found)
        if isinstance(found, Map):
            self.only(found, {"column", "text", "translate", "dates"}, _("There is no such key here."), *place, name)
            column, text = found.get("column", ""), found.get("text", "")
            if isinstance(column, str) and isinstance(text, str) and bool(column) != bool(text):
                return Part(
                    column=column,
                    text=text,
                    translate=self.translate(found, *place, name),
                    dates=self.dates(found, *place, name),
                )
        self.refuse("wrong_type", _("Name a column, or write {text: …} for the same in every row."), *place, name)
        return None

    def when(self, options: Map[str, object], *place: object) -> When | None:
        found = options.get("when")
        if found is None:
            return None
        if isinstance(found, str) and found:
            return When(column=found)
        if isinstance(found, Map) and isinstance(column := found.get("column"), str) and column:
            self.only(found, {"column", "is"}, _("There is no such key here."), *place, "when")
            texts = found.get("is", [])
            texts = [texts] if isinstance(texts, str) else texts
            if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
                return When(column=column, texts=frozenset(text.casefold() for text in texts))
        self.refuse(
            "wrong_type", _("Name a column, and the texts it must hold: {column: …, is: [...]}."), *place, "when"
        )
        return None
