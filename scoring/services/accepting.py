"""Why a warning of lint is lived with: said by somebody, kept with the version, and gone with the finding."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Action, may
from accounts.services import audit_record
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.models import AcceptedFinding, MatrixVersion
from scoring.services.observing import findings_of

State = MatrixVersion.State
LONGEST_REASON = 2_000


@transaction.atomic
def finding_accept(*, version_id: int, code: str, criteria: Collection[str], reason: str, by: User) -> AcceptedFinding:
    """Keep the reason why a warning is lived with; said again, the new reason takes the place of the old one.

    Raises InvalidError without a reason or for what is no warning, ConflictError where lint no longer finds it or the
    version was published.
    """
    _check_editor(by)
    reason = reason.strip()
    if not reason:
        raise InvalidError(_("Say why this warning is lived with: the reason is kept."), code="reason_required")
    if len(reason) > LONGEST_REASON:
        raise InvalidError(
            _("Say it in at most %(most)s characters.") % {"most": LONGEST_REASON}, code="reason_too_long"
        )
    version = _draft_locked(version_id)
    named = sorted(set(criteria))
    found = [each for each in findings_of(version) if (each.code, sorted(each.criteria)) == (code, named)]
    if not found:
        raise ConflictError(_("This finding is gone: there is nothing left to accept."), code="finding_gone")
    if found[0].severity != "warning":
        raise InvalidError(
            _("Only a warning is lived with for a reason: an error has to be mended, and the rest only tells."),
            code="no_warning",
        )
    accepted, _is_new = AcceptedFinding.objects.update_or_create(
        version=version, code=code, criteria=named, defaults={"reason": reason, "accepted_by": by}
    )
    _audit("version.accept_finding", version, by, code, named)
    return accepted


@transaction.atomic
def finding_accept_withdraw(*, version_id: int, code: str, criteria: Collection[str], by: User) -> None:
    """Take a reason back: the warning waits for one again. Raises ConflictError where there is none."""
    _check_editor(by)
    version = _draft_locked(version_id)
    named = sorted(set(criteria))
    if not AcceptedFinding.objects.filter(version=version, code=code, criteria=named).delete()[0]:
        raise ConflictError(_("No reason stands for this finding: there is nothing to take back."), code="no_reason")
    _audit("version.accept_finding_withdraw", version, by, code, named)


def reasons_settle(version: MatrixVersion) -> None:
    """Forget the reasons for what lint no longer finds. Called under the lock of the version's row, after an edit.

    A finding that comes back later speaks of another matrix and asks for a reason of its own.
    """
    reasons = list(AcceptedFinding.objects.filter(version=version))
    if reasons:
        found = {(each.code, tuple(sorted(each.criteria))) for each in findings_of(version)}
        gone = [each.pk for each in reasons if (each.code, tuple(each.criteria)) not in found]
        AcceptedFinding.objects.filter(pk__in=gone).delete()


def _check_editor(by: User) -> None:
    if not may(by.role, Action.DRAFT_EDIT):
        raise NotAllowedError(_("You may read this matrix and not change it."), code="read_only")


def _draft_locked(version_id: int) -> MatrixVersion:
    version = MatrixVersion.objects.select_for_update(no_key=True).get(pk=version_id)
    if version.state not in {State.DRAFT, State.IN_REVIEW}:
        raise ConflictError(
            _("This version was published and stays as it is: make a new version from it and edit that."),
            code="version_immutable",
            extra={"state": version.state},
        )
    return version


def _audit(action: str, version: MatrixVersion, by: User, code: str, criteria: list[str]) -> None:
    audit_record(
        action=action,
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={"code": code, "criteria": criteria},
    )
