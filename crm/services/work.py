"""The list of leads to look at again: added by whoever changed facts, claimed and deleted by scoring."""

from collections.abc import Collection, Iterable

from django.db import connection, transaction

from crm.models import Cause, LeadTouch, Work
from crm.signals import work_waiting

# What is no longer waiting was looked at: from one statement to the next it is the one or the other.
_DELETE = """
WITH gone AS (DELETE FROM crm_work WHERE id = ANY(%s::bigint[]) RETURNING lead_id)
INSERT INTO crm_leadtouch (lead_id, xid, is_erased, touched_at)
SELECT DISTINCT lead_id, pg_current_xact_id()::text::bigint, false, now() FROM gone
"""
_ERASED = """
INSERT INTO crm_leadtouch (lead_id, xid, is_erased, touched_at)
SELECT gone, pg_current_xact_id()::text::bigint, true, now() FROM unnest(%s::bigint[]) AS gone
"""


def work_add(*, lead_ids: Iterable[int], cause: Cause, import_id: int | None = None) -> None:
    """Say that the facts of these leads changed: a row each, then the bell after commit. What an import changed says so.

    Call it inside the transaction of the change. A bell that nobody hears, or that breaks, changes nothing: the rows stay.
    """
    if import_id is not None and cause != Cause.IMPORT_UNDONE:
        cause = Cause.IMPORTED
    rows = [Work(lead_id=lead_id, cause=cause, imported_by_id=import_id) for lead_id in sorted(set(lead_ids))]
    if not rows:
        return
    Work.objects.bulk_create(rows, batch_size=1_000)
    transaction.on_commit(_ring, robust=True)


def work_claim(*, limit: int | None, lead_ids: Collection[int] | None = None) -> list[Work]:
    """The oldest rows that nobody else holds, of these leads or of any, locked until the caller's transaction ends."""
    rows = Work.objects.select_for_update(skip_locked=True).order_by("id")
    return list((rows if lead_ids is None else rows.filter(lead__in=lead_ids))[:limit])


def work_delete(*, ids: Iterable[int]) -> None:
    """Delete by row id, never by lead: a row that came in meanwhile must stay. Leaves a touch for each lead."""
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [list(ids)])


def work_forget(*, lead_ids: Iterable[int]) -> None:
    """These leads are gone, with what waited of them: whoever keeps a copy of their facts must leave them out."""
    gone = sorted(set(lead_ids))
    Work.objects.filter(lead__in=gone).delete()
    with connection.cursor() as cursor:
        cursor.execute(_ERASED, [gone])


def touches_forget(*, before_xid: int | None) -> None:
    """No copy of the facts is kept that asks for touches below this number; None: none is kept at all."""
    touches = LeadTouch.objects.all()
    (touches if before_xid is None else touches.filter(xid__lt=before_xid)).delete()


def _ring() -> None:
    work_waiting.send_robust(sender=None)
