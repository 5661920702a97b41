"""What this floor holds of a person, and how it goes."""

from django.db.models import Q

from accounts.models import IdempotencyRecord
from crm.models import (
    Activity,
    ExternalId,
    FactChange,
    Lead,
    LeadMerge,
    PossibleDuplicate,
    Quarantine,
    Work,
)
from crm.services.erasure import register_eraser

HELD_IN = (Activity, ExternalId, FactChange, IdempotencyRecord, Lead, LeadMerge, PossibleDuplicate, Quarantine, Work)


def erase_facts(lead_id: int) -> None:
    """Everything but the lead's own row, which the service deletes last."""
    lead = Lead.objects.get(pk=lead_id)
    activities = Activity.objects.filter(lead=lead)
    FactChange.objects.filter(
        Q(subject_type=FactChange.Subject.LEAD, subject_id=lead_id)
        | Q(subject_type=FactChange.Subject.ACTIVITY, subject_id__in=activities.values("pk"))
    ).delete()
    Quarantine.objects.filter(_quarantined(lead)).delete()
    activities.delete()
    ExternalId.objects.filter(lead=lead).delete()
    LeadMerge.objects.filter(Q(survivor=lead) | Q(merged=lead)).delete()
    PossibleDuplicate.objects.filter(Q(first=lead) | Q(second=lead)).delete()
    Work.objects.filter(lead=lead).delete()
    # The answer to a change of this lead, kept for a day, shows the lead.
    IdempotencyRecord.objects.filter(body__id=lead_id).delete()


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
