"""The edits of a version as people read them: who, when, where in words, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from scoring.engine.json_text import write_json
from scoring.models import MatrixVersion, VersionEdit
from scoring.wording import dimension_label

PAGE_SIZE: Final = 30
# Edits told to a page that was away: the rest it sees in the log.
MOST_TOLD: Final = 20
LONGEST_VALUE: Final = 120

_MEMBERS: Final[Mapping[str, str | Promise]] = {
    "points": gettext_lazy("points"),
    "stars": gettext_lazy("stars"),
    "tier": gettext_lazy("tier"),
    "negative": gettext_lazy("negative"),
    "label": gettext_lazy("label"),
    "note": gettext_lazy("note"),
    "dimension": gettext_lazy("dimension"),
    "group": gettext_lazy("group"),
    "if": gettext_lazy("condition"),
    "when": gettext_lazy("activities"),
    "count": gettext_lazy("count"),
    "max": gettext_lazy("most in all"),
    "max_per_day": gettext_lazy("most a day"),
    "repeat_percent": gettext_lazy("repeat percentage"),
    "decay": gettext_lazy("decay"),
    "half_life_days": gettext_lazy("half-life in days"),
    "max_points": gettext_lazy("most points"),
    "disqualify": gettext_lazy("disqualifies"),
    "fast_track": gettext_lazy("fast-tracks"),
    "enabled": gettext_lazy("enabled"),
    "at": gettext_lazy("threshold"),
    "min_grade": gettext_lazy("least grade"),
    "max_level": gettext_lazy("least level"),
    "weight": gettext_lazy("weight"),
    "floor": gettext_lazy("floor"),
    "ceiling": gettext_lazy("ceiling"),
    "take": gettext_lazy("what counts of the group"),
    "name": gettext_lazy("name"),
    "description": gettext_lazy("description"),
    "audience": gettext_lazy("audience"),
    "timezone": gettext_lazy("time zone"),
    "applies_to": gettext_lazy("applies to"),
    "hand_off_at": gettext_lazy("hands off at"),
    "points_per_star": gettext_lazy("points per star"),
    "tiers": gettext_lazy("tiers"),
    "grades": gettext_lazy("grades"),
    "levels": gettext_lazy("levels"),
    "stages": gettext_lazy("stages"),
    "groups": gettext_lazy("groups"),
    "dimensions": gettext_lazy("dimensions"),
    "criteria": gettext_lazy("criteria"),
    "examples": gettext_lazy("examples"),
}


@dataclass(frozen=True, kw_only=True)
class EditShown:
    """One edit; `before` and `after` are "–" where nothing stood, or stands."""

    edit: VersionEdit
    who: str
    where: str
    criterion: str
    before: str
    after: str
    is_undo: bool


@dataclass(frozen=True, kw_only=True)
class EditFilters:
    """What of the log is asked for; None and "" leave it open."""

    person: int | None = None
    criterion: str = ""
    kind: str = ""


#: Kinds of edits the log is filtered by: which part of the document they speak of.
KINDS: Final[Mapping[str, str | Promise]] = {
    "criteria": gettext_lazy("Criteria"),
    "stages": gettext_lazy("Stages"),
    "dimensions": gettext_lazy("Dimensions"),
    "groups": gettext_lazy("Groups"),
    "grades": gettext_lazy("Grades"),
    "levels": gettext_lazy("Levels"),
    "examples": gettext_lazy("Examples"),
}


def edit_rows(version: MatrixVersion, filters: EditFilters) -> QuerySet[VersionEdit]:
    """The edits of a version, newest first."""
    rows = VersionEdit.objects.filter(version=version).select_related("edited_by").order_by("-id")
    if filters.person is not None:
        rows = rows.filter(edited_by=filters.person)
    if filters.criterion:
        place = f"/criteria/{filters.criterion}"
        rows = rows.filter(path=place) | rows.filter(path__startswith=f"{place}/")
    if filters.kind in KINDS:
        rows = rows.filter(path__startswith=f"/{filters.kind}")
    return rows


def editors_of(version: MatrixVersion) -> list[User]:
    """Who edited it, by name."""
    ids = VersionEdit.objects.filter(version=version).values("edited_by")
    return list(User.objects.filter(pk__in=ids).order_by("name", "pk"))


def edit_shown(edit: VersionEdit, document: Any) -> EditShown:
    steps = _steps(edit.path)
    return EditShown(
        edit=edit,
        who=str(edit.edited_by) if edit.edited_by else _("the system"),
        where=place_words(edit.path, document, also=(edit.before, edit.after)),
        criterion=steps[1] if len(steps) > 1 and steps[0] == "criteria" else "",
        before=value_words(edit.before),
        after=value_words(edit.after),
        is_undo=edit.undoes is not None,
    )


def edits_since(version: MatrixVersion, revision: int) -> list[dict[str, object]]:
    """The last edits after a revision, for a page that shows them as they come: path, who, and whose."""
    rows = VersionEdit.objects.filter(version=version, revision__gt=revision).select_related("edited_by")
    return [
        {"path": row.path, "who": str(row.edited_by) if row.edited_by else "", "by": row.edited_by_id}
        for row in rows.order_by("-id")[:MOST_TOLD]
    ]


def place_words(path: str, document: Any, *, also: tuple[object, ...] = ()) -> str:
    """Where in a matrix a path leads: "Viewed the pricing page: points"."""
    steps = _steps(path)
    first, rest = steps[0], steps[1:]
    if first in {"criteria", "stages", "examples"} and rest:
        head = _member_label(document, first, rest[0], also)
        names = [_name(step) for step in rest[1:]]
    elif first == "dimensions" and rest:
        head = str(dimension_label(rest[0])) if rest[0] in {"fit", "behavior", "qualification"} else rest[0]
        names = [_name(step) for step in rest[1:]]
    elif first == "groups" and rest:
        group = _got(_got(document, "groups"), rest[0])
        head = str(_got(group, "label") or rest[0])
        names = [_name(step) for step in rest[1:]]
    else:
        head = _name(first)
        names = list(rest)
    return f"{head}: {', '.join(names)}" if names else head


def value_words(value: object) -> str:
    """A value in a few characters."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict) and isinstance(value.get("label") or value.get("name"), str):
        return str(value.get("label") or value.get("name"))
    text = value if isinstance(value, str) else write_json(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _steps(path: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]


def _name(step: str) -> str:
    return str(_MEMBERS.get(step, step))


def _got(node: object, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else None


def _member_label(document: Any, part: str, step: str, also: tuple[object, ...]) -> str:
    members = _got(document, part)
    found = [each for each in members or [] if isinstance(each, dict) and each.get("key") == step]
    # One that is gone by now is called as it was.
    for each in (*found, *also):
        if isinstance(each, dict) and (label := each.get("label") or each.get("name")):
            return str(label)
    return f"{_name(part)} {step}" if part == "examples" else step
