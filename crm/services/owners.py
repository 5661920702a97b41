"""Whose leads and companies these are, for all of somebody's at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from crm.models import Cause, Company, FactChange, Lead
from crm.services.history import Change, actor_name, history_rows
from crm.services.work import work_add

BATCH = 1_000


@dataclass(frozen=True, kw_only=True)
class PassedOn:
    """How many leads and companies changed hands."""

    leads: int
    companies: int


@transaction.atomic
def leads_pass_on(*, leaver: User, successor: User | None, by: User) -> PassedOn:
    """Give the leads and companies of one person to another, or to nobody: with history, and Work to look at them again.

    Leads are locked in the order of their ids, companies after them in the order of theirs, as everywhere. Merged leads
    go too, so that undoing a merge brings nothing back to somebody who left.
    """
    lead_ids = Lead.objects.filter(owner=leaver).order_by("pk").values_list("pk", flat=True)
    leads = sum(_leads_give(batch, leaver, successor, by) for batch in _batches(list(lead_ids)))
    company_ids = Company.objects.filter(owner=leaver).order_by("pk").values_list("pk", flat=True)
    companies = sum(_companies_give(batch, leaver, successor, by) for batch in _batches(list(company_ids)))
    return PassedOn(leads=leads, companies=companies)


def _leads_give(lead_ids: Sequence[int], leaver: User, successor: User | None, by: User) -> int:
    locked = Lead.objects.select_for_update(no_key=True).filter(pk__in=lead_ids, owner=leaver).order_by("pk")
    merged_into = dict(locked.values_list("pk", "merged_into_id"))
    mine = list(merged_into)
    Lead.objects.filter(pk__in=mine).update(owner=successor, revision=F("revision") + 1, updated_at=timezone.now())
    _history_write(FactChange.Subject.LEAD, mine, leaver, successor, by)
    work_add(lead_ids=[pk for pk in mine if merged_into[pk] is None], cause=Cause.LEAD_CHANGED)
    return len(mine)


def _companies_give(company_ids: Sequence[int], leaver: User, successor: User | None, by: User) -> int:
    """No score rests on whose a company is, so no lead is looked at again."""
    locked = Company.objects.select_for_update(no_key=True).filter(pk__in=company_ids, owner=leaver).order_by("pk")
    mine = list(locked.values_list("pk", flat=True))
    Company.objects.filter(pk__in=mine).update(owner=successor, updated_at=timezone.now())
    _history_write(FactChange.Subject.COMPANY, mine, leaver, successor, by)
    return len(mine)


def _history_write(
    subject: FactChange.Subject, ids: Sequence[int], leaver: User, successor: User | None, by: User
) -> None:
    now = timezone.now()
    change = Change(field="owner", before=leaver.pk, after=successor.pk if successor else None)
    FactChange.objects.bulk_create(
        row
        for subject_id in ids
        for row in history_rows(
            subject=subject,
            subject_id=subject_id,
            changes=[change],
            valid_at=now,
            recorded_at=now,
            changed_by=actor_name(by),
        )
    )


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
