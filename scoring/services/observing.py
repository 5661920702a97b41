"""What data tells lint of a version: how old the one that judges is, and when somebody last looked whether it serves."""

from datetime import datetime

from django.utils import timezone

from crm.models import AttributeDefinition
from scoring.engine.lint import Finding, Observed, lint
from scoring.engine.parse import parse_matrix
from scoring.models import AcceptedFinding, MatrixVersion, ScoringModel, VersionReview


def observed_for(version: MatrixVersion) -> Observed:
    """What is known beside the document. How many leads a criterion matches scoring.preview.observed adds, for pages:
    what rests on it only tells and blocks nothing."""
    filled = _filled_by_sales()
    active = ScoringModel.objects.select_related("active_version").get(pk=version.model_id).active_version
    if active is None or active.published_at is None:
        return Observed(filled_by_sales=filled)
    now = timezone.now()
    reviewed = VersionReview.objects.filter(version=active).values_list("reviewed_at", flat=True).first()
    return Observed(
        published=parse_matrix(active.document),
        published_age_days=_days(active.published_at, now),
        days_since_review=_days(reviewed, now) if reviewed else None,
        filled_by_sales=filled,
    )


def findings_of(version: MatrixVersion, *, observed: Observed | None = None) -> list[Finding]:
    """All that lint finds in the version as it stands; reminders are for the one that judges alone."""
    found = lint(parse_matrix(version.document), observed=observed or observed_for(version))
    is_judging = version.state == MatrixVersion.State.PUBLISHED
    return [each for each in found if is_judging or each.severity != "reminder"]


def unexplained_warnings(version: MatrixVersion) -> list[Finding]:
    """Warnings that stand without a reason why they are lived with."""
    reasons = {
        (code, tuple(criteria))
        for code, criteria in AcceptedFinding.objects.filter(version=version).values_list("code", "criteria")
    }
    warnings = [each for each in findings_of(version) if each.severity == "warning"]
    return [each for each in warnings if (each.code, tuple(sorted(each.criteria))) not in reasons]


def _filled_by_sales() -> frozenset[str]:
    """The custom attributes that, as their definitions say, sales fill in after contact."""
    rows = AttributeDefinition.objects.filter(is_filled_by_sales=True)
    return frozenset(f"{subject}.attributes.{key}" for subject, key in rows.values_list("subject", "key"))


def _days(since: datetime, now: datetime) -> int:
    return (now - since).days
