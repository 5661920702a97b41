"""What this floor holds of a person, and how it goes."""

from django.db.models import Q

from accounts.models import IdempotencyRecord, SavedView
from crm.models import (
    Activity,
    ExternalId,
    FactChange,
    Import,
    ImportRejection,
    Lead,
    LeadMerge,
    LeadTouch,
    LikenessKey,
    Note,
    PossibleDuplicate,
    Quarantine,
    SavedMapping,
    Work,
)
from crm.services.erasure import register_eraser
from crm.services.imports_kept import imports_erase
from crm.services.work import work_forget

HELD_IN = (
    Activity,
    ExternalId,
    FactChange,
    IdempotencyRecord,
    Import,
    ImportRejection,
    Lead,
    LeadMerge,
    LeadTouch,
    LikenessKey,
    Note,
    PossibleDuplicate,
    Quarantine,
    SavedMapping,
    SavedView,
    Work,
)


def erase_facts(lead_id: int) -> None:
    """Everything but the lead's own row, which the service deletes last."""
    lead = Lead.objects.get(pk=lead_id)
    activities = Activity.objects.filter(lead=lead)
    FactChange.objects.filter(
        Q(subject_type=FactChange.Subject.LEAD, subject_id=lead_id)
        | Q(subject_type=FactChange.Subject.ACTIVITY, subject_id__in=activities.values("pk"))
    ).delete()
    Quarantine.objects.filter(_quarantined(lead)).delete()
    imports_erase(lead)
    searches_forget(lead)
    activities.delete()
    ExternalId.objects.filter(lead=lead).delete()
    LeadMerge.objects.filter(Q(survivor=lead) | Q(merged=lead)).delete()
    LikenessKey.objects.filter(lead=lead).delete()
    Note.objects.filter(lead=lead).delete()
    PossibleDuplicate.objects.filter(Q(first=lead) | Q(second=lead)).delete()
    work_forget(lead_ids=[lead_id])
    # The answer to a change of this lead, kept for a day, shows the lead.
    IdempotencyRecord.objects.filter(body__id=lead_id).delete()


def searches_forget(lead: Lead) -> None:
    """Take the searches for this person out of the views that colleagues keep; the rest of a view stays."""
    ids = ExternalId.objects.filter(lead=lead).values_list("external_id", flat=True)
    whole = {lead.email, lead.email_key, lead.phone, lead.phone_key, lead.name, *ids}
    # Within a longer search too; a first name or a number alone would be found in what is somebody else's.
    within = {lead.email, lead.email_key, lead.name if lead.first_name and lead.last_name else ""}

    def is_of_them(value: str) -> bool:
        text = value.strip().casefold()
        return text in {each.casefold() for each in whole if each} or any(
            each.casefold() in text for each in within if each
        )

    for view in SavedView.objects.exclude(query={}).select_for_update().order_by("pk"):
        kept = {name: value for name, value in view.query.items() if not (isinstance(value, str) and is_of_them(value))}
        if kept != view.query:
            view.query = kept
            view.save(update_fields=["query", "updated_at"])


def register_all() -> None:
    register_eraser("crm", HELD_IN, erase_facts)


def _quarantined(lead: Lead) -> Q:
    """Also what was kept before the person became a lead: by the identities it names."""
    found = Q(lead=lead)
    if lead.email_key:
        found |= Q(payload__lead__email__iexact=lead.email_key) | Q(payload__lead__email__iexact=lead.email)
        found |= Q(payload__email__iexact=lead.email_key)
    for known in ExternalId.objects.filter(lead=lead):
        feed = known.feed.removeprefix("visitor:")
        name = "payload__visitor" if feed != known.feed else "payload__lead__external_id"
        found |= Q(feed=feed, **{name: known.external_id})
    return found
