"""What people do to a company as a whole: its parent, its owner, and making two companies one."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from accounts.services import audit_record
from crm.models import Cause, Company, FactChange, Lead
from crm.services.history import COMPANY_FACTS, Change, actor_name, changes_between, company_facts, history_rows
from crm.services.lead_fields import is_blank
from crm.services.retrying import MovedError, retried
from crm.services.work import work_add
from kernel.errors import ConflictError

# Whoever changes who belongs to whom does so one at a time: two changes, each fine alone, could close a circle.
_TREE_LOCK: Final = (7_002, 2)
# Nobody's group is deeper; a longer chain is shown up to here.
DEEPEST: Final = 50


def company_parent_set(*, company_id: int, parent_id: int | None, by: User | ApiKey | None = None) -> Company:
    """Put a company below another, or on its own. Raises ConflictError where it would come to stand below itself.

    The engine knows no parents, so no lead is looked at again.
    """

    def attempt() -> Company:
        _tree_lock()
        company = Company.objects.select_for_update(no_key=True).get(pk=company_id)
        if company.parent_id == parent_id:
            return company
        if parent_id is not None and company_id in {parent_id, *ancestor_ids(parent_id)}:
            raise ConflictError(
                _("A company cannot stand below itself or below one of its subsidiaries."), code="circle"
            )
        if parent_id is not None and not Company.objects.filter(pk=parent_id).exists():
            raise ConflictError(_("This company is gone."), code="unknown_company")
        _write(company, [Change(field="parent", before=company.parent_id, after=parent_id)], by=by)
        company.parent_id = parent_id
        company.save(update_fields=["parent", "updated_at"])
        return company

    return retried(attempt)


def company_owner_set(*, company_id: int, owner: User | None, by: User | ApiKey | None = None) -> Company:
    """Say whose company it is: hand-offs of its leads go to its owner where the lead has none of its own."""

    def attempt() -> Company:
        company = Company.objects.select_for_update(no_key=True).get(pk=company_id)
        owner_id = owner.pk if owner else None
        if company.owner_id != owner_id:
            _write(company, [Change(field="owner", before=company.owner_id, after=owner_id)], by=by)
            company.owner = owner
            company.save(update_fields=["owner", "updated_at"])
        return company

    return retried(attempt)


def companies_merge(*, survivor_id: int, merged_id: int, by: User | ApiKey | None = None) -> Company:
    """Move all leads and subsidiaries of one company to another, which takes over what it does not know itself.

    The merged row stays, nameless and below its survivor, for what was known in the past. There is no way back.
    """
    if survivor_id == merged_id:
        raise ConflictError(_("A company cannot be merged with itself."), code="same_company")
    return retried(lambda: _merge(survivor_id, merged_id, by))


def ancestor_ids(company_id: int) -> list[int]:
    """The ids of the parent, its parent and so on, nearest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE above(id, depth) AS (
                SELECT parent_id, 1 FROM crm_company WHERE id = %s AND parent_id IS NOT NULL
                UNION ALL
                SELECT company.parent_id, above.depth + 1 FROM above JOIN crm_company AS company ON company.id = above.id
                WHERE company.parent_id IS NOT NULL AND above.depth < 1000
            )
            SELECT id FROM above ORDER BY depth
            """,
            [company_id],
        )
        return [row[0] for row in cursor.fetchall()]


def _merge(survivor_id: int, merged_id: int, by: User | ApiKey | None) -> Company:
    # Leads first, then companies: the order of everybody who locks both.
    leads = list(Lead.objects.select_for_update(no_key=True).filter(company=merged_id).order_by("pk"))
    _tree_lock()
    ids = (survivor_id, merged_id)
    found = {each.pk: each for each in Company.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    if len(found) < len(ids):
        raise ConflictError(_("One of the two companies is gone."), code="unknown_company")
    survivor, merged = found[survivor_id], found[merged_id]
    if Lead.objects.filter(company=merged).exclude(pk__in=[lead.pk for lead in leads]).exists():
        raise MovedError
    moved = _leads_move(leads, merged=merged, survivor=survivor, by=by)
    subsidiaries = _tree_join(merged, survivor, by)
    facts = _facts_join(merged, survivor, by)
    here = Lead.objects.filter(company=survivor, merged_into=None).values_list("pk", flat=True)
    work_add(lead_ids=here if facts else moved, cause=Cause.COMPANY_CHANGED)
    audit_record(
        action="company.merge",
        subject_type="company",
        subject_id=survivor.pk,
        actor=by,
        details={"merged": merged.pk, "leads": len(leads), "subsidiaries": subsidiaries, "fields": sorted(facts)},
    )
    return survivor


def _leads_move(leads: Iterable[Lead], *, merged: Company, survivor: Company, by: User | ApiKey | None) -> list[int]:
    now = timezone.now()
    ids = [lead.pk for lead in leads]
    Lead.objects.filter(pk__in=ids).update(company=survivor, revision=F("revision") + 1, updated_at=now)
    change = Change(field="company", before=merged.pk, after=survivor.pk)
    rows = [row for pk in ids for row in _rows(FactChange.Subject.LEAD, pk, [change], now=now, by=by)]
    FactChange.objects.bulk_create(rows, batch_size=1_000)
    return [lead.pk for lead in leads if lead.merged_into_id is None]


def _tree_join(merged: Company, survivor: Company, by: User | ApiKey | None) -> int:
    """The subsidiaries come along; a survivor that stood below the merged one takes its place."""
    if merged.pk in ancestor_ids(survivor.pk):
        _parent_move(survivor, merged.parent_id, by)
    below = list(Company.objects.filter(parent=merged).exclude(pk=survivor.pk).order_by("pk"))
    for company in below:
        _parent_move(company, survivor.pk, by)
    _parent_move(merged, survivor.pk, by)
    return len(below)


def _parent_move(company: Company, parent_id: int | None, by: User | ApiKey | None) -> None:
    if company.parent_id == parent_id:
        return
    _write(company, [Change(field="parent", before=company.parent_id, after=parent_id)], by=by)
    company.parent_id = parent_id
    company.save(update_fields=["parent", "updated_at"])


def _facts_join(merged: Company, survivor: Company, by: User | ApiKey | None) -> set[str]:
    """The fields that the survivor takes over: of which it knows nothing."""
    taken = {name: getattr(merged, name) for name in COMPANY_FACTS if not is_blank(getattr(merged, name))}
    taken = {name: value for name, value in taken.items() if is_blank(getattr(survivor, name))}
    owner_id = merged.owner_id
    # Its domain is free, and its name finds nobody, before the survivor may have them.
    _facts_write(merged, {"name": "", "domain": ""}, by)
    changed = _facts_write(survivor, {**taken, "attributes": {**merged.attributes, **survivor.attributes}}, by)
    if survivor.owner_id is None and owner_id is not None:
        _write(survivor, [Change(field="owner", before=None, after=owner_id)], by=by)
        survivor.owner_id = owner_id
        survivor.save(update_fields=["owner", "updated_at"])
    return changed


def _facts_write(company: Company, values: Mapping[str, object], by: User | ApiKey | None) -> set[str]:
    before = company_facts(company)
    for name, value in values.items():
        setattr(company, name, value)
    changes = changes_between(before, company_facts(company))
    if changes:
        company.save()
        _write(company, changes, by=by)
    return {change.field for change in changes}


def _write(company: Company, changes: list[Change], *, by: User | ApiKey | None) -> None:
    now = timezone.now()
    FactChange.objects.bulk_create(_rows(FactChange.Subject.COMPANY, company.pk, changes, now=now, by=by))


def _rows(
    subject: FactChange.Subject, subject_id: int, changes: list[Change], *, now: datetime, by: User | ApiKey | None
) -> list[FactChange]:
    return history_rows(
        subject=subject,
        subject_id=subject_id,
        changes=changes,
        valid_at=now,
        recorded_at=now,
        changed_by=actor_name(by),
    )


def _tree_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _TREE_LOCK)
