"""The list of leads to look at again: added by whoever changed facts, claimed and deleted by scoring."""

from collections.abc import Collection, Iterable

from django.db import transaction

from crm.models import Cause, Work
from crm.signals import work_waiting


def work_add(*, lead_ids: Iterable[int], cause: Cause) -> None:
    """Say that the facts of these leads changed: a row each, then the bell after commit.

    Call it inside the transaction of the change. A bell that nobody hears, or that breaks, changes nothing: the rows stay.
    """
    rows = [Work(lead_id=lead_id, cause=cause) for lead_id in sorted(set(lead_ids))]
    if not rows:
        return
    Work.objects.bulk_create(rows, batch_size=1_000)
    transaction.on_commit(_ring, robust=True)


def work_claim(*, limit: int | None, lead_ids: Collection[int] | None = None) -> list[Work]:
    """The oldest rows that nobody else holds, of these leads or of any, locked until the caller's transaction ends."""
    rows = Work.objects.select_for_update(skip_locked=True).order_by("id")
    return list((rows if lead_ids is None else rows.filter(lead__in=lead_ids))[:limit])


def work_delete(*, ids: Iterable[int]) -> None:
    """Delete by row id, never by lead: a row that came in meanwhile must stay."""
    Work.objects.filter(pk__in=list(ids)).delete()


def _ring() -> None:
    work_waiting.send_robust(sender=None)
