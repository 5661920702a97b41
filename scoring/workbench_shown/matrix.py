"""The matrix as the workbench lays it out: each value beside the place in the document where it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from kernel.templatetags.ui import grouped
from scoring.engine.matrix import ALWAYS, Criterion, Matrix, Stage
from scoring.engine.parse import parse_matrix
from scoring.engine.types import DIMENSIONS, DimensionName
from scoring.models import MatrixVersion
from scoring.wording import condition_sentence, criterion_sentence, dimension_label

POINTS: Final = 10_000
LIMIT: Final = 1_000_000
MOST_DAYS: Final = 3_650


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value that is edited where it stands. `value` is as the document says it, `shown` what counts: a default, where
    `value` is None. `choices` are (value, label) pairs; `low` and `high` bound a number."""

    path: str
    name: str
    value: object
    shown: str | int | None
    kind: str = "number"
    low: int | None = None
    high: int | None = None
    choices: Sequence[tuple[str, str]] = ()
    is_optional: bool = False
    unit: str = ""

    @property
    def words(self) -> str:
        """As it is read: a choice by its label, nothing as a dash."""
        if self.kind.startswith("choice"):
            return dict(self.choices).get("" if self.shown is None else str(self.shown), str(self.shown))
        return str(self.shown) if isinstance(self.shown, str) else grouped(self.shown)

    @property
    def choices_json(self) -> str:
        return json.dumps(self.choices)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One criterion. `worth` is edited as points, stars or tier; `points` is what that comes to."""

    criterion: Criterion
    rule: str
    label: Cell
    worth: Cell
    worth_kind: str
    points: int
    cap: Cell
    decay: Cell | None
    decay_words: str
    findings: int = 0
    comments: int = 0


@dataclass(frozen=True, kw_only=True)
class GroupRows:
    """Criteria that share a limit; a nameless group has none, and neither a name."""

    key: str
    label: str
    name: Cell | None
    take: Cell | None
    limits: Sequence[Cell]
    rows: Sequence[Row]


@dataclass(frozen=True, kw_only=True)
class DimensionRows:
    """One bucket of the matrix, with its weight in percent and its limits."""

    key: str
    label: str
    cells: Sequence[Cell]
    groups: Sequence[GroupRows]
    count: int


@dataclass(frozen=True, kw_only=True)
class StageRow:
    """One stage with its threshold and gates."""

    stage: Stage
    label: Cell
    is_hand_off: bool
    cells: Sequence[Cell]


@dataclass(frozen=True, kw_only=True)
class MatrixShown:
    """The whole matrix, ready to be laid out."""

    matrix: Matrix
    name: Cell
    description: Cell
    audience: Cell
    time_zone: Cell
    applies_to: str
    stages: Sequence[StageRow]
    grades: Sequence[Cell]
    levels: Sequence[Cell]
    tiers: Sequence[Cell]
    stars: Cell | None
    hand_off_at: Cell
    dimensions: Sequence[DimensionRows]


def matrix_shown(
    version: MatrixVersion, *, findings: Mapping[str, int] | None = None, comments: Mapping[str, int] | None = None
) -> MatrixShown:
    """The matrix of a version with how many findings and open comments each criterion has."""
    document, matrix = version.document, parse_matrix(version.document)
    raw = {each["key"]: each for each in document["criteria"]}
    rows = {
        each.key: _row(
            each, raw[each.key], matrix, (findings or {}).get(each.key, 0), (comments or {}).get(each.key, 0)
        )
        for each in matrix.criteria
    }
    return MatrixShown(
        matrix=matrix,
        name=Cell(path="/name", name=_("name"), value=document["name"], shown=matrix.name, kind="text"),
        description=Cell(
            path="/description",
            name=_("description"),
            value=document.get("description"),
            shown=matrix.description or _("no description"),
            kind="text",
            is_optional=True,
        ),
        audience=Cell(
            path="/audience",
            name=_("audience"),
            value=document.get("audience"),
            shown=matrix.audience,
            kind="choice",
            choices=[("b2b", _("businesses")), ("b2c", _("consumers"))],
        ),
        time_zone=Cell(
            path="/timezone",
            name=_("time zone"),
            value=document.get("timezone"),
            shown=matrix.timezone,
            kind="text",
            is_optional=True,
        ),
        applies_to=_("every lead") if matrix.applies_to == ALWAYS else condition_sentence(matrix.applies_to),
        stages=[_stage(each, said, matrix) for each, said in zip(matrix.stages, document["stages"], strict=True)],
        grades=[_bound("grades", key, document, _("least fit points for %(name)s")) for key in document["grades"]],
        levels=[_bound("levels", key, document, _("least behavior points for %(name)s")) for key in document["levels"]],
        tiers=[_bound("tiers", key, document, _("points of %(name)s")) for key in document.get("tiers", {})],
        stars=_stars(document),
        hand_off_at=Cell(
            path="/hand_off_at",
            name=_("hands off at"),
            value=document.get("hand_off_at"),
            shown=matrix.hand_off_at,
            kind="choice",
            choices=[(each.key, each.label) for each in matrix.stages if each.key in {"mql", "sql"}],
        ),
        dimensions=[_dimension(name, document, matrix, rows) for name in DIMENSIONS],
    )


def _row(criterion: Criterion, raw: Mapping[str, Any], matrix: Matrix, findings: int, comments: int) -> Row:
    place = f"/criteria/{step_of(criterion.key)}"
    worth_kind = next(kind for kind in ("points", "stars", "tier") if kind in raw)
    is_behavior = "when" in raw
    return Row(
        criterion=criterion,
        rule=criterion_sentence(criterion),
        label=Cell(
            path=f"{place}/label",
            name=_("label of %(label)s") % {"label": criterion.label},
            value=raw.get("label"),
            shown=criterion.label,
            kind="text",
            is_optional=True,
        ),
        worth=_worth(place, worth_kind, raw, matrix, criterion.label),
        worth_kind=worth_kind,
        points=criterion.points,
        cap=Cell(
            path=f"{place}/max_points",
            name=_("most points of %(label)s") % {"label": criterion.label},
            value=raw.get("max_points"),
            shown=raw.get("max_points"),
            low=1,
            high=POINTS,
            is_optional=True,
        ),
        decay=_decay_cell(place, criterion.label, raw.get("decay")) if is_behavior else None,
        decay_words=_decay(raw.get("decay")) if is_behavior else "",
        findings=findings,
        comments=comments,
    )


def _worth(place: str, kind: str, raw: Mapping[str, Any], matrix: Matrix, label: str) -> Cell:
    value, of = raw[kind], {"label": label}
    if kind == "points":
        name = _("points of %(label)s") % of
        return Cell(path=f"{place}/points", name=name, value=value, shown=value, low=-POINTS, high=POINTS)
    if kind == "stars":
        return Cell(path=f"{place}/stars", name=_("stars of %(label)s") % of, value=value, shown=value, low=1, high=5)
    return Cell(
        path=f"{place}/tier",
        name=_("tier of %(label)s") % of,
        value=value,
        shown=value,
        kind="choice",
        choices=[(name, f"{name} ({points})") for name, points in matrix.tiers.items()],
    )


def _decay_cell(place: str, label: str, decay: Mapping[str, Any] | None) -> Cell | None:
    """The days of a curve, where days are all it has. Without a curve, days typed here are those of a half-life."""
    curve = next(iter(decay or {"half_life_days": None}))
    if curve == "steps":
        return None
    days = (decay or {}).get(curve)
    return Cell(
        path=f"{place}/decay/{curve}",
        name=_("days of the decay of %(label)s") % {"label": label},
        value=days,
        shown=days,
        low=1,
        high=MOST_DAYS,
        is_optional=True,
    )


def _decay(decay: Mapping[str, Any] | None) -> str:
    """What the days beside it mean; the rule says the whole."""
    curve = next(iter(decay or {"": 0}))
    words = {
        "half_life_days": _("days, by half"),
        "expires_after_days": _("days, then gone"),
        "linear_days": _("days, evenly"),
        "steps": _("in steps"),
    }
    return words.get(curve, "")


def _stage(stage: Stage, raw: Mapping[str, Any], matrix: Matrix) -> StageRow:
    place = f"/stages/{stage.key}"
    is_first = stage.key == matrix.stages[0].key
    label = Cell(
        path=f"{place}/label",
        name=_("label of the stage %(stage)s") % {"stage": stage.label},
        value=raw.get("label"),
        shown=stage.label,
        kind="text",
        is_optional=True,
    )
    cells = [
        Cell(
            path=f"{place}/at",
            name=_("threshold of %(stage)s") % {"stage": stage.label},
            value=raw.get("at"),
            shown=stage.at,
            low=-LIMIT,
            high=LIMIT,
            is_optional=is_first,
        ),
        Cell(
            path=f"{place}/min_grade",
            name=_("least grade of %(stage)s") % {"stage": stage.label},
            value=raw.get("min_grade"),
            shown=stage.min_grade,
            kind="choice",
            choices=[("", _("any")), *((each, each) for each in matrix.grades)],
            is_optional=True,
        ),
        Cell(
            path=f"{place}/max_level",
            name=_("least level of %(stage)s") % {"stage": stage.label},
            value=raw.get("max_level"),
            shown=stage.max_level,
            kind="choice-number",
            choices=[("", _("any")), *((str(each), str(each)) for each in sorted(map(int, matrix.levels)))],
            is_optional=True,
        ),
    ]
    return StageRow(stage=stage, label=label, is_hand_off=stage.key == matrix.hand_off_at, cells=cells)


def _bound(part: str, key: str, document: Mapping[str, Any], name: str) -> Cell:
    value = document[part][key]
    return Cell(
        path=f"/{part}/{step_of(key)}",
        name=name % {"name": key},
        value=value,
        shown=value,
        low=-LIMIT,
        high=LIMIT,
        unit=key,
    )


def _stars(document: Mapping[str, Any]) -> Cell | None:
    value = document.get("points_per_star")
    if value is None:
        return None
    return Cell(path="/points_per_star", name=_("points per star"), value=value, shown=value, low=-POINTS, high=POINTS)


def _dimension(
    key: DimensionName, document: Mapping[str, Any], matrix: Matrix, rows: Mapping[str, Row]
) -> DimensionRows:
    raw, parsed = document.get("dimensions", {}).get(key, {}), matrix.dimensions[key]
    label = dimension_label(key)
    place = f"/dimensions/{key}"
    own = [each for each in matrix.criteria if each.dimension == key]
    keys = list(dict.fromkeys(each.group for each in own))
    return DimensionRows(
        key=key,
        label=label,
        cells=[
            Cell(
                path=f"{place}/weight",
                name=_("weight of %(dimension)s in percent") % {"dimension": label},
                value=raw.get("weight"),
                shown=parsed.weight,
                low=0,
                high=1_000,
                is_optional=True,
                unit="%",
            ),
            *_limits(place, raw, label),
        ],
        groups=[_group(group, document, [rows[each.key] for each in own if each.group == group]) for group in keys],
        count=len(own),
    )


def _group(key: str | None, document: Mapping[str, Any], rows: Sequence[Row]) -> GroupRows:
    if key is None:
        return GroupRows(key="", label="", name=None, take=None, limits=(), rows=rows)
    raw: Mapping[str, Any] = document.get("groups", {}).get(key, {})
    label = raw.get("label", key)
    place = f"/groups/{step_of(key)}"
    return GroupRows(
        key=key,
        label=label,
        name=Cell(
            path=f"{place}/label",
            name=_("label of the group %(label)s") % {"label": label},
            value=raw.get("label"),
            shown=label,
            kind="text",
        ),
        take=Cell(
            path=f"{place}/take",
            name=_("what counts of %(label)s") % {"label": label},
            value=raw.get("take"),
            shown=raw.get("take"),
            kind="choice",
            choices=[("", _("all count")), ("highest", _("the highest alone counts"))],
            is_optional=True,
        ),
        limits=_limits(place, raw, label),
        rows=rows,
    )


def step_of(key: str) -> str:
    """A name as one step of a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _limits(place: str, raw: Mapping[str, Any], label: str) -> list[Cell]:
    return [
        Cell(
            path=f"{place}/{name}",
            name=words % {"label": label},
            value=raw.get(name),
            shown=raw.get(name),
            low=low,
            high=high,
            is_optional=True,
            unit=unit,
        )
        for name, words, low, high, unit in (
            ("floor", _("floor of %(label)s"), -LIMIT, 0, _("floor")),
            ("ceiling", _("ceiling of %(label)s"), 0, LIMIT, _("ceiling")),
        )
    ]
