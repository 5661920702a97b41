"""A draft goes into review and back; a published version is looked at again; an old one comes back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Action, may
from accounts.services import audit_record
from kernel.errors import ConflictError, InvalidError, NotAllowedError, Problem
from scoring.engine.lint import Finding
from scoring.models import AcceptedFinding, MatrixVersion
from scoring.services.matrices import matrix_checked
from scoring.services.observing import findings_of, unexplained_warnings
from scoring.services.signatures import signatures_clear
from scoring.services.telling import tell_submitted
from scoring.wording import finding_sentence

State = MatrixVersion.State


@transaction.atomic
def version_submit(*, version_id: int, by: User) -> MatrixVersion:
    """Ask sales and marketing for their signatures.

    Raises ConflictError where the version is no draft, InvalidError with every error of lint, or with every warning
    that has no reason yet.
    """
    check_editor(by)
    version = _locked(version_id)
    if version.state != State.DRAFT:
        raise ConflictError(
            _("This version is in review already.")
            if version.state == State.IN_REVIEW
            else _("This version was published and stays as it is: make a new version from it."),
            code="not_a_draft",
            extra={"state": version.state},
        )
    check_errors(version)
    unexplained = unexplained_warnings(version)
    if unexplained:
        raise InvalidError(
            _("Say for each warning why it is lived with: the reasons are kept with the version."),
            code="unexplained_warnings",
            problems=[_problem(each, version) for each in unexplained],
        )
    return version_submitted(version, by=by)


def version_submitted(version: MatrixVersion, *, by: User) -> MatrixVersion:
    """Put a locked, checked draft into review."""
    version.state, version.submitted_by, version.submitted_at = State.IN_REVIEW, by, timezone.now()
    version.revision += 1
    version.save(update_fields=["state", "submitted_by", "submitted_at", "revision", "updated_at"])
    audit_record(
        action="version.submit",
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={"number": version.number, "checksum": version.checksum},
    )
    tell_submitted(version, by)
    return version


@transaction.atomic
def version_withdraw(*, version_id: int, by: User) -> MatrixVersion:
    """Take a version back from review: it is a draft again and its signatures are gone."""
    check_editor(by)
    version = _locked(version_id)
    if version.state != State.IN_REVIEW:
        raise ConflictError(
            _("This version is not in review: there is nothing to take back."),
            code="not_in_review",
            extra={"state": version.state},
        )
    signatures_clear(version, by)
    version.state = State.DRAFT
    version.revision += 1
    version.save(update_fields=["state", "revision", "updated_at"])
    audit_record(action="version.withdraw", subject_type="matrix_version", subject_id=version.pk, actor=by)
    return version


def check_editor(by: User) -> None:
    if not may(by.role, Action.DRAFT_EDIT):
        raise NotAllowedError(_("You may read this matrix and not change it."), code="read_only")


def check_errors(version: MatrixVersion) -> None:
    """Raises InvalidError with every finding of lint that blocks a publication."""
    matrix_checked(version.document)
    errors = [each for each in findings_of(version) if each.severity == "error"]
    if errors:
        raise InvalidError(
            _("This version has errors that block its publication: mend them first."),
            code="lint_errors",
            problems=[_problem(each, version) for each in errors],
        )


def warnings_accept_all(version: MatrixVersion, *, by: User, reason: str) -> None:
    """Give every warning that has none the same reason: the version stood the test of an earlier publication."""
    AcceptedFinding.objects.bulk_create(
        [
            AcceptedFinding(
                version=version, code=each.code, criteria=sorted(each.criteria), reason=reason, accepted_by=by
            )
            for each in unexplained_warnings(version)
        ],
        ignore_conflicts=True,
    )


def _locked(version_id: int) -> MatrixVersion:
    rows = MatrixVersion.objects.select_related("model").select_for_update(no_key=True, of=("self",))
    return rows.get(pk=version_id)


def _problem(found: Finding, version: MatrixVersion) -> Problem:
    pointer = f"/criteria/{found.criteria[0]}" if found.criteria else ""
    return Problem(pointer=pointer, code=found.code, detail=finding_sentence(found, matrix_checked(version.document)))
