"""Publications at a time: planned, called off, and carried out once by whoever looks when it has come.

At its time everything is checked again. What does not go live then keeps its refusal and waits for somebody.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Action, may
from accounts.services import audit_record
from kernel.errors import ConflictError, InvalidError, LeadscoreError, NotAllowedError
from scoring.models import MatrixVersion, PlannedPublication
from scoring.services.publication import Terms, check_not_overtaken, publication_check, version_publish
from scoring.services.telling import tell_refused

logger = logging.getLogger(__name__)

FURTHEST: Final = timedelta(days=365)


@transaction.atomic
def version_plan(
    *, version_id: int, by: User, at: datetime, reason: str = "", quiet: bool = False, per_day: int | None = None
) -> PlannedPublication:
    """Let the version go live at a time, in the name of who plans it. A plan that was refused is replaced.

    Raises as version_publish does, InvalidError for a time that is past or too far, ConflictError where one is planned.
    """
    now = timezone.now()
    if not now < at <= now + FURTHEST:
        raise InvalidError(_("Choose a time within the next year."), code="not_in_the_future")
    version = (
        MatrixVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("model").get(pk=version_id)
    )
    terms = Terms(reason=reason.strip(), quiet=quiet, per_day=per_day)
    publication_check(version, by=by, terms=terms)
    check_not_overtaken(version, version.model.active_version)
    PlannedPublication.objects.filter(version=version).exclude(refusal="").delete()
    if PlannedPublication.objects.filter(version=version).exists():
        raise ConflictError(_("Its publication is planned already: call that off first."), code="planned_already")
    plan = PlannedPublication.objects.create(
        version=version, at=at, is_quiet=quiet, per_day=per_day, reason=terms.reason, planned_by=by
    )
    audit_record(
        action="version.plan",
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={"at": at.isoformat(), "quiet": quiet, "per_day": per_day, "checksum": version.checksum},
    )
    return plan


@transaction.atomic
def plan_call_off(*, version_id: int, by: User) -> None:
    """Nothing of this version is planned any more. Raises ConflictError where nothing was."""
    if not may(by.role, Action.VERSION_PUBLISH):
        raise NotAllowedError(_("Who may publish a version may call its publication off."), code="may_not_publish")
    version = MatrixVersion.objects.select_for_update(no_key=True).get(pk=version_id)
    plan = PlannedPublication.objects.filter(version=version).first()
    if plan is None:
        raise ConflictError(_("No publication of this version is planned."), code="no_plan")
    plan.delete()
    audit_record(
        action="version.plan_call_off",
        subject_type="matrix_version",
        subject_id=version.pk,
        actor=by,
        details={"at": plan.at.isoformat()},
    )


def publications_due() -> int:
    """Publish what was planned for now, each in a transaction of its own; answers how many went live or were refused.

    However many look at once, each plan is carried out or refused once.
    """
    due = PlannedPublication.objects.filter(refusal="", at__lte=timezone.now()).order_by("at", "pk")
    return sum(_carry_out(plan) for plan in due.select_related("planned_by"))


def _carry_out(plan: PlannedPublication) -> bool:
    by = plan.planned_by
    with translation.override(by.language):
        try:
            if not by.is_active:
                raise NotAllowedError(_("Who planned it does not work here any more."), code="planner_left")
            version_publish(
                version_id=plan.version_id,
                by=by,
                reason=plan.reason,
                quiet=plan.is_quiet,
                per_day=plan.per_day,
                plan_id=plan.pk,
            )
        except LeadscoreError as refusal:
            return _refuse(plan.pk, str(refusal.detail))
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("The planned publication of version %s failed; it is tried again.", plan.version_id)
            return False
    return True


@transaction.atomic
def _refuse(plan_id: int, sentence: str) -> bool:
    """Keep why it did not go live. Not where it was carried out, called off or refused by somebody else meanwhile."""
    plans = PlannedPublication.objects.select_for_update(of=("self",)).select_related("planned_by", "version__model")
    plan = plans.filter(pk=plan_id, refusal="").first()
    if plan is None:
        return False
    plan.refusal = sentence
    plan.save(update_fields=["refusal"])
    audit_record(
        action="version.plan_refused",
        subject_type="matrix_version",
        subject_id=plan.version_id,
        details={"refusal": sentence},
    )
    tell_refused(plan.version, plan.planned_by, refusal=sentence)
    return True
