"""Finding the lead that an identity means, through merges, and knowing who was erased."""

from collections.abc import Iterable, Mapping

from django.conf import settings

from crm.identity import email_tombstone, external_tombstone
from crm.models import ExternalId, Lead, Tombstone
from crm.services.retrying import MovedError


def visitor_feed(feed: str) -> str:
    """The feed under which a visitor of `feed` is an external id."""
    return f"visitor:{feed}"


def lead_ids_by_external_id(*, feed: str, external_ids: Iterable[str]) -> dict[str, int]:
    """The lead each id of the feed names."""
    rows = ExternalId.objects.filter(feed=feed, external_id__in=set(external_ids))
    return dict(rows.values_list("external_id", "lead_id"))


def lead_ids_by_email(email_keys: Iterable[str]) -> dict[str, int]:
    """The lead each address belongs to; that of a merged lead belongs to its survivor."""
    rows = Lead.objects.filter(email_key__in=set(email_keys)).values_list("email_key", "pk", "merged_into_id")
    found: dict[str, int] = {}
    merged: dict[str, int] = {}
    for key, lead_id, merged_into in rows:
        if merged_into is None:
            found[key] = lead_id
        else:
            merged[key] = lead_id
    left = {key: lead_id for key, lead_id in merged.items() if key not in found}
    survivors = lead_survivors(left.values())
    return found | {key: survivors[lead_id] for key, lead_id in left.items()}


def lead_survivors(lead_ids: Iterable[int]) -> dict[int, int]:
    """Of each lead the one its facts are with now: itself, or the end of its chain of merges. Gone ones are left out."""
    at = {lead_id: lead_id for lead_id in lead_ids}
    parents: dict[int, int | None] = {}
    while unknown := set(at.values()) - set(parents):
        parents |= dict(Lead.objects.filter(pk__in=unknown).values_list("pk", "merged_into_id"))
        for gone in unknown - set(parents):
            parents[gone] = None
            at = {lead_id: place for lead_id, place in at.items() if place != gone}
        at = {lead_id: parents[place] or place for lead_id, place in at.items()}
    return at


def leads_lock(lead_ids: Iterable[int]) -> dict[int, Lead]:
    """Lock leads in id order for a change of their rows; their companies come along.

    NO KEY UPDATE: rows that refer to them may still be inserted. Raises MovedError where one was merged or erased meanwhile.
    """
    wanted = set(lead_ids)
    if not wanted:
        return {}
    rows = Lead.objects.select_for_update(no_key=True, of=("self",)).select_related("company")
    found = {lead.pk: lead for lead in rows.filter(pk__in=wanted).order_by("pk")}
    if len(found) < len(wanted) or any(lead.merged_into_id for lead in found.values()):
        raise MovedError
    return found


def identity_tombstones(*, feed: str, external_id: str = "", email_key: str = "") -> set[str]:
    """The digests under which an erased person of this identity would be remembered."""
    found = set()
    if external_id:
        found.add(external_tombstone(settings.TOMBSTONE_KEY, feed=feed, external_id=external_id))
    if email_key:
        found.add(email_tombstone(settings.TOMBSTONE_KEY, email_key=email_key))
    return found


def erased_among(digests: Mapping[int, set[str]]) -> set[int]:
    """The keys of those of whom a digest is a tombstone. One query."""
    wanted = {digest for each in digests.values() for digest in each}
    if not wanted:
        return set()
    erased = set(Tombstone.objects.filter(digest__in=wanted).values_list("digest", flat=True))
    return {key for key, each in digests.items() if each & erased} if erased else set()
