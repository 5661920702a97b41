"""Publishing: from one commit to the next another version judges. What it costs does not grow with the leads."""

from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Action, Need, may, publication_need
from accounts.services import audit_record
from crm.models import Cause
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from scoring.loader import zone_named
from scoring.models import MatrixVersion, PlannedPublication, Run, ScoringModel
from scoring.services.locks import current_versions_switch
from scoring.services.matrices import matrix_checked
from scoring.services.reviewing import check_errors
from scoring.services.runs import population_count, run_start
from scoring.services.signatures import signatures_of
from scoring.services.telling import tell_published
from scoring.signals import version_published

State = MatrixVersion.State
MOST_A_DAY: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How a version goes live. Of the leads that cross only because of it hand-offs open all at once, not at all where it
    is `quiet`, or the best `per_day` a day. `reason` is needed where signatures are missing."""

    reason: str = ""
    quiet: bool = False
    per_day: int | None = None


def version_publish(
    *,
    version_id: int,
    by: User,
    reason: str = "",
    quiet: bool = False,
    per_day: int | None = None,
    plan_id: int | None = None,
) -> Run:
    """Let this version judge from now on, retire the one before it and open the run that brings all scores up.

    1. check who asks, the signatures or the reason, and the document, 2. wait for all who judge and keep others out,
    3. check that the version is still the one that was checked and may still go, 4. switch, 5. audit, 6. commit, 7. ring.

    Signed by both sides it is published by whoever may; without, by an administrator with a reason, and is marked as an
    emergency for ever. With `plan_id`, only if that plan is still due. Raises NotAllowedError, InvalidError without a
    needed reason or with errors of lint, ConflictError where the version was published, edited or overtaken meanwhile.
    """
    terms = Terms(reason=reason.strip(), quiet=quiet, per_day=per_day)
    checked = MatrixVersion.objects.select_related("model").get(pk=version_id)
    publication_check(checked, by=by, terms=terms)
    population = population_count()
    with transaction.atomic():
        current_versions_switch()
        rows = MatrixVersion.objects.select_related("model").select_for_update(no_key=True, of=("self",))
        version = rows.get(pk=version_id)
        check_state(version)
        if version.checksum != checked.checksum:
            raise ConflictError(
                _("Somebody edited this version while it was being published: look at it again."),
                code="edited_meanwhile",
            )
        _check_same_rival(version, checked.model.active_version_id)
        is_emergency = check_need(version, by=by, reason=terms.reason)
        _end_plan(version, plan_id)
        return version_switch(version, by=by, terms=terms, is_emergency=is_emergency, population=population)


def publication_check(version: MatrixVersion, *, by: User, terms: Terms) -> None:
    """Whether the version might go live so. What is checked here is checked again when it does."""
    if not may(by.role, Action.VERSION_PUBLISH):
        raise NotAllowedError(
            _("You may not publish a version: ask a sales manager, a marketer or an administrator."),
            code="may_not_publish",
        )
    check_state(version)
    check_need(version, by=by, reason=terms.reason)
    if terms.per_day is not None and (terms.quiet or not 1 <= terms.per_day <= MOST_A_DAY):
        raise InvalidError(
            _("Hand off between 1 and %(most)s a day, or all at once, or quietly none.") % {"most": MOST_A_DAY},
            code="per_day",
        )
    check_errors(version)


def check_need(version: MatrixVersion, *, by: User, reason: str) -> bool:
    """Whether this would be an emergency: without both signatures, by an administrator, who says why."""
    if version.state == State.IN_REVIEW and signatures_of(version).is_complete:
        return False
    if publication_need(by.role) is not Need.REASON:
        raise NotAllowedError(
            _("The signatures of both sides are missing: without them only an administrator may publish."),
            code="signatures_missing",
        )
    if not reason:
        raise InvalidError(
            _("Say why this version is published without both signatures: the reason is kept with it."),
            code="reason_required",
        )
    return True


def check_state(version: MatrixVersion) -> None:
    if version.state not in {State.DRAFT, State.IN_REVIEW}:
        raise ConflictError(
            _("This version is already published: nothing is left to do.")
            if version.state == State.PUBLISHED
            else _("This version was published before and replaced: make a new version from it to roll back."),
            code="not_a_draft",
            extra={"state": version.state},
        )


def check_not_overtaken(version: MatrixVersion, before: MatrixVersion | None) -> None:
    if before is not None and before.number > version.number:
        raise ConflictError(
            _("Version %(number)s was published since this one was drafted: make a new version from this one.")
            % {"number": before.number},
            code="overtaken",
            extra={"published": before.number},
        )


def _check_same_rival(version: MatrixVersion, active_id: int | None) -> None:
    """Of two publications at once one wins: the other was decided against a version that judges no more."""
    now = ScoringModel.objects.select_related("active_version").get(pk=version.model_id).active_version
    if now is not None and now.pk != active_id:
        raise ConflictError(
            _("Version %(number)s was published at the same moment: look at what it changed and decide again.")
            % {"number": now.number},
            code="published_meanwhile",
            extra={"published": now.number},
        )


def version_switch(version: MatrixVersion, *, by: User, terms: Terms, is_emergency: bool, population: int) -> Run:
    """The switch itself, for a locked and checked version, under the exclusive lock."""
    now = timezone.now()
    model = ScoringModel.objects.select_related("active_version").get(pk=version.model_id)
    before = model.active_version
    check_not_overtaken(version, before)
    if before is not None:
        before.state, before.retired_at = State.RETIRED, now
        before.save(update_fields=["state", "retired_at", "updated_at"])
    version.state, version.published_at, version.published_by = State.PUBLISHED, now, by
    version.publish_reason, version.is_emergency = terms.reason, is_emergency
    version.is_quiet, version.per_day = terms.quiet, terms.per_day
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
            "reason": terms.reason,
            "emergency": is_emergency,
            "quiet": terms.quiet,
            "per_day": terms.per_day,
        },
    )
    tell_published(version, by)
    transaction.on_commit(lambda: version_published.send_robust(sender=None, version_id=version.pk))
    return run_start(
        model=model,
        version=version,
        as_of=now.astimezone(zone_named(model.time_zone)).date(),
        cause=Cause.VERSION,
        population=population,
    )


def _end_plan(version: MatrixVersion, plan_id: int | None) -> None:
    """However it goes live, nothing of it is planned any more."""
    plans = PlannedPublication.objects.filter(version=version)
    if plan_id is not None and not plans.filter(pk=plan_id, refusal="", at__lte=timezone.now()).exists():
        raise ConflictError(_("This publication was called off meanwhile."), code="plan_gone")
    plans.delete()
