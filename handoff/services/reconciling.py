"""Level-triggered qualification: whatever happened, the rows of now decide what must be open, cool, or held back.

For a set of leads, in one transaction: lock them in the order of their ids, settle merges, read their scores again, then
for each lead end the suppressions that ended, warm, cool or expire its hand-off, attach models, or open. A crossing is
only a bell: missing one, or hearing it twice, changes nothing.
"""

import logging
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from handoff.services.dealing import reps_present
from handoff.services.lead_rows import leads_lock, rows_of, with_survivors
from handoff.services.merging import merged_settle
from handoff.services.releasing import releases_drain
from handoff.services.settling import Settlement
from handoff.services.unrest import leads_not_at_rest

logger = logging.getLogger(__name__)

CHUNK = 100
# The database is away or chose us as the victim of a deadlock: nothing is wrong with the lead.
_TRANSIENT = (OperationalError, InterfaceError)


@dataclass(kw_only=True)
class ReconcileReport:
    """What one round did: how many leads it looked at, what happened by name, which failed, and where to go on."""

    looked_at: int = 0
    done: Counter[str] = field(default_factory=Counter)
    failed: list[int] = field(default_factory=list)
    # The last lead looked at where there may be more beyond it, else None.
    next_after: int | None = None


def handoffs_reconcile(*, lead_ids: Collection[int] | None = None, limit: int = 500, after: int = 0) -> ReconcileReport:
    """Bring leads to rest: those given, else the next `limit` beyond `after` that are not.

    A lead that fails is tried again alone and then left as it is, logged and reported; the others go on. Raises
    OperationalError where the database is away.
    """
    report = ReconcileReport()
    now = timezone.now()
    if lead_ids is None:
        found = leads_not_at_rest(now=now, has_reps=reps_present(now=now), after=after, limit=limit)
        report.next_after = found[-1] if len(found) == limit else None
    else:
        found = sorted(set(lead_ids))
    report.looked_at = len(found)
    for start in range(0, len(found), CHUNK):
        chunk = found[start : start + CHUNK]
        try:
            report.done += _settle(chunk)
        except _TRANSIENT:
            raise
        except Exception:
            logger.exception("%s leads could not be settled together; each is tried alone.", len(chunk))
            _settle_each(chunk, report)
    return report


def handoffs_drain(*, limit: int = 500, seconds: float | None = None, after: int = 0) -> ReconcileReport:
    """Bring every lead that is not at rest to rest, and let go what imports hold back as far as it is due today.

    With `seconds`, begin no further page of `limit` leads after that time; who asks again goes on `after` the report's
    `next_after`, so that leads that cannot be settled do not stand before all others.
    """
    until = None if seconds is None else time.monotonic() + seconds
    total = _settle_all(limit, until, after)
    if taken := releases_drain(now=timezone.now()):
        opened = _settle_all(limit, until, 0)
        total.looked_at += opened.looked_at
        total.done += opened.done + Counter(let_go=taken)
        total.failed += opened.failed
    return total


def _settle_all(limit: int, until: float | None, after: int) -> ReconcileReport:
    """Page by page; what begins behind us is left to the next bell."""
    total = ReconcileReport(next_after=after)
    while total.next_after is not None and (until is None or not total.looked_at or time.monotonic() < until):
        page = handoffs_reconcile(limit=limit, after=total.next_after)
        total.looked_at += page.looked_at
        total.done += page.done
        total.failed += page.failed
        total.next_after = page.next_after
    return total


def _settle_each(lead_ids: Sequence[int], report: ReconcileReport) -> None:
    for lead_id in lead_ids:
        try:
            report.done += _settle([lead_id])
        except _TRANSIENT:
            raise
        except Exception:
            logger.exception("The hand-off of lead %s could not be settled.", lead_id)
            report.failed.append(lead_id)


@transaction.atomic
def _settle(lead_ids: Collection[int]) -> Counter[str]:
    leads = leads_lock(with_survivors(lead_ids))
    # Asked after the locks: what a decision wrote while we waited for it is in the past.
    now = timezone.now()
    done: Counter[str] = Counter()
    if any(lead.merged_into_id for lead in leads.values()):
        done["merged"] += merged_settle(leads, now=now)
    rows = rows_of([lead for lead in leads.values() if lead.merged_into_id is None])
    return done + Settlement(rows, now=now).settle()
