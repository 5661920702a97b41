"""Leads that cannot be scored: kept apart with their reason, so that they stop nobody, and tried again on demand."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit_record
from crm.models import Cause, Quarantine
from crm.services.work import work_add
from kernel.errors import ConflictError
from scoring.engine import EngineError


def score_quarantine(*, lead_id: int, error: Exception) -> None:
    """Note why a lead cannot be scored; of a lead that already waits there only the reason is renewed.

    An engine's problems name places and never values; of any other error only its type is kept, since its text may
    quote the person's data.
    """
    if isinstance(error, EngineError):
        code = "invalid_facts"
        detail = " ".join(f"{each.path or '/'}: {each.detail}" for each in error.problems)
    else:
        code = "scoring_failed"
        detail = f"The engine stopped with {type(error).__name__}; the log tells where."
    open_row = {"kind": "score", "lead_id": lead_id, "settled_at": None}
    if not Quarantine.objects.filter(**open_row).update(code=code, detail=detail):
        Quarantine.objects.create(**open_row, code=code, detail=detail)


def scores_settle(*, lead_ids: Sequence[int]) -> None:
    """Close the quarantine of leads that could be scored after all."""
    waiting = Quarantine.objects.filter(kind="score", lead_id__in=lead_ids, settled_at=None)
    waiting.update(settled_at=timezone.now())


@transaction.atomic
def score_replay(*, quarantine_id: int, by: User) -> None:
    """Let a quarantined lead be judged again; its row closes once that succeeds."""
    row = Quarantine.objects.select_for_update().get(pk=quarantine_id, kind="score")
    if row.settled_at is not None or row.lead_id is None:
        raise ConflictError(_("This lead has been scored since: there is nothing left to try."), code="settled")
    work_add(lead_ids=[row.lead_id], cause=Cause.RETRY)
    audit_record(action="quarantine.replay", subject_type="quarantine", subject_id=row.pk, actor=by)
