"""A version as people read it: its rules as sentences, what lint says, and what differs from the version that judges now."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scoring.engine.diff import diff
from scoring.engine.lint import Finding
from scoring.engine.matrix import ALWAYS, Criterion, Dimension, Group, Matrix
from scoring.engine.parse import parse_matrix
from scoring.engine.types import DIMENSIONS
from scoring.models import MatrixVersion
from scoring.preview.observed import observed_of
from scoring.services.observing import findings_of
from scoring.wording import change_sentence, condition_sentence, criterion_sentence, dimension_label, finding_sentence

SEVERITIES = ("error", "warning", "reminder", "info")


@dataclass(frozen=True, kw_only=True)
class CriterionShown:
    """One row: what it is called and worth, and its whole rule in words."""

    criterion: Criterion
    rule: str


@dataclass(frozen=True, kw_only=True)
class GroupShown:
    """Criteria that share a limit."""

    label: str
    limits: str
    criteria: Sequence[CriterionShown]


@dataclass(frozen=True, kw_only=True)
class DimensionShown:
    """One side of the matrix."""

    label: str
    limits: str
    groups: Sequence[GroupShown]


@dataclass(frozen=True, kw_only=True)
class FindingShown:
    """What lint found, in words."""

    code: str
    severity: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class VersionShown:
    """The whole page. `changes` is None where there is no other version to compare with."""

    matrix: Matrix
    applies_to: str
    dimensions: Sequence[DimensionShown]
    findings: Sequence[FindingShown]
    changes: Sequence[str] | None

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def version_shown(version: MatrixVersion) -> VersionShown:
    """The version beside the active one of its model. Reads only; a stored document is always a valid matrix."""
    matrix = parse_matrix(version.document)
    active = version.model.active_version
    other = parse_matrix(active.document) if active and active.pk != version.pk else None
    found = findings_of(version, observed=observed_of(version))
    return VersionShown(
        matrix=matrix,
        applies_to=_("every lead") if matrix.applies_to == ALWAYS else condition_sentence(matrix.applies_to),
        dimensions=_dimensions(matrix),
        findings=sorted((_finding(each, matrix) for each in found), key=lambda one: SEVERITIES.index(one.severity)),
        changes=None if other is None else [change_sentence(each) for each in diff(other, matrix)],
    )


def _finding(found: Finding, matrix: Matrix) -> FindingShown:
    return FindingShown(code=found.code, severity=found.severity, sentence=finding_sentence(found, matrix))


def _dimensions(matrix: Matrix) -> list[DimensionShown]:
    shown = []
    for name in DIMENSIONS:
        rows = [criterion for criterion in matrix.criteria if criterion.dimension == name]
        if rows:
            keys = list(dict.fromkeys(criterion.group for criterion in rows))
            groups = [_group(matrix, key, [one for one in rows if one.group == key]) for key in keys]
            limits = _limits(matrix.dimensions[name])
            shown.append(DimensionShown(label=dimension_label(name), limits=limits, groups=groups))
    return shown


def _group(matrix: Matrix, key: str | None, rows: Sequence[Criterion]) -> GroupShown:
    group = matrix.groups.get(key or "")
    return GroupShown(
        label=group.label if group else key or "",
        limits=_limits(group) if group else "",
        criteria=[CriterionShown(criterion=row, rule=criterion_sentence(row)) for row in rows],
    )


def _limits(part: Dimension | Group) -> str:
    words = []
    if part.floor is not None:
        words.append(_("at least %(points)s") % {"points": part.floor})
    if part.ceiling is not None:
        words.append(_("at most %(points)s") % {"points": part.ceiling})
    if isinstance(part, Dimension) and part.weight != 100:
        words.append(_("weighs %(percent)s percent") % {"percent": part.weight})
    if isinstance(part, Group) and part.take_highest:
        words.append(_("the highest alone counts"))
    return ", ".join(words)
