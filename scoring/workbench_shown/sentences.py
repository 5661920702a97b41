"""A criterion while it is built: its rule read back, what is wrong with it and where, and what age leaves of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from scoring.engine import InvalidMatrix, parse_matrix
from scoring.engine.decay import share_table
from scoring.engine.errors import Problem
from scoring.engine.matrix import ALWAYS, Criterion, Decay, Expires, HalfLife, Linear, Steps
from scoring.engine.parse_conditions import parse_lead_condition
from scoring.engine.rounding import rounded
from scoring.engine.types import MICRO
from scoring.models import MatrixVersion
from scoring.wording import (
    condition_sentence,
    count_sentence,
    criterion_sentence,
    decay_sentence,
    problem_sentence,
    when_sentence,
)

#: The days a line tells of.
DAYS_TOLD: Final = (7, 30, 90)
POINTS_TOLD: Final = 10
# So many points are drawn of a curve.
_DRAWN: Final = 120
_LEAST_DAYS: Final = 90


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One problem, with its place inside of what was sent."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Shares in percent by day, each exact to a hundredth, and what ten points are worth on some days."""

    days: Sequence[int]
    percents: Sequence[float]
    is_stepped: bool
    line: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was understood. Sentences are empty where nothing could be read."""

    sentence: str = ""
    parts: Mapping[str, str]
    curve: Curve | None = None
    points: int | None = None
    problems: Sequence[Wrong] = ()


def criterion_read(*, version: MatrixVersion, criterion: object, replaces: str = "") -> Read:
    """The criterion as a part of the version's document, in the place of the one called `replaces` or at the end."""
    document = version.document
    criteria = [dict(each) for each in document["criteria"]]
    index = next((at for at, each in enumerate(criteria) if each["key"] == replaces), len(criteria))
    tried: dict[str, Any] = {**document, "criteria": [*criteria[:index], criterion, *criteria[index + 1 :]]}
    place = f"/criteria/{index}"
    try:
        found = parse_matrix(tried).criteria[index]
    except InvalidMatrix as error:
        # A group or key that stands twice is told at the later one: that may be a neighbour of this.
        problems = [_wrong(each, place) for each in error.problems]
        return Read(parts={}, problems=problems, curve=_curve_alone(version, criterion))
    return Read(sentence=criterion_sentence(found), parts=_parts(found), points=found.points, curve=_curve(found.decay))


def condition_read(condition: object) -> Read:
    """A condition on leads that stands alone: who is scored at all."""
    try:
        found = parse_lead_condition(condition)
    except InvalidMatrix as error:
        return Read(parts={}, problems=[_wrong(each, "") for each in error.problems])
    return Read(sentence=_("every lead") if found == ALWAYS else condition_sentence(found), parts={})


def settings_read(*, version: MatrixVersion, settings: Mapping[str, Any]) -> Read:
    """Members of the document beside its criteria, in the place of those that stand there; null takes one out."""
    kept = {name: each for name, each in version.document.items() if name not in settings}
    tried = {**kept, **{name: each for name, each in settings.items() if each is not None}}
    try:
        found = parse_matrix(tried)
    except InvalidMatrix as error:
        return Read(parts={}, problems=[_of_settings(each) for each in error.problems])
    return Read(
        sentence=_("every lead") if found.applies_to == ALWAYS else condition_sentence(found.applies_to), parts={}
    )


def _of_settings(problem: Problem) -> Wrong:
    """What a criterion needs and the settings no longer have is told of the whole, with the place in words."""
    if not problem.path.startswith(("/criteria", "/examples")):
        return Wrong(pointer=problem.path, code=problem.code, detail=problem_sentence(problem))
    return Wrong(pointer="", code=problem.code, detail=f"{problem.path}: {problem_sentence(problem)}")


def _parts(criterion: Criterion) -> dict[str, str]:
    return {
        "if": "" if criterion.if_ == ALWAYS else condition_sentence(criterion.if_),
        "when": "" if criterion.when is None else when_sentence(criterion.when),
        "count": count_sentence(criterion.count),
        "decay": decay_sentence(criterion.decay),
    }


def _wrong(problem: Problem, place: str) -> Wrong:
    is_inside = problem.path == place or problem.path.startswith(f"{place}/")
    pointer = problem.path.removeprefix(place) if is_inside else ""
    return Wrong(pointer=pointer, code=problem.code, detail=problem_sentence(problem))


def _curve_alone(version: MatrixVersion, criterion: object) -> Curve | None:
    """The curve of a criterion with problems elsewhere: a picture does not go because a label is missing."""
    decay = criterion.get("decay") if isinstance(criterion, dict) else None
    if not isinstance(decay, dict) or not decay:
        return None
    alone = {"key": "alone", "dimension": "behavior", "points": 1, "when": {}, "decay": decay}
    try:
        return _curve(parse_matrix({**version.document, "groups": {}, "criteria": [alone]}).criteria[0].decay)
    except InvalidMatrix:
        return None


def _curve(decay: Decay) -> Curve | None:
    if decay is None:
        return None
    table = share_table(decay)
    last = _last_day(decay)
    step = max(1, -(-last // _DRAWN))
    days = list(range(0, last + step, step))
    worth = [rounded(POINTS_TOLD * table.at(day), MICRO) for day in DAYS_TOLD]
    line = _("%(points)s points are worth %(first)s after 7 days, %(second)s after 30, %(third)s after 90.")
    return Curve(
        days=days,
        percents=[table.at(day) / (MICRO / 100) for day in days],
        is_stepped=isinstance(decay, Expires | Steps),
        line=line % {"points": POINTS_TOLD, "first": worth[0], "second": worth[1], "third": worth[2]},
    )


def _last_day(decay: Expires | HalfLife | Linear | Steps) -> int:
    """How far the picture goes: a little behind where nothing changes any more."""
    match decay:
        case Expires(after_days=days) | Linear(days=days):
            end = days
        case HalfLife(days=days):
            end = 4 * days
        case Steps(steps=steps):
            end = steps[-1].from_day
    return max(_LEAST_DAYS, end + end // 8)
