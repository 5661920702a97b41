"""What is known, handed to the floors above: facts in the raw shape of the scoring contract, as of a day, as known then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from django.db.models import Count, Max, Q

from crm.kinds import known_kind_keys
from crm.models import Activity, ActivityKind, Company, FactChange, Lead
from crm.services.history import company_facts, lead_facts

# Counting them all reads the whole table, and a sender may make up a kind a message.
UNMAPPED_AMONG = 1_000_000
UNMAPPED_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class LeadFacts:
    """What is known of one lead. `facts` lacks `lead.created_days`, which depends on the model's time zone."""

    lead_id: int
    created_at: datetime
    owner_id: int | None
    facts: dict[str, object] = field(repr=False)


def engine_kinds() -> frozenset[str]:
    """The kinds of activity this installation hands to the engine."""
    return known_kind_keys() | frozenset(ActivityKind.objects.values_list("key", flat=True))


def unmapped_kinds() -> dict[str, int]:
    """Kinds that were sent and are worth nothing because nobody made them known, with how many activities each.

    Counted among the newest million and named at most a hundred, the most frequent first.
    """
    newest = Activity.objects.aggregate(newest=Max("pk"))["newest"] or 0
    lately = Activity.objects.filter(pk__gt=newest - UNMAPPED_AMONG)
    rows = lately.exclude(kind__in=engine_kinds()).values("kind").annotate(found=Count("pk"))
    return {row["kind"]: row["found"] for row in rows.order_by("-found", "kind")[:UNMAPPED_SHOWN]}


def facts_for_leads(
    lead_ids: Iterable[int],
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    zone: tzinfo = UTC,
) -> dict[int, LeadFacts]:
    """The facts of each lead, in a number of queries that does not depend on how many there are.

    `as_of` takes fields as they were at the end of that day in `zone`, by what is known now; `known_at` leaves out what we
    learned later: changes, marks, merges, activities. Both together ask what we knew then of that day. Merged leads (by
    then) are absent, and so is who was no lead yet at `known_at`. The engine itself leaves out activities after its day.
    """
    wanted = sorted(set(lead_ids))
    past = _Past(as_of=as_of, known_at=known_at, zone=zone)
    leads = list(Lead.objects.filter(pk__in=wanted).order_by("pk"))
    lead_history = past.changes(FactChange.Subject.LEAD, [lead.pk for lead in leads])
    of_lead = {lead.pk: past.of(lead_facts(lead), lead_history[lead.pk]) for lead in leads}
    leads = [lead for lead in leads if not past.is_absent(lead, of_lead[lead.pk])]

    company_of = {lead_id: id_ for lead_id, facts in of_lead.items() if isinstance(id_ := facts.get("company"), int)}
    companies = list(Company.objects.filter(pk__in=set(company_of.values())))
    company_history = past.changes(FactChange.Subject.COMPANY, [company.pk for company in companies])
    of_company = {
        # Whose it is and below whom it stands has a history, and is nothing that a score may rest on.
        company.pk: _nested(past.of(company_facts(company), company_history[company.pk]), without=("owner", "parent"))
        for company in companies
    }
    activities = _activities([lead.pk for lead in leads], past)
    return {
        lead.pk: LeadFacts(
            lead_id=lead.pk,
            created_at=lead.created_at,
            owner_id=lead.owner_id,
            facts={
                "lead": _nested(of_lead[lead.pk], without=("company", "owner", "merged_into")),
                "company": of_company.get(company_of.get(lead.pk, 0)),
                "activities": activities[lead.pk],
            },
        )
        for lead in leads
    }


@dataclass(frozen=True, kw_only=True)
class _Past:
    """The moment that is asked about; without one, nothing is looked up and everything is as it is now."""

    as_of: date | None
    known_at: datetime | None
    zone: tzinfo

    @property
    def is_now(self) -> bool:
        return self.as_of is None and self.known_at is None

    @property
    def _valid_before(self) -> datetime | None:
        """The midnight that ends the day, in UTC."""
        if self.as_of is None or self.as_of == date.max:
            return None
        return datetime.combine(self.as_of + timedelta(days=1), time(), self.zone).astimezone(UTC)

    def changes(self, subject: FactChange.Subject, ids: Collection[int]) -> dict[int, list[FactChange]]:
        """Every change of these subjects in the order they were recorded."""
        found: dict[int, list[FactChange]] = defaultdict(list)
        if not self.is_now:
            rows = FactChange.objects.filter(subject_type=subject, subject_id__in=ids).order_by("id")
            for row in rows:
                found[row.subject_id].append(row)
        return found

    def is_seen(self, change: FactChange) -> bool:
        before = self._valid_before
        is_known = self.known_at is None or change.recorded_at <= self.known_at
        return is_known and (before is None or change.valid_at < before)

    def of(self, facts: Mapping[str, object], history: Iterable[FactChange]) -> dict[str, object]:
        """Facts as they were: per field the newest change that is seen, else what stood before the first of all."""
        was = dict(facts)
        by_field: dict[str, list[FactChange]] = defaultdict(list)
        for change in history:
            by_field[change.field].append(change)
        for name, changes in by_field.items():
            seen = [change for change in changes if self.is_seen(change)]
            newest = max(seen, key=lambda change: (change.valid_at, change.pk), default=None)
            was[name] = newest.after if newest else changes[0].before
        return was

    def is_absent(self, lead: Lead, facts: Mapping[str, object]) -> bool:
        if self.known_at is None:
            # Of a past day we know now who was one person: a merge counts whenever it was made.
            return lead.merged_into_id is not None
        return facts.get("merged_into") is not None or lead.created_at > self.known_at


def _activities(lead_ids: list[int], past: _Past) -> dict[int, list[dict[str, object]]]:
    by_lead: dict[int, list[dict[str, object]]] = {lead_id: [] for lead_id in lead_ids}
    mine = Q(lead__in=lead_ids)
    if past.known_at is not None:
        mine |= Q(pk__in=_moved_since(lead_ids, past.known_at))
    rows = Activity.objects.filter(mine, kind__in=engine_kinds()).order_by(
        "lead_id", "-occurred_at", "feed", "message_id"
    )
    if past.known_at is not None:
        rows = rows.filter(received_at__lte=past.known_at)
    activities = list(rows)
    history: Mapping[int, list[FactChange]] = {}
    if past.known_at is not None:
        history = past.changes(FactChange.Subject.ACTIVITY, [activity.pk for activity in activities])
    for activity in activities:
        now = {
            "lead": activity.lead_id,
            "is_bot": activity.is_bot,
            "withdrawn": activity.withdrawn_at is not None,
        }
        was = past.of(now, history.get(activity.pk, ()))
        if isinstance(then := was["lead"], int) and then in by_lead:
            by_lead[then].append(_activity_fact(activity, is_bot=was["is_bot"], withdrawn=was["withdrawn"]))
    return by_lead


def _moved_since(lead_ids: list[int], known_at: datetime) -> list[int]:
    """Activities that were these leads' at that time and have moved since."""
    rows = FactChange.objects.filter(
        subject_type=FactChange.Subject.ACTIVITY, field="lead", recorded_at__gt=known_at, before__in=lead_ids
    )
    return list(rows.values_list("subject_id", flat=True))


def _activity_fact(activity: Activity, *, is_bot: object, withdrawn: object) -> dict[str, object]:
    fact: dict[str, object] = {
        "id": f"{activity.feed}:{activity.message_id}",
        "kind": activity.kind,
        "occurred_at": activity.occurred_at.isoformat(),
        "is_bot": is_bot,
        "withdrawn": withdrawn,
    }
    fact |= {name: text for name in ("url", "subject", "source") if (text := getattr(activity, name))}
    if activity.value is not None:
        fact["value"] = _number(activity.value)
    if activity.properties:
        fact["properties"] = activity.properties
    return fact


def _number(value: Decimal) -> int | Decimal:
    """A whole number as one, since the column pads with zeros."""
    return int(value) if value == value.to_integral_value() else value.normalize()


def _nested(flat: Mapping[str, object], *, without: Collection[str] = ()) -> dict[str, object]:
    """`attributes.plan` as `{"attributes": {"plan": …}}`; what is unknown is left out."""
    nested: dict[str, object] = {}
    groups: dict[str, dict[str, object]] = {}
    for name, value in _known(flat, without):
        group, dot, key = name.partition(".")
        if dot:
            groups.setdefault(group, {})[key] = value
        else:
            nested[name] = value
    return nested | groups


def _known(flat: Mapping[str, object], without: Collection[str]) -> Iterator[tuple[str, object]]:
    return ((name, value) for name, value in flat.items() if value is not None and name not in without)
