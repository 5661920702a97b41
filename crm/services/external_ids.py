"""Further ids by which other feeds know leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.models import ExternalId, PossibleDuplicate


@dataclass(frozen=True, kw_only=True)
class OtherId:
    lead_id: int
    feed: str
    external_id: str


def external_ids_add(*, ids: Sequence[OtherId], import_id: int | None = None) -> None:
    """Add ids; one that is another lead's stays there, and the pair waits as a possible duplicate."""
    ordered = sorted(ids, key=lambda each: (each.feed, each.external_id))
    ExternalId.objects.bulk_create(
        [
            ExternalId(lead_id=each.lead_id, feed=each.feed, external_id=each.external_id, imported_by_id=import_id)
            for each in ordered
        ],
        ignore_conflicts=True,
    )
    known = {
        (row.feed, row.external_id): row.lead_id
        for row in ExternalId.objects.filter(
            feed__in={each.feed for each in ids}, external_id__in={each.external_id for each in ids}
        )
    }
    pairs = {
        (min(each.lead_id, other), max(each.lead_id, other))
        for each in ids
        if (other := known[each.feed, each.external_id]) != each.lead_id
    }
    PossibleDuplicate.objects.bulk_create(
        [PossibleDuplicate(first_id=low, second_id=high, reason="external_id") for low, high in sorted(pairs)],
        ignore_conflicts=True,
    )
