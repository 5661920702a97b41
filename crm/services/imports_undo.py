"""Undoing an import: what it brought goes, what it changed goes back, as far as nobody else has built on it.

In batches of one transaction each, so that it can be cut short and taken up: `Import.undo_counts` says how far it is, and
what went, what stayed and why. The order matters. Activities and external ids go first, so that a lead is asked after by
what others know of it alone; then the leads the import made; then the facts of leads that stay; then the same for companies,
which may be empty by then.

Locks are those of an erasure: work, then leads by id, then companies by id, each FOR UPDATE where the row may go. Who sends an
activity pins its lead first: either we wait and then see the activity, or it waits and then finds the lead gone.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.models import Activity, Cause, Company, ExternalId, FactChange, Import, Lead, LeadMerge, Note, Work
from crm.services.history import actor_name
from crm.services.imports_asked import leads_kept
from crm.services.imports_facts import companies_restore, leads_restore
from crm.services.work import work_add, work_forget

BATCH: Final = 500


@dataclass(kw_only=True)
class Undone:
    """What one batch did: how many of what (`leads`, `leads_kept_activity`, …), and the id it ended at; None at the end."""

    counts: Counter[str] = field(default_factory=Counter)
    last: int | None = None


def undo_next(import_run: Import) -> bool:
    """Do the next batch inside the caller's transaction and count it on the row, which the caller saves: whether one was left."""
    progress = dict(import_run.undo_counts)
    names = list(_STEPS)
    name = progress.get("step", names[0])
    done = _STEPS[name](import_run, progress.get("after", 0))
    progress["counts"] = dict(Counter(progress.get("counts", {})) + done.counts)
    progress["step"], progress["after"] = name, done.last
    is_left = True
    if done.last is None:
        place = names.index(name) + 1
        is_left = place < len(names)
        progress["step"], progress["after"] = (names[place] if is_left else ""), 0
    progress["done"] = sum(n for what, n in progress["counts"].items() if what in _MEASURED)
    import_run.undo_counts = progress
    return is_left


def undo_total(import_run: Import) -> int:
    """How many rows there are to look at, to show the progress against."""
    brought = [model.objects.filter(imported_by=import_run).count() for model in (Activity, ExternalId, Lead, Company)]
    return sum(brought)


def _activities(import_run: Import, after: int) -> Undone:
    rows = Activity.objects.filter(imported_by=import_run, pk__gt=after).order_by("pk")
    found = dict(rows.values_list("pk", "lead_id")[:BATCH])
    if not found:
        return Undone()
    _leads_lock({lead_id for lead_id in found.values() if lead_id})
    # By now: a merge may have moved them while we waited for its lead.
    lead_of = dict(Activity.objects.filter(pk__in=found).values_list("pk", "lead_id"))
    FactChange.objects.filter(subject_type=FactChange.Subject.ACTIVITY, subject_id__in=found).delete()
    Activity.objects.filter(pk__in=found).delete()
    _look_again(import_run, {lead_id for lead_id in lead_of.values() if lead_id})
    return Undone(counts=Counter(activities=len(lead_of)), last=max(found))


def _attached(import_run: Import, after: int) -> Undone:
    """What visitors did before the import said who they are is nobody's again, where it is still with that lead."""
    rows = FactChange.objects.filter(
        imported_by=import_run, subject_type=FactChange.Subject.ACTIVITY, field="lead", pk__gt=after
    ).order_by("pk")[:BATCH]
    changes = list(rows)
    if not changes:
        return Undone()
    _leads_lock({int(change.after) for change in changes if isinstance(change.after, int)})
    now, history = timezone.now(), []
    activities = Activity.objects.in_bulk([change.subject_id for change in changes])
    for change in changes:
        activity = activities.get(change.subject_id)
        if activity is None or activity.lead_id != change.after:
            continue
        history.append(
            FactChange(
                subject_type=change.subject_type,
                subject_id=change.subject_id,
                field="lead",
                before=change.after,
                after=None,
                valid_at=change.valid_at,
                recorded_at=now,
                changed_by=actor_name(import_run.undone_by),
            )
        )
    Activity.objects.filter(pk__in=[row.subject_id for row in history]).update(lead=None)
    FactChange.objects.bulk_create(history)
    _look_again(import_run, {int(str(row.before)) for row in history})
    return Undone(counts=Counter(detached=len(history)), last=changes[-1].pk)


def _external_ids(import_run: Import, after: int) -> Undone:
    rows = ExternalId.objects.filter(imported_by=import_run, pk__gt=after).order_by("pk")
    found = dict(rows.values_list("pk", "lead_id")[:BATCH])
    if not found:
        return Undone()
    _leads_lock(set(found.values()))
    gone = ExternalId.objects.filter(pk__in=found)
    count = gone.count()
    gone.delete()
    return Undone(counts=Counter(external_ids=count), last=max(found))


def _leads(import_run: Import, after: int) -> Undone:
    rows = Lead.objects.filter(imported_by=import_run, pk__gt=after).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    if not ids:
        return Undone()
    there = _leads_lock(ids)
    kept = _known_otherwise(import_run, there)
    gone = sorted(set(there) - {lead_id for each in kept.values() for lead_id in each})
    work_forget(lead_ids=gone)
    FactChange.objects.filter(subject_type=FactChange.Subject.LEAD, subject_id__in=gone).delete()
    Lead.objects.filter(pk__in=gone).delete()
    counts = Counter({"leads": len(gone), "leads_kept": len(there) - len(gone)})
    said: set[int] = set()
    for reason, lead_ids in kept.items():
        # Of several reasons the first is told, so that the numbers add up.
        counts[f"leads_kept:{reason}"] += len(lead_ids - said)
        said |= lead_ids
    return Undone(counts=+counts, last=ids[-1])


def _known_otherwise(import_run: Import, lead_ids: Collection[int]) -> dict[str, set[int]]:
    """Of locked leads those that somebody else knows by now, by how."""
    leads = Lead.objects.filter(pk__in=lead_ids)
    facts = FactChange.objects.filter(subject_type=FactChange.Subject.LEAD, subject_id__in=lead_ids)
    merges = LeadMerge.objects.filter(Q(survivor=OuterRef("pk")) | Q(merged=OuterRef("pk")))
    merged = leads.filter(Q(merged_into__isnull=False) | Exists(merges))
    return {
        "merge": set(merged.values_list("pk", flat=True)),
        "activity": set(Activity.objects.filter(lead__in=lead_ids).values_list("lead_id", flat=True)),
        "external_id": set(ExternalId.objects.filter(lead__in=lead_ids).values_list("lead_id", flat=True)),
        "note": set(Note.objects.filter(lead__in=lead_ids).values_list("lead_id", flat=True)),
        "change": set(facts.exclude(imported_by=import_run).values_list("subject_id", flat=True)),
        **leads_kept(lead_ids),
    }


def _lead_facts(import_run: Import, after: int) -> Undone:
    ids = _changed(import_run, FactChange.Subject.LEAD, after)
    if not ids:
        return Undone()
    counts, changed = leads_restore(import_run, ids)
    _look_again(import_run, changed)
    return Undone(counts=counts, last=ids[-1])


def _company_facts(import_run: Import, after: int) -> Undone:
    ids = _changed(import_run, FactChange.Subject.COMPANY, after)
    if not ids:
        return Undone()
    counts, changed = companies_restore(import_run, ids)
    leads = Lead.objects.filter(company__in=changed, merged_into=None)
    _look_again(import_run, set(leads.values_list("pk", flat=True)))
    return Undone(counts=counts, last=ids[-1])


def _companies(import_run: Import, after: int) -> Undone:
    rows = Company.objects.filter(imported_by=import_run, pk__gt=after).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    if not ids:
        return Undone()
    # FOR UPDATE waits for whoever pins a company to join it, and holds off who would.
    there = set(Company.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    changes = FactChange.objects.filter(subject_type=FactChange.Subject.COMPANY, subject_id__in=there)
    known = {
        *Lead.objects.filter(company__in=there).values_list("company_id", flat=True),
        *Company.objects.filter(parent__in=there).values_list("parent_id", flat=True),
        *changes.exclude(imported_by=import_run).values_list("subject_id", flat=True),
    }
    gone = there - known
    FactChange.objects.filter(subject_type=FactChange.Subject.COMPANY, subject_id__in=gone).delete()
    Company.objects.filter(pk__in=gone).delete()
    return Undone(counts=+Counter(companies=len(gone), companies_kept=len(there) - len(gone)), last=ids[-1])


def _changed(import_run: Import, subject: FactChange.Subject, after: int) -> list[int]:
    """The next subjects whose facts the import changed."""
    rows = FactChange.objects.filter(imported_by=import_run, subject_type=subject, subject_id__gt=after)
    return list(rows.order_by("subject_id").values_list("subject_id", flat=True).distinct()[:BATCH])


def _leads_lock(lead_ids: Collection[int]) -> list[int]:
    """Work before leads, as a scorer takes them; then the leads that are still there, against everything."""
    list(Work.objects.select_for_update().filter(lead__in=lead_ids).order_by("pk").values_list("pk"))
    found = Lead.objects.select_for_update(of=("self",)).filter(pk__in=lead_ids).order_by("pk")
    return list(found.values_list("pk", flat=True))


def _look_again(import_run: Import, lead_ids: Collection[int]) -> None:
    there = Lead.objects.filter(pk__in=lead_ids, merged_into=None).values_list("pk", flat=True)
    work_add(lead_ids=there, cause=Cause.IMPORT_UNDONE, import_id=import_run.pk)


# What the progress counts, of what `undo_total` counted.
_MEASURED: Final = frozenset(["activities", "external_ids", "leads", "leads_kept", "companies", "companies_kept"])
_STEPS: Final[dict[str, Callable[[Import, int], Undone]]] = {
    "activities": _activities,
    "attached": _attached,
    "external_ids": _external_ids,
    "leads": _leads,
    "lead_facts": _lead_facts,
    "companies": _companies,
    "company_facts": _company_facts,
}
