"""What an import changed goes back to what it was, where its value still stands; each as a change of its own in the history."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from crm.ingestion.insert import companies_pin
from crm.models import Company, FactChange, Import, Lead
from crm.services.history import (
    Change,
    actor_name,
    changes_between,
    company_fact_set,
    company_facts,
    fact_set,
    history_rows,
    lead_facts,
)

Subject = TypeVar("Subject", Lead, Company)


def leads_restore(import_run: Import, lead_ids: Collection[int]) -> tuple[Counter[str], set[int]]:
    """Restore the facts of leads: how many went back and how many stay, and the leads that changed."""
    leads = Lead.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=lead_ids).order_by("pk")
    return _restore(
        import_run,
        list(leads),
        subject=FactChange.Subject.LEAD,
        facts=lead_facts,
        put=fact_set,
    )


def companies_restore(import_run: Import, company_ids: Collection[int]) -> tuple[Counter[str], set[int]]:
    """The same for companies."""
    companies = Company.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=company_ids).order_by("pk")
    return _restore(
        import_run,
        list(companies),
        subject=FactChange.Subject.COMPANY,
        facts=company_facts,
        put=company_fact_set,
    )


def value_before(changes: Sequence[FactChange], import_id: int, current: object) -> tuple[bool, object]:
    """Whether the import's value of a field still stands, and what it was before. Of all changes of the field.

    In the order in which they were true: the newest must be the import's and be what stands; behind it and the import's
    earlier ones comes what others said last, else what the import found.
    """
    newest = sorted(changes, key=lambda change: (change.valid_at, change.pk), reverse=True)
    if not newest or newest[0].imported_by_id != import_id or _differ(newest[0].after, current):
        return False, None
    found: object = None
    for change in newest:
        if change.imported_by_id != import_id:
            return True, change.after
        found = change.before
    return True, found


def _restore(
    import_run: Import,
    rows: Sequence[Subject],
    *,
    subject: FactChange.Subject,
    facts: Callable[[Subject], dict[str, object]],
    put: Callable[[Subject, str, object], None],
) -> tuple[Counter[str], set[int]]:
    counts: Counter[str] = Counter()
    history: list[FactChange] = []
    now = timezone.now()
    changes_of = _changes(import_run, subject, [row.pk for row in rows])
    for row in rows:
        before = facts(row)
        for field, changes in changes_of[row.pk].items():
            stands, value = value_before(changes, import_run.pk, before.get(field))
            counts["facts_kept"] += not stands
            if stands and _is_there(field, value):
                put(row, field, value)
        restored = changes_between(before, facts(row))
        if not restored:
            continue
        if not _saved(row):
            # Somebody else has the address or the domain by now.
            counts["facts_kept"] += len(restored)
            continue
        counts["facts"] += len(restored)
        history += _history(import_run, subject, row.pk, restored, now)
    FactChange.objects.bulk_create(history, batch_size=1_000)
    return +counts, {row.subject_id for row in history}


def _changes(
    import_run: Import, subject: FactChange.Subject, ids: Collection[int]
) -> defaultdict[int, dict[str, list[FactChange]]]:
    """All changes, by whomever, of the fields that the import changed, by subject and field."""
    every: defaultdict[int, defaultdict[str, list[FactChange]]] = defaultdict(lambda: defaultdict(list))
    for change in FactChange.objects.filter(subject_type=subject, subject_id__in=ids).order_by("pk"):
        every[change.subject_id][change.field].append(change)
    found: defaultdict[int, dict[str, list[FactChange]]] = defaultdict(dict)
    for subject_id, fields in every.items():
        for field, changes in fields.items():
            if any(change.imported_by_id == import_run.pk for change in changes):
                found[subject_id][field] = changes
    return found


def _history(
    import_run: Import, subject: FactChange.Subject, subject_id: int, changes: list[Change], now: datetime
) -> Iterable[FactChange]:
    return history_rows(
        subject=subject,
        subject_id=subject_id,
        changes=changes,
        valid_at=now,
        recorded_at=now,
        changed_by=actor_name(import_run.undone_by),
    )


def _is_there(field: str, value: object) -> bool:
    """What a company or owner was may be gone by now."""
    if field == "company" and isinstance(value, int):
        return bool(companies_pin([value]))
    if field == "owner" and isinstance(value, int):
        return User.objects.filter(pk=value).exists()
    return True


def _saved(row: Lead | Company) -> bool:
    if isinstance(row, Lead):
        row.revision += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return False
    return True


def _differ(one: object, other: object) -> bool:
    return bool(changes_between({"": one}, {"": other}))
