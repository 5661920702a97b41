"""What differs between two versions, in words: "Viewed the pricing page: 8 → 12 points"."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.engine.diff import Change
from scoring.engine.errors import EngineError
from scoring.engine.json_text import number_text, write_json
from scoring.engine.parse_conditions import parse_lead_condition
from scoring.wording.conditions import condition_sentence
from scoring.wording.fields import dimension_label, kind_label

# What of a part changed; a part that is not listed is called by its own name.
_PARTS: dict[str, Promise] = {
    "matrix_name": gettext_lazy("name"),
    "matrix_description": gettext_lazy("description"),
    "matrix_audience": gettext_lazy("audience"),
    "matrix_timezone": gettext_lazy("time zone"),
    "matrix_applies_to": gettext_lazy("applies to"),
    "matrix_hand_off_at": gettext_lazy("hands off at"),
    "matrix_points_per_star": gettext_lazy("points per star"),
    "tier": gettext_lazy("points of the tier"),
    "dimension_weight": gettext_lazy("weight"),
    "dimension_floor": gettext_lazy("floor"),
    "dimension_ceiling": gettext_lazy("ceiling"),
    "grade": gettext_lazy("fit points for the grade"),
    "level": gettext_lazy("behavior points for the level"),
    "stage_label": gettext_lazy("label"),
    "stage_at": gettext_lazy("threshold"),
    "stage_min_grade": gettext_lazy("least grade"),
    "stage_max_level": gettext_lazy("least level"),
    "group_label": gettext_lazy("label"),
    "group_floor": gettext_lazy("floor"),
    "group_ceiling": gettext_lazy("ceiling"),
    "group_take": gettext_lazy("what counts of the group"),
    "criterion_label": gettext_lazy("label"),
    "criterion_note": gettext_lazy("note"),
    "criterion_dimension": gettext_lazy("dimension"),
    "criterion_group": gettext_lazy("group"),
    "criterion_points": gettext_lazy("points"),
    "criterion_stars": gettext_lazy("stars"),
    "criterion_tier": gettext_lazy("tier"),
    "criterion_negative": gettext_lazy("negative"),
    "criterion_if": gettext_lazy("condition"),
    "criterion_kinds": gettext_lazy("kinds of activity"),
    "criterion_where": gettext_lazy("which activities"),
    "criterion_after": gettext_lazy("what came before"),
    "criterion_unique_by": gettext_lazy("counted once by"),
    "criterion_measure": gettext_lazy("measure"),
    "criterion_max": gettext_lazy("most in all"),
    "criterion_max_per_day": gettext_lazy("most a day"),
    "criterion_repeat_percent": gettext_lazy("repeat percentage"),
    "criterion_decay": gettext_lazy("decay"),
    "criterion_max_points": gettext_lazy("most points"),
    "criterion_disqualify": gettext_lazy("disqualifies"),
    "criterion_fast_track": gettext_lazy("fast-tracks"),
    "criterion_enabled": gettext_lazy("enabled"),
    "example_as_of": gettext_lazy("day of the example"),
    "example_facts": gettext_lazy("facts of the example"),
    "example_stage": gettext_lazy("stage of the example"),
}
_WHOLE: dict[str, Promise] = {
    "criterion_added": gettext_lazy("New criterion: %(label)s"),
    "criterion_removed": gettext_lazy("Criterion removed: %(label)s"),
    "stage_added": gettext_lazy("New stage: %(label)s"),
    "stage_removed": gettext_lazy("Stage removed: %(label)s"),
    "group_added": gettext_lazy("New group: %(label)s"),
    "group_removed": gettext_lazy("Group removed: %(label)s"),
    "example_added": gettext_lazy("New example: %(label)s"),
    "example_removed": gettext_lazy("Example removed: %(label)s"),
    "criteria_reordered": gettext_lazy("Criteria stand in another order"),
    "stages_reordered": gettext_lazy("Stages stand in another order"),
    "examples_reordered": gettext_lazy("Examples stand in another order"),
}


# What came or went as a whole.
_KINDS: dict[str, Promise] = {
    "criterion": gettext_lazy("criterion"),
    "stage": gettext_lazy("stage"),
    "group": gettext_lazy("group"),
    "example": gettext_lazy("example"),
}


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One difference as a row: of what, which part of it, before and after; empty for nothing there."""

    what: str
    part: str
    before: str
    after: str


def change_row(change: Change) -> ChangeRow:
    """One difference as a table shows it."""
    kind, _rest, how = change.kind.rpartition("_")
    label = dimension_label(change.label) if change.kind.startswith("dimension_") else change.label
    if how in {"added", "removed"} and change.kind in _WHOLE:
        sides = {"before": "" if how == "added" else label, "after": label if how == "added" else ""}
        return ChangeRow(what=label, part=str(_KINDS.get(kind, kind)), **sides)
    if how == "reordered":
        before, after = (
            ", ".join(map(str, each)) if isinstance(each, list) else "" for each in (change.before, change.after)
        )
        return ChangeRow(what="", part=str(_WHOLE[change.kind]), before=before, after=after)
    return ChangeRow(
        what=label,
        part=str(_PARTS.get(change.kind, change.kind.partition("_")[2].replace("_", " "))),
        before=_value(change, change.before) if change.before is not None else "",
        after=_value(change, change.after) if change.after is not None else "",
    )


def change_sentence(change: Change) -> str:
    """One difference as people say it."""
    if change.kind in _WHOLE:
        return str(_WHOLE[change.kind]) % {"label": change.label}
    before, after = _value(change, change.before), _value(change, change.after)
    if change.kind == "criterion_points":
        return _("%(label)s: %(before)s → %(after)s points") % {"label": change.label, "before": before, "after": after}
    if change.kind == "stage_at":
        numbers = {"label": change.label, "before": before, "after": after}
        return _("%(label)s threshold: %(before)s → %(after)s") % numbers
    part = str(_PARTS.get(change.kind, change.kind.partition("_")[2].replace("_", " ")))
    label = dimension_label(change.label) if change.kind.startswith("dimension_") else change.label
    named = _("%(label)s, %(part)s") % {"label": label, "part": part} if label else part
    return _("%(part)s: %(before)s → %(after)s") % {
        "part": named[:1].upper() + named[1:],
        "before": before,
        "after": after,
    }


def _value(change: Change, value: object) -> str:
    if value is None:
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return value or _("none")
    if isinstance(value, int | float | Decimal):
        return number_text(value)
    if change.kind in {"criterion_if", "matrix_applies_to"}:
        try:
            return condition_sentence(parse_lead_condition(value))
        except EngineError:
            return write_json(value)
    if change.kind == "criterion_kinds" and isinstance(value, list):
        return ", ".join(kind_label(str(each)) for each in value) or _("any activity")
    return write_json(value)
