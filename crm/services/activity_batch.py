"""A batch of activities on its way into the table.

The order matters. What is known of erased people and of messages sent before is told first, so that neither makes a lead;
then the people are found or made; then their leads are pinned, so that a merge or an erasure waits for us or we for it;
then the rows go in, and what the unique index kept out is told apart by its hash; then one Work row for each lead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.bots import ADDRESS_KINDS, bot_reason
from crm.errors import ErasedError, UnknownLeadError
from crm.identity import lead_tombstone
from crm.ingestion.events import ActivityItem
from crm.ingestion.insert import ActivityRow, insert_activities, leads_pin
from crm.ingestion.lead_values import LeadValues
from crm.models import Activity, Cause, Quarantine
from crm.services.lead_batch import Draft, LeadBatch
from crm.services.lookup import (
    erased_among,
    identity_tombstones,
    lead_ids_by_email,
    lead_ids_by_external_id,
    lead_survivors,
    visitor_feed,
)
from crm.services.machines import machines_mark
from crm.services.results import ItemResult
from crm.services.retrying import MovedError, retried
from crm.services.visitors import visitors_identify, visitors_known
from crm.services.work import work_add


@dataclass(kw_only=True)
class Arrival:
    """One activity that could be read, and what became of it; an empty status is undecided."""

    index: int
    item: ActivityItem
    lead_id: int | None = None
    status: str = ""
    code: str = ""
    detail: str = ""
    pointer: str = ""

    def settle(self, status: str, *, code: str = "", detail: str = "", pointer: str = "") -> None:
        self.status, self.code, self.detail, self.pointer = status, code, detail, pointer

    def conflict(self) -> None:
        detail = _("This message id was sent before with other content. The first stands.")
        self.settle("quarantined", code="message_id_conflict", detail=detail, pointer="/message_id")

    def result(self) -> ItemResult:
        return ItemResult(
            index=self.index,
            status=self.status,
            message_id=self.item.message_id,
            lead_id=self.lead_id if self.status == "accepted" else None,
            code=self.code,
            pointer=self.pointer,
            detail=self.detail,
        )


class ActivityBatch:
    """`save()` stores the arrivals of one feed and settles each."""

    def __init__(
        self,
        *,
        feed: str,
        arrivals: Sequence[Arrival],
        changed_by: str,
        now: datetime,
        received_at: datetime,
        import_id: int | None = None,
    ) -> None:
        self.feed = feed
        self.arrivals = arrivals
        self.changed_by = changed_by
        self.now = now
        self.received_at = received_at
        self.import_id = import_id

    def save(self) -> None:
        """In a savepoint of the caller's transaction; every retry starts from what is stored by then."""
        retried(self._attempt)

    def _attempt(self) -> None:
        for arrival in self.arrivals:
            arrival.lead_id = None
            arrival.settle("")
        self._refuse_erased()
        repeats = self._repeats_within()
        self._tell_known(self._open())
        self._doubt_times()
        self._find_people()
        self._pin()
        self._insert()
        self._keep_quarantined()
        for arrival, first in repeats:
            arrival.settle("duplicate" if first.status == "accepted" else first.status, code=first.code)

    def _open(self) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if not arrival.status]

    def _refuse_erased(self) -> None:
        error = ErasedError()
        for index in erased_among({index: self._tombstones(each.item) for index, each in enumerate(self.arrivals)}):
            self.arrivals[index].settle("rejected", code=error.code, detail=error.detail, pointer="/lead")

    def _tombstones(self, item: ActivityItem) -> set[str]:
        found = identity_tombstones(feed=visitor_feed(self.feed), external_id=item.visitor)
        if item.lead is None:
            return found
        if item.lead.id is not None:
            found.add(lead_tombstone(settings.TOMBSTONE_KEY, lead_id=item.lead.id))
        email_key = item.lead.email.key if item.lead.email else ""
        return found | identity_tombstones(feed=self.feed, external_id=item.lead.external_id, email_key=email_key)

    def _repeats_within(self) -> list[tuple[Arrival, Arrival]]:
        """Of one message id in the batch the first stands; the same again ends as the first did."""
        first: dict[str, Arrival] = {}
        repeats = []
        for arrival in self._open():
            known = first.setdefault(arrival.item.message_id, arrival)
            if known is arrival:
                continue
            if known.item.sent_hash == arrival.item.sent_hash:
                arrival.settle("repeat")
                repeats.append((arrival, known))
            else:
                arrival.conflict()
        return repeats

    def _tell_known(self, arrivals: Iterable[Arrival]) -> None:
        by_id = {arrival.item.message_id: arrival for arrival in arrivals}
        rows = Activity.objects.filter(feed=self.feed, message_id__in=by_id)
        for message_id, sent_hash in rows.values_list("message_id", "sent_hash"):
            if by_id[message_id].item.sent_hash == sent_hash:
                by_id[message_id].settle("duplicate")
            else:
                by_id[message_id].conflict()

    def _doubt_times(self) -> None:
        for arrival in self._open():
            if not arrival.item.is_plausible(self.now):
                detail = _("The time lies before 2000 or more than 24 hours ahead.")
                arrival.settle("quarantined", code="implausible_time", detail=detail, pointer="/occurred_at")

    def _find_people(self) -> None:
        """Set the lead of each; who is unknown becomes a lead, but not for the sake of a quarantined item."""
        found = self._people()
        missing = {
            key: _identity(arrival.item)
            for arrival in self._open()
            if (key := _key(arrival.item)) and key not in found and key[0] != "id"
        }
        drafts = {key: Draft(values=values) for key, values in missing.items()}
        if drafts:
            LeadBatch(
                feed=self.feed,
                drafts=list(drafts.values()),
                changed_by=self.changed_by,
                at=self.now,
                import_id=self.import_id,
            ).save()
        # One erased between our look and theirs: the next attempt sees the tombstone.
        if any(draft.lead is None for draft in drafts.values()):
            raise MovedError
        found |= {key: draft.lead.pk for key, draft in drafts.items() if draft.lead}
        self.created = {draft.lead.pk for draft in drafts.values() if draft.lead}
        unknown = UnknownLeadError()
        for arrival in self.arrivals:
            key = _key(arrival.item)
            arrival.lead_id = found.get(key) if key else self.visitors.get(arrival.item.visitor)
            if key and arrival.lead_id is None and not arrival.status:
                arrival.settle("rejected", code=unknown.code, detail=unknown.detail, pointer="/lead/id")

    def _people(self) -> dict[tuple[str, str], int]:
        items = [arrival.item for arrival in self.arrivals if arrival.status != "rejected"]
        refs = [item.lead for item in items if item.lead]
        by_id = lead_survivors(ref.id for ref in refs if ref.id is not None)
        by_external = lead_ids_by_external_id(
            feed=self.feed, external_ids=[ref.external_id for ref in refs if ref.external_id]
        )
        by_email = lead_ids_by_email([ref.email.key for ref in refs if ref.email])
        self.visitors = visitors_known(
            feed=self.feed,
            anonymous=[item.visitor for item in items if item.visitor and not item.lead],
            identified=[item.visitor for item in items if item.visitor and item.lead],
        )
        return {
            **{("id", str(lead_id)): survivor for lead_id, survivor in by_id.items()},
            **{("external_id", text): lead_id for text, lead_id in by_external.items()},
            **{("email", key): lead_id for key, lead_id in by_email.items()},
        }

    def _pin(self) -> None:
        wanted = {arrival.lead_id for arrival in self.arrivals if arrival.lead_id is not None}
        pinned = leads_pin(wanted)
        if len(pinned) < len(wanted) or any(merged_into is not None for merged_into in pinned.values()):
            raise MovedError

    def _insert(self) -> None:
        rows = [self._row(arrival) for arrival in self._open()]
        inserted = insert_activities(rows)
        kept_out = []
        for arrival in self._open():
            if arrival.item.message_id in inserted:
                arrival.settle("accepted")
            else:
                kept_out.append(arrival)
        self._tell_known(kept_out)
        # Kept out by a row that is gone by now: its person was erased meanwhile.
        if self._open():
            raise MovedError
        accepted = [arrival for arrival in self.arrivals if arrival.status == "accepted"]
        gained = visitors_identify(
            feed=self.feed,
            lead_of={a.item.visitor: a.lead_id for a in accepted if a.item.visitor and a.item.lead and a.lead_id},
            known=self.visitors,
            at=self.now,
            changed_by=self.changed_by,
            import_id=self.import_id,
        )
        self._mark_machines(accepted, set(inserted.values()), gained)
        touched = {arrival.lead_id for arrival in accepted if arrival.lead_id is not None}
        work_add(lead_ids=touched - self.created - gained, cause=Cause.ACTIVITY, import_id=self.import_id)

    def _mark_machines(self, accepted: Sequence[Arrival], inserted: set[int], gained: set[int]) -> None:
        """What came in, and what a visitor had done before they were known, may make a burst with what is stored."""
        if not gained and not any(arrival.item.kind in ADDRESS_KINDS for arrival in accepted):
            return
        visitors = {arrival.item.visitor for arrival in accepted if arrival.lead_id in gained and arrival.item.visitor}
        among = Q(pk__in=inserted) | Q(lead__in=gained, feed=self.feed, visitor__in=visitors)
        machines_mark(among=among, just_in=inserted)

    def _row(self, arrival: Arrival) -> ActivityRow:
        item = arrival.item
        return ActivityRow(
            feed=self.feed,
            message_id=item.message_id,
            lead_id=arrival.lead_id,
            visitor=item.visitor,
            kind=item.kind,
            occurred_at=item.occurred_at,
            received_at=self.received_at,
            url=item.url,
            subject=item.subject,
            value=item.value,
            source=item.source,
            properties=item.properties,
            bot_reason=bot_reason(item.properties, kind=item.kind, occurred_at=item.occurred_at),
            sent_hash=item.sent_hash,
            imported_by_id=self.import_id,
        )

    def _keep_quarantined(self) -> None:
        Quarantine.objects.bulk_create(
            [
                Quarantine(
                    feed=self.feed,
                    kind="activity",
                    lead_id=arrival.lead_id,
                    message_id=arrival.item.message_id,
                    payload=arrival.item.payload,
                    sent_hash=arrival.item.sent_hash,
                    code=arrival.code,
                    detail=arrival.detail,
                )
                for arrival in self.arrivals
                if arrival.status == "quarantined"
            ],
            ignore_conflicts=True,
        )


def _key(item: ActivityItem) -> tuple[str, str] | None:
    """By what the lead of an item is found."""
    ref = item.lead
    if ref is None:
        return None
    if ref.id is not None:
        return ("id", str(ref.id))
    return ("email", ref.email.key) if ref.email else ("external_id", ref.external_id)


def _identity(item: ActivityItem) -> LeadValues:
    """The lead that an activity of an unknown person makes: nothing but the identity it named."""
    ref = item.lead
    return LeadValues(external_id=ref.external_id, email=ref.email) if ref else LeadValues()
