"""Publishing: from one commit to the next another version judges. What it costs does not grow with the leads."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Action, Need, may, publication_need
from accounts.services import audit_record
from crm.models import Cause
from kernel.errors import ConflictError, InvalidError, NotAllowedError, Problem
from scoring.engine.lint import Finding, lint
from scoring.loader import zone_named
from scoring.models import MatrixVersion, Run, ScoringModel
from scoring.services.locks import current_versions_switch
from scoring.services.matrices import matrix_checked
from scoring.services.runs import population_count, run_start
from scoring.wording import finding_sentence

State = MatrixVersion.State


def version_publish(*, version_id: int, by: User, reason: str, quiet: bool = False) -> Run:
    """Let this version judge from now on, retire the one before it and open the run that brings all scores up.

    1. check who asks, the reason and the document, 2. wait for all who judge and keep others out, 3. check that the
    version is still the one that was checked, 4. switch, 5. audit, 6. commit, 7. ring. Raises NotAllowedError for all
    but administrators, InvalidError without a reason or with errors of lint, ConflictError where the version was
    published, edited or overtaken meanwhile.
    """
    if not may(by.role, Action.VERSION_PUBLISH) or publication_need(by.role) is not Need.REASON:
        raise NotAllowedError(
            _("Without both signatures only an administrator may publish."), code="signatures_missing"
        )
    if not reason.strip():
        raise InvalidError(_("Say why this version is published: the reason is kept with it."), code="reason_required")
    checked = MatrixVersion.objects.get(pk=version_id)
    _check_state(checked)
    _check_lint(checked)
    population = population_count()
    with transaction.atomic():
        current_versions_switch()
        version = MatrixVersion.objects.select_for_update(no_key=True).get(pk=version_id)
        _check_state(version)
        if version.checksum != checked.checksum:
            raise ConflictError(
                _("Somebody edited this version while it was being published: look at it again."),
                code="edited_meanwhile",
            )
        return _switch(version, by=by, reason=reason.strip(), quiet=quiet, population=population)


def _switch(version: MatrixVersion, *, by: User, reason: str, quiet: bool, population: int) -> Run:
    now = timezone.now()
    model = ScoringModel.objects.select_related("active_version").get(pk=version.model_id)
    before = model.active_version
    if before is not None and before.number > version.number:
        raise ConflictError(
            _("Version %(number)s was published since this one was drafted: make a new version from this one.")
            % {"number": before.number},
            code="overtaken",
            extra={"published": before.number},
        )
    if before is not None:
        before.state, before.retired_at = State.RETIRED, now
        before.save(update_fields=["state", "retired_at", "updated_at"])
    version.state, version.published_at, version.published_by = State.PUBLISHED, now, by
    version.publish_reason, version.is_emergency, version.is_quiet = reason, True, quiet
    version.revision += 1
    version.save()
    model.active_version, model.time_zone = version, matrix_checked(version.document).timezone
    model.save(update_fields=["active_version", "time_zone", "updated_at"])
    audit_record(
        action="version.publish",
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={
            "model": model.slug,
            "number": version.number,
            "checksum": version.checksum,
            "replaces": before.number if before else None,
            "reason": reason,
            "quiet": quiet,
        },
    )
    return run_start(
        model=model,
        version=version,
        as_of=now.astimezone(zone_named(model.time_zone)).date(),
        cause=Cause.VERSION,
        population=population,
    )


def _check_state(version: MatrixVersion) -> None:
    if version.state not in {State.DRAFT, State.IN_REVIEW}:
        raise ConflictError(
            _("This version is already published: nothing is left to do.")
            if version.state == State.PUBLISHED
            else _("This version was published before and replaced: make a new version from it to roll back."),
            code="not_a_draft",
            extra={"state": version.state},
        )


def _check_lint(version: MatrixVersion) -> None:
    errors = [each for each in lint(matrix_checked(version.document)) if each.severity == "error"]
    if errors:
        raise InvalidError(
            _("This version has errors that block its publication: mend them first."),
            code="lint_errors",
            problems=[
                Problem(pointer=_pointer(each), code=each.code, detail=finding_sentence(each)) for each in errors
            ],
        )


def _pointer(finding: Finding) -> str:
    return f"/criteria/{finding.criteria[0]}" if finding.criteria else ""
