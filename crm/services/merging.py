"""Two leads become one, and if that was wrong two again."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from accounts.services import audit_record
from crm.errors import UnknownLeadError
from crm.ingestion.insert import activities_move, companies_pin
from crm.models import Cause, ExternalId, FactChange, Lead, LeadMerge, Note, PossibleDuplicate
from crm.services.history import Change, actor_name, changes_between, fact_set, history_rows, lead_facts
from crm.services.lead_fields import lead_derive
from crm.services.merge_choices import MERGED, takings
from crm.services.retrying import retried
from crm.services.work import work_add
from kernel.errors import BadRequestError, ConflictError


def leads_merge(
    *,
    survivor_id: int,
    merged_id: int,
    by: User | ApiKey | None = None,
    choices: Mapping[str, str] | None = None,
    revisions: Mapping[int, int] | None = None,
) -> LeadMerge:
    """Move everything known of one lead to another and fill what the survivor does not know.

    The merged lead keeps its row, points to its survivor and is scored no more. Activities, external ids, visitors and notes
    move; a field the survivor knows stays, unless `choices` say `merged` of it. `revisions` are those of the two leads that
    the choices were made by. Raises ConflictError where one of the two is merged already, or is not what was looked at.
    """
    if survivor_id == merged_id:
        raise BadRequestError(_("A lead cannot be merged with itself. Name two leads."), code="same_lead")
    return retried(lambda: _merge(survivor_id, merged_id, by, choices or {}, revisions or {}))


def _merge(
    survivor_id: int, merged_id: int, by: User | ApiKey | None, choices: Mapping[str, str], revisions: Mapping[int, int]
) -> LeadMerge:
    survivor, merged = _pair_locked(survivor_id, merged_id)
    if survivor.merged_into_id or merged.merged_into_id:
        raise ConflictError(_("One of the two was merged already. Read it again."), code="already_merged")
    if any(lead.revision != revisions.get(lead.pk, lead.revision) for lead in (survivor, merged)):
        raise ConflictError(
            _("One of the two changed while you looked. Look at the values again, then merge."), code="changed_since"
        )
    now, who = timezone.now(), actor_name(by)
    before, before_merged = lead_facts(survivor), lead_facts(merged)

    activities = activities_move(from_lead=merged.pk, to_lead=survivor.pk, recorded_at=now, changed_by=who)
    external_ids = list(ExternalId.objects.filter(lead=merged).order_by("id").values_list("pk", flat=True))
    ExternalId.objects.filter(pk__in=external_ids).update(lead=survivor)
    notes = list(Note.objects.filter(lead=merged).order_by("id").values_list("pk", flat=True))
    Note.objects.filter(pk__in=notes).update(lead=survivor)
    taken = takings(before, before_merged, choices)
    merged.merged_into = survivor
    if choices.get("email") == MERGED and survivor.email:
        # Whoever writes to the address that goes means the survivor all the same: the merged lead keeps it for them.
        for field in ("email", "email_domain", "email_kind"):
            fact_set(merged, field, before[field])
    _save(merged)
    for field, value in taken.items():
        fact_set(survivor, field, value)
    lead_derive(survivor)
    _save(survivor)
    _companies_pin(survivor)

    filled = changes_between(before, lead_facts(survivor))
    given = changes_between(before_merged, lead_facts(merged))
    merge = LeadMerge.objects.create(
        survivor=survivor,
        merged=merged,
        merged_by=by if isinstance(by, User) else None,
        moved={
            "activities": activities,
            "external_ids": external_ids,
            "notes": notes,
            "fields": {change.field: [change.before, change.after] for change in filled},
            "merged_fields": {
                change.field: [change.before, change.after] for change in given if change.field != "merged_into"
            },
            "choices": dict(choices),
        },
    )
    _write_history(survivor, filled, who)
    _write_history(merged, given, who, valid_at=merged.created_at)
    PossibleDuplicate.objects.filter(_pair(merge), settled_at=None).update(
        settled_at=now, settled_as="merged", settled_by=merge.merged_by
    )
    _tell("lead.merge", merge, by, Cause.MERGED)
    return merge


def merge_undo(*, merge_id: int, by: User | ApiKey | None = None) -> LeadMerge:
    """Give back what a merge moved, as far as it is still there, and take away what it filled, where it still stands.

    What came in since stays with the survivor. Raises ConflictError where the merge was undone already, or where one of
    the two was merged further since: undo that first.
    """
    return retried(lambda: _undo(merge_id, by))


def _undo(merge_id: int, by: User | ApiKey | None) -> LeadMerge:
    merge = LeadMerge.objects.filter(pk=merge_id).first()
    if merge is None:
        raise UnknownLeadError
    survivor, merged = _pair_locked(merge.survivor_id, merge.merged_id)
    merge.refresh_from_db()
    if merge.undone_at:
        raise ConflictError(_("This merge was undone already."), code="already_undone")
    if survivor.merged_into_id or merged.merged_into_id != survivor.pk:
        raise ConflictError(_("The survivor was merged further. Undo the later merge first."), code="merged_further")
    now, who = timezone.now(), actor_name(by)
    before, before_merged = lead_facts(survivor), lead_facts(merged)

    for field, (was, became) in merge.moved["fields"].items():
        if not changes_between({field: before.get(field)}, {field: became}):
            fact_set(survivor, field, was)
    lead_derive(survivor)
    _save(survivor)
    merged.merged_into = None
    for field, (was, _became) in merge.moved.get("merged_fields", {}).items():
        fact_set(merged, field, was)
    try:
        with transaction.atomic():
            _save(merged)
    except IntegrityError:
        raise ConflictError(
            _("The address of the merged lead is another lead's by now. Change that first."), code="email_taken"
        ) from None
    _companies_pin(survivor, merged)
    activities_move(
        from_lead=survivor.pk,
        to_lead=merged.pk,
        recorded_at=now,
        changed_by=who,
        only=merge.moved["activities"],
    )
    ExternalId.objects.filter(pk__in=merge.moved["external_ids"], lead=survivor).update(lead=merged)
    Note.objects.filter(pk__in=merge.moved.get("notes", []), lead=survivor).update(lead=merged)
    # Whether they are one person after all is open again.
    PossibleDuplicate.objects.filter(_pair(merge), settled_as="merged").update(
        settled_at=None, settled_as="", settled_by=None
    )
    merge.undone_at = now
    merge.save(update_fields=["undone_at"])
    _write_history(survivor, changes_between(before, lead_facts(survivor)), who)
    _write_history(merged, changes_between(before_merged, lead_facts(merged)), who, valid_at=merged.created_at)
    _tell("lead.unmerge", merge, by, Cause.UNMERGED)
    return merge


def _pair(merge: LeadMerge) -> Q:
    return Q(first=merge.survivor_id, second=merge.merged_id) | Q(first=merge.merged_id, second=merge.survivor_id)


def _companies_pin(*leads: Lead) -> None:
    """Their companies stay as they are until we commit; whoever changes one holds it while writing Work for our leads, so
    the two may wait for each other, and one tries again.

    A company that a lead had before may be gone by now, with the import that brought it: the lead has none then.
    """
    there = companies_pin(lead.company_id for lead in leads if lead.company_id)
    for lead in leads:
        if lead.company_id and lead.company_id not in there:
            lead.company = None
            lead.save(update_fields=["company"])


def _pair_locked(survivor_id: int, merged_id: int) -> tuple[Lead, Lead]:
    """Both leads, locked in id order so that nothing may be inserted for them: FOR UPDATE, which ingest's pins conflict with."""
    found = {
        lead.pk: lead
        for lead in Lead.objects.select_for_update().filter(pk__in=[survivor_id, merged_id]).order_by("pk")
    }
    if len(found) < 2:
        raise UnknownLeadError
    return found[survivor_id], found[merged_id]


def _save(lead: Lead) -> None:
    lead.revision += 1
    lead.save()


def _write_history(lead: Lead, changes: list[Change], who: str, *, valid_at: datetime | None = None) -> None:
    now = timezone.now()
    FactChange.objects.bulk_create(
        history_rows(
            subject=FactChange.Subject.LEAD,
            subject_id=lead.pk,
            changes=changes,
            valid_at=valid_at or now,
            recorded_at=now,
            changed_by=who,
        )
    )


def _tell(action: str, merge: LeadMerge, by: User | ApiKey | None, cause: Cause) -> None:
    audit_record(
        action=action,
        subject_type="lead",
        subject_id=merge.survivor_id,
        actor=by,
        details={"merge": merge.pk, "merged": merge.merged_id},
    )
    work_add(lead_ids=[merge.survivor_id, merge.merged_id], cause=cause)
