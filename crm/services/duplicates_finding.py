"""Looking for who may be one person, among all leads or for some of them.

A look at all goes by chunks in three steps: keys of all leads, pairs that share one, pairs that hold no more. Its row says
how far it is; each chunk and the place after it are stored in one transaction, so who takes it up goes on there.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import Count, Max, Q
from django.db.models.functions import Length
from django.utils import timezone

from crm.identity import Person, likeness, likeness_keys
from crm.identity.likeness import ID_LENGTH, PHONE_SHARED_BY, SUGGESTED_FROM
from crm.ingestion.insert import leads_pin
from crm.ingestion.likeness_keys import Suggestion, keys_write, pairs_sharing, suggestions_write
from crm.models import DuplicateSweep, ExternalId, Lead, PossibleDuplicate
from crm.services.duplicates import REPORTED
from crm.services.lookup import lead_survivors
from crm.services.retrying import retried

CHUNK: Final = 1_000
EVERY: Final = timedelta(hours=24)
# Longer than any chunk takes: after it whoever was at it is held for gone.
SILENCE: Final = timedelta(minutes=2)
# Longer than any transaction that changes leads is under way.
UNDER_WAY: Final = timedelta(hours=1)
_STEPS: Final = tuple(DuplicateSweep.Step)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """How many pairs are suggested for the first time, and how many are suggested no more."""

    found: int
    closed: int


def duplicates_find(*, lead_ids: Collection[int] | None = None) -> Sweep:
    """Suggest the pairs that look like one person, among all leads or with at least one of these, and close what holds no more.

    Of some leads it costs what they and those changed since the last look at all cost. A pair that somebody told apart is
    not suggested again.
    """
    if lead_ids is not None:
        return _find_of(sorted(set(lead_ids)))
    sweep = DuplicateSweep.objects.create(begun_at=timezone.now(), heartbeat_at=timezone.now())
    while _chunk(sweep):
        pass
    return Sweep(found=sweep.found, closed=sweep.closed)


def duplicates_look(*, seconds: float | None = None) -> int:
    """Do what is asked for, or due once a day, until it is done or the time is up: how many chunks.

    What a look that was cut short has stored stays, and whoever comes next goes on after it.
    """
    until = None if seconds is None else monotonic() + seconds
    chunks = 0
    _ask_if_due()
    while (sweep := _claim()) is not None:
        while _chunk(sweep):
            chunks += 1
            if until is not None and monotonic() >= until:
                DuplicateSweep.objects.filter(pk=sweep.pk, heartbeat_at=sweep.heartbeat_at).update(heartbeat_at=None)
                return chunks
    return chunks


def _ask_if_due() -> None:
    last = DuplicateSweep.objects.order_by("-pk").first()
    if last is None or (last.finished_at is not None and last.asked_at < timezone.now() - EVERY):
        DuplicateSweep.objects.bulk_create([DuplicateSweep()], ignore_conflicts=True)


@transaction.atomic
def _claim() -> DuplicateSweep | None:
    """The oldest that waits, or that was left alone; none while somebody is at one: two at once find nothing more."""
    now = timezone.now()
    open_ones = DuplicateSweep.objects.filter(finished_at=None)
    if open_ones.filter(heartbeat_at__gte=now - SILENCE).exists():
        return None
    sweep = open_ones.select_for_update(skip_locked=True, no_key=True).order_by("pk").first()
    if sweep is not None:
        sweep.begun_at, sweep.heartbeat_at = sweep.begun_at or now, now
        sweep.save(update_fields=["begun_at", "heartbeat_at"])
    return sweep


def _chunk(sweep: DuplicateSweep) -> bool:
    """The next chunk, and the place after it, in one transaction: whether there is more, and we are still at it."""
    place = (sweep.step, sweep.after, sweep.found, sweep.closed, sweep.heartbeat_at)

    def attempt() -> bool:
        sweep.step, sweep.after, sweep.found, sweep.closed, sign = place
        is_left = _advance(sweep)
        sweep.heartbeat_at = timezone.now()
        sweep.finished_at = None if is_left else sweep.heartbeat_at
        ours = DuplicateSweep.objects.filter(pk=sweep.pk, heartbeat_at=sign, finished_at=None)
        changed = {name: getattr(sweep, name) for name in _PROGRESS}
        if not ours.update(**changed):
            # Somebody held us for gone; what we did of this chunk is theirs to do.
            transaction.set_rollback(True)
            return False
        return is_left

    return retried(attempt)


_PROGRESS: Final = ("step", "after", "found", "closed", "heartbeat_at", "finished_at")


def _advance(sweep: DuplicateSweep) -> bool:
    if sweep.step == DuplicateSweep.Step.CLOSING:
        pairs = list(PossibleDuplicate.objects.filter(settled_at=None, pk__gt=sweep.after).order_by("pk")[:CHUNK])
        sweep.closed += _close_some(pairs) if pairs else 0
        last = pairs[-1].pk if pairs else None
    else:
        leads = list(Lead.objects.filter(pk__gt=sweep.after).order_by("pk")[:CHUNK])
        if sweep.step == DuplicateSweep.Step.KEYS:
            _keys_of(leads)
        else:
            sweep.found += _suggest(pairs_sharing((lead.pk for lead in leads), with_later=False))
        last = leads[-1].pk if leads else None
    if last is not None:
        sweep.after = last
        return True
    place = _STEPS.index(DuplicateSweep.Step(sweep.step)) + 1
    if place == len(_STEPS):
        return False
    sweep.step, sweep.after = _STEPS[place], 0
    return True


def _find_of(lead_ids: list[int]) -> Sweep:
    known = DuplicateSweep.objects.exclude(step=DuplicateSweep.Step.KEYS).aggregate(at=Max("begun_at"))["at"]
    changed = Lead.objects.filter(updated_at__gte=known - UNDER_WAY) if known else Lead.objects.all()
    _chunks(changed.values_list("pk", flat=True), _keys_again)
    _chunks(lead_ids, _keys_again)
    found = _chunks(lead_ids, lambda ids: _suggest(pairs_sharing(ids, with_later=True)))
    pairs = PossibleDuplicate.objects.filter(Q(first__in=lead_ids) | Q(second__in=lead_ids), settled_at=None)
    closed = _chunks(
        pairs.values_list("pk", flat=True), lambda ids: _close_some(PossibleDuplicate.objects.filter(pk__in=ids))
    )
    return Sweep(found=found, closed=closed)


def _chunks(ids: Iterable[int], work: Callable[[list[int]], int]) -> int:
    every = sorted(ids)
    return sum(retried(partial(work, every[start : start + CHUNK])) for start in range(0, len(every), CHUNK))


def _keys_again(lead_ids: list[int]) -> int:
    _keys_of(list(Lead.objects.filter(pk__in=lead_ids)))
    return len(lead_ids)


def _keys_of(leads: Collection[Lead]) -> None:
    """A merged lead has none: its survivor stands for it."""
    # Against an erasure between our look and our insert, whose lead the foreign key would miss.
    there = leads_pin(lead.pk for lead in leads)
    keys: dict[int, set[str]] = {lead_id: set() for lead_id in there}
    persons = _persons(lead for lead in leads if lead.pk in there and there[lead.pk] is None)
    keys_write(keys | {person.id: likeness_keys(person) for person in persons})


def _persons(leads: Iterable[Lead]) -> list[Person]:
    """What of the leads is compared, in two queries."""
    leads = list(leads)
    ids: dict[int, set[tuple[str, str]]] = {}
    rows = ExternalId.objects.annotate(length=Length("external_id")).filter(lead__in=leads, length__gte=ID_LENGTH)
    for lead_id, feed, external_id in rows.values_list("lead_id", "feed", "external_id"):
        ids.setdefault(lead_id, set()).add((feed, external_id))
    # Blank ones are left out in so many words: a long list alone would not use the index of the others.
    numbers = Lead.objects.exclude(phone_key="").filter(
        phone_key__in={each.phone_key for each in leads}, merged_into=None
    )
    shared = numbers.values("phone_key").annotate(leads=Count("pk")).filter(leads__gt=PHONE_SHARED_BY)
    switchboards = set(shared.values_list("phone_key", flat=True))
    return [
        Person(
            id=lead.pk,
            email_key=lead.email_key,
            email_kind=lead.email_kind,
            phone_key=lead.phone_key,
            is_phone_shared=lead.phone_key in switchboards,
            first_name=lead.first_name,
            last_name=lead.last_name,
            is_suspect=bool(lead.is_suspect),
            title=lead.title,
            city=lead.city,
            country=lead.country,
            company_id=lead.company_id,
            external_ids=frozenset(ids.get(lead.pk, ())),
        )
        for lead in leads
    ]


def _known(pairs: Iterable[tuple[int, int]]) -> dict[int, Person]:
    wanted = {lead_id for pair in pairs for lead_id in pair}
    return {person.id: person for person in _persons(Lead.objects.filter(pk__in=wanted, merged_into=None))}


def _suggest(pairs: Collection[tuple[int, int]]) -> int:
    known = _known(pairs)
    # Who is erased before we write is asked for again: the foreign key says so.
    suggestions = [
        Suggestion(first_id=first, second_id=second, reason=how.reason, evidence=how.evidence, likeness=how.percent)
        for first, second in pairs
        if first in known and second in known
        and (how := likeness(known[first], known[second])) and how.percent >= SUGGESTED_FROM
    ]  # fmt: skip
    return suggestions_write(suggestions, reported=REPORTED)


def _close_some(pairs: Collection[PossibleDuplicate]) -> int:
    known = _known((pair.first_id, pair.second_id) for pair in pairs)
    gone, moved = [], []
    for pair in pairs:
        one, other = known.get(pair.first_id), known.get(pair.second_id)
        if one is None or other is None:
            gone.append(pair.pk)
            moved += [pair] if pair.reason in REPORTED else []
        elif pair.reason not in REPORTED:
            how = likeness(one, other)
            if how is None or how.percent < SUGGESTED_FROM:
                gone.append(pair.pk)
    places = lead_survivors({lead_id for pair in moved for lead_id in (pair.first_id, pair.second_id)})
    again = [
        PossibleDuplicate(first_id=min(ends), second_id=max(ends), reason=pair.reason)
        for pair in moved
        if len(ends := {places.get(pair.first_id, 0), places.get(pair.second_id, 0)} - {0}) > 1
    ]
    PossibleDuplicate.objects.bulk_create(again, ignore_conflicts=True)
    PossibleDuplicate.objects.filter(pk__in=gone, settled_at=None).delete()
    return len(gone)
