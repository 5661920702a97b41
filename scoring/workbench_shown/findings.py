"""What lint finds in a version, in words: by severity, with the criteria it speaks of, a mend where there is one, and
the reason why a warning is lived with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from scoring.engine.lint import Finding, Observed
from scoring.engine.lint.history import OBSERVED_DAYS
from scoring.engine.matrix import Matrix
from scoring.engine.parse import parse_matrix
from scoring.models import AcceptedFinding, MatrixVersion
from scoring.models.exact_json import ExactEncoder
from scoring.preview.observed import observed_of
from scoring.services.observing import findings_of as findings_found
from scoring.wording import finding_sentence
from scoring.workbench_shown.mends import Mend, mend_of

TITLES: Mapping[str, str | Promise] = {
    "error": _("Errors: they block the publication"),
    "warning": _("Warnings: mend them, or say why they are lived with"),
    "reminder": _("Reminders"),
    "info": _("Good to know"),
}
BADGES: Mapping[str, str] = {"error": "badge-bad", "warning": "badge-warn", "reminder": "badge-info", "info": ""}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A mend with its edits as the page's script sends them."""

    mend: Mend

    @property
    def edits(self) -> str:
        return json.dumps([each.to_json() for each in self.mend.edits], cls=ExactEncoder)


@dataclass(frozen=True, kw_only=True)
class FindingShown:
    """One finding. `about` are the criteria by key and label; `named` is how a form names them."""

    code: str
    severity: str
    sentence: str
    about: Sequence[tuple[str, str]]
    offer: Offer | None
    accepted: AcceptedFinding | None

    @property
    def named(self) -> str:
        return " ".join(key for key, _label in self.about)

    @property
    def waits(self) -> bool:
        """Whether it is a warning that nobody has given a reason for."""
        return self.severity == "warning" and self.accepted is None


@dataclass(frozen=True, kw_only=True)
class Severe:
    """All findings of one severity."""

    severity: str
    title: str | Promise
    badge: str
    findings: Sequence[FindingShown]


@dataclass(frozen=True, kw_only=True)
class FindingsShown:
    """The whole tab. `only` is the label of the one criterion it is narrowed to; `unmeasured` says that nothing is known
    of how many leads the criteria match, so that nothing is said of it."""

    severities: Sequence[Severe]
    only: str
    unmeasured: bool
    days: int = OBSERVED_DAYS

    @property
    def count(self) -> int:
        return sum(len(each.findings) for each in self.severities)


def findings_of(version: MatrixVersion) -> dict[str, int]:
    """How many findings speak of each criterion; criteria without any are left out."""
    found = findings_found(version, observed=observed_of(version))
    return dict(Counter(key for each in found for key in set(each.criteria)))


def findings_shown(version: MatrixVersion, *, criterion: str = "", with_mends: bool) -> FindingsShown:
    """All findings, or those of one criterion. Mends are looked for where somebody may apply them."""
    observed = observed_of(version)
    matrix = parse_matrix(version.document)
    labels = {each.key: each.label for each in matrix.criteria}
    found = findings_found(version, observed=observed)
    reasons = {
        (each.code, tuple(each.criteria)): each
        for each in AcceptedFinding.objects.filter(version=version).select_related("accepted_by")
    }
    wanted = [each for each in found if criterion not in labels or criterion in each.criteria]
    shown = [
        FindingShown(
            code=each.code,
            severity=each.severity,
            sentence=_sentence(each, matrix),
            about=[(key, labels[key]) for key in each.criteria],
            offer=_offer(each, version, found, observed) if with_mends else None,
            accepted=reasons.get((each.code, tuple(sorted(each.criteria)))),
        )
        for each in wanted
    ]
    severities = [
        Severe(severity=name, title=title, badge=BADGES[name], findings=[one for one in shown if one.severity == name])
        for name, title in TITLES.items()
    ]
    return FindingsShown(
        severities=[each for each in severities if each.findings],
        only=labels.get(criterion, ""),
        unmeasured=not observed.matched,
    )


def _sentence(finding: Finding, matrix: Matrix) -> str:
    """Without the names of the criteria, which stand beside it."""
    return str(capfirst(finding_sentence(replace(finding, criteria=()), matrix)))


def _offer(finding: Finding, version: MatrixVersion, found: Sequence[Finding], observed: Observed) -> Offer | None:
    mend = mend_of(finding, version.document, found=found, observed=observed)
    return Offer(mend=mend) if mend else None
