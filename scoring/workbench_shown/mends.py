"""One-click mends of what lint finds: the edits, and a sentence of what they will do. Pure.

A mend is offered where it is mechanical and proved: the edits are tried on a copy of the document first, and one after
which lint still finds the same, or finds an error that was not there, is none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoring.document_edits import MISSING, document_edited
from scoring.engine.errors import InvalidMatrix
from scoring.engine.lint import Finding, Observed, lint
from scoring.engine.matrix import Criterion, Matrix, Steps
from scoring.engine.parse import parse_matrix
from scoring.engine.rounding import rounded
from scoring.wording import dimension_label, stage_label

Document = Mapping[str, Any]

HALF_LIFE_DAYS: Final = 30
EXPIRY_DAYS: Final = 90
# The most that `max_points` may be.
MOST_POINTS: Final = 10_000
# What tells two findings with the same code and criteria apart.
_TELLING: Final = ("name", "dimension", "part", "field", "kind")


@dataclass(frozen=True, kw_only=True)
class MendEdit:
    """One edit as `version_edit` takes it; None stands for nothing there."""

    path: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after}


@dataclass(frozen=True, kw_only=True)
class Mend:
    """What is edited, and what that will do in one sentence."""

    edits: Sequence[MendEdit]
    sentence: str


def identity(finding: Finding) -> tuple[Any, ...]:
    """Equal where two findings speak of the same thing."""
    return (
        finding.code,
        tuple(sorted(finding.criteria)),
        tuple(str(finding.params[name]) for name in _TELLING if name in finding.params),
    )


def mend_of(
    finding: Finding, document: Document, *, found: Sequence[Finding], observed: Observed | None = None
) -> Mend | None:
    """The mend of one finding among all that were `found` in the document; None where somebody has to think."""
    maker = _MAKERS.get(finding.code)
    matrix = parse_matrix(document)
    mend = maker(finding, document, matrix) if maker else None
    return mend if mend and mend.edits and _is_proved(mend, finding, document, found, observed) else None


def document_mended(document: Document, mend: Mend) -> Any:
    """The document with the edits of a mend."""
    mended: object = document
    for edit in mend.edits:
        mended, _path = document_edited(
            mended,
            path=edit.path,
            before=MISSING if edit.before is None else edit.before,
            after=MISSING if edit.after is None else edit.after,
        )
    return mended


def _is_proved(
    mend: Mend, finding: Finding, document: Document, found: Sequence[Finding], observed: Observed | None
) -> bool:
    try:
        after = lint(parse_matrix(document_mended(document, mend)), observed=observed)
    except InvalidMatrix:
        return False
    if identity(finding) in {identity(each) for each in after}:
        return False
    known = {identity(each) for each in found}
    return all(each.severity != "error" or identity(each) in known for each in after)


def _written(document: Document, key: str) -> Mapping[str, Any]:
    """A criterion as the document writes it."""
    return next(each for each in document["criteria"] if each["key"] == key)


def _labelled(matrix: Matrix, key: str) -> Criterion:
    return next(each for each in matrix.criteria if each.key == key)


def _edit(document: Document, key: str, part: str, after: Any) -> MendEdit:
    return MendEdit(path=f"/criteria/{key}/{part}", before=_written(document, key).get(part), after=after)


def _disabled(document: Document, *keys: str) -> list[MendEdit]:
    return [_edit(document, key, "enabled", False) for key in keys]


def _let_behavior_fade(_finding: Finding, document: Document, matrix: Matrix) -> Mend:
    fading = [
        each for each in matrix.criteria if each.enabled and each.when and not each.when.measure and not each.decay
    ]
    sentence = ngettext(
        "Give %(count)s criterion of behavior a half-life of %(days)s days.",
        "Give %(count)s criteria of behavior a half-life of %(days)s days.",
        len(fading),
    )
    return Mend(
        edits=[_edit(document, each.key, "decay", {"half_life_days": HALF_LIFE_DAYS}) for each in fading],
        sentence=sentence % {"count": len(fading), "days": HALF_LIFE_DAYS},
    )


def _once_a_day(finding: Finding, document: Document, matrix: Matrix) -> Mend:
    (key,) = finding.criteria
    count = _written(document, key).get("count")
    edit = (
        _edit(document, key, "count", {"max_per_day": 1})
        if count is None
        else MendEdit(path=f"/criteria/{key}/count/max_per_day", before=None, after=1)
    )
    return Mend(
        edits=[edit], sentence=_("Count “%(label)s” at most once a day.") % {"label": _labelled(matrix, key).label}
    )


def _disable(finding: Finding, document: Document, matrix: Matrix) -> Mend:
    (key,) = finding.criteria
    return Mend(
        edits=_disabled(document, key),
        sentence=_("Disable “%(label)s”: it is measured and worth nothing.") % {"label": _labelled(matrix, key).label},
    )


def _keep_the_first(finding: Finding, document: Document, matrix: Matrix) -> Mend:
    first, *others = finding.criteria
    names = ", ".join(f"“{_labelled(matrix, key).label}”" for key in others)
    return Mend(
        edits=_disabled(document, *others),
        sentence=_("Keep “%(label)s” and disable %(others)s.")
        % {"label": _labelled(matrix, first).label, "others": names},
    )


def _let_it_expire(finding: Finding, document: Document, matrix: Matrix) -> Mend:
    (key,) = finding.criteria
    criterion = _labelled(matrix, key)
    days = EXPIRY_DAYS
    decay: dict[str, Any] = {"expires_after_days": days}
    if isinstance(criterion.decay, Steps):
        # The steps that stand there stay, and one to nothing comes after them.
        days = max(EXPIRY_DAYS, criterion.decay.steps[-1].from_day + 30)
        decay = {"steps": [*_written(document, key)["decay"]["steps"], [days, 0]]}
    return Mend(
        edits=[_edit(document, key, "decay", decay)],
        sentence=_("Let “%(label)s” expire after %(days)s days.") % {"label": criterion.label, "days": days},
    )


def _take_out(finding: Finding, document: Document, matrix: Matrix) -> Mend:
    (key,) = finding.criteria
    label = _labelled(matrix, key).label
    if finding.params["part"] == "decay":
        return Mend(
            edits=[_edit(document, key, "decay", None)],
            sentence=_("Take the decay out of “%(label)s”.") % {"label": label},
        )
    count = _written(document, key)["count"]
    edit = (
        _edit(document, key, "count", None)
        if set(count) == {"max_per_day"}
        else MendEdit(path=f"/criteria/{key}/count/max_per_day", before=count["max_per_day"], after=None)
    )
    return Mend(edits=[edit], sentence=_("Take the limit per day out of “%(label)s”.") % {"label": label})


def _cap(finding: Finding, document: Document, matrix: Matrix) -> Mend | None:
    (key,) = finding.criteria
    criterion = _labelled(matrix, key)
    half, weight = int(str(finding.params["threshold"])) // 2, matrix.dimensions[criterion.dimension].weight
    # What a cap is worth after the weight is rounded, so the greatest that fits lies at the ratio or beside it.
    near = half * 100 // weight
    most = min(MOST_POINTS, next((each for each in (near + 1, near) if rounded(each * weight, 100) <= half), 0))
    if most < 1:
        return None
    return Mend(
        edits=[_edit(document, key, "max_points", most)],
        sentence=_("Let “%(label)s” give at most %(most)s points.") % {"label": criterion.label, "most": most},
    )


def _no_floor(finding: Finding, document: Document, _matrix: Matrix) -> Mend | None:
    name = str(finding.params["dimension"])
    floor = document.get("dimensions", {}).get(name, {}).get("floor")
    if floor is None:
        return None
    return Mend(
        edits=[MendEdit(path=f"/dimensions/{name}/floor", before=floor, after=None)],
        sentence=_("Take the floor of %(dimension)s away.") % {"dimension": dimension_label(name)},
    )


def _agree_anew(finding: Finding, document: Document, matrix: Matrix) -> Mend | None:
    name, actual = finding.params["name"], finding.params["actual"]
    at = next(index for index, each in enumerate(document["examples"]) if _ends_elsewhere(each, finding))
    if not isinstance(actual, str):
        return None
    return Mend(
        edits=[MendEdit(path=f"/examples/{at}/stage", before=document["examples"][at]["stage"], after=actual)],
        sentence=_("Let the example “%(name)s” end in %(stage)s.")
        % {"name": name, "stage": stage_label(actual, matrix)},
    )


def _ends_elsewhere(example: Mapping[str, Any], finding: Finding) -> bool:
    return (example["name"], example["stage"]) == (finding.params["name"], finding.params["expected"])


_MAKERS: Final[Mapping[str, Callable[[Finding, Document, Matrix], Mend | None]]] = {
    "L01": _cap,
    "L05": _let_behavior_fade,
    "L10": _once_a_day,
    "L11": _disable,
    "L12": _keep_the_first,
    "L17": _disable,
    "L19": _let_it_expire,
    "L20": _take_out,
    "L21": _no_floor,
    "L22": _agree_anew,
}
