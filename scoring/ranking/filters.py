"""What the list of leads can be narrowed by: read from a form, turned into conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import IExact
from django.utils import timezone

from crm.models import Activity, Lead
from crm.search import leads_found
from crm.services.activities import OWN_FEED

# Employees from and to, both included; None is open. The bands that company registers use.
SIZES: Mapping[str, tuple[int, int | None]] = {
    "1-10": (1, 10),
    "11-50": (11, 50),
    "51-200": (51, 200),
    "201-1000": (201, 1_000),
    "1001-5000": (1_001, 5_000),
    "5001-": (5_001, None),
}


Condition = Q | Exists | IExact


@dataclass(frozen=True, kw_only=True)
class AttributeIs:
    """A custom attribute of the lead or its company has this value; a list has it among its members."""

    is_company: bool
    key: str
    value: object
    is_member: bool = False


@dataclass(frozen=True, kw_only=True)
class LeadFilters:
    """Everything asked for; what is empty or None narrows nothing.

    `rating`: a grade or a whole rating. `consent`: "yes", "no" or "unknown". `is_unowned` goes before `owner`.
    `silent_days`: nothing the lead did is younger; leads that never did anything are silent too.
    """

    search: str = ""
    stage: str = ""
    rating: str = ""
    country: str = ""
    owner: int | None = None
    is_unowned: bool = False
    source: str = ""
    seniority: str = ""
    industry: str = ""
    size: str = ""
    has_email: bool | None = None
    has_phone: bool | None = None
    consent: str = ""
    created_since: datetime | None = None
    active_since: datetime | None = None
    silent_days: int | None = None
    is_disqualified: bool | None = None
    is_fast_tracked: bool | None = None
    imported_by: int | None = None
    attributes: tuple[AttributeIs, ...] = ()

    @property
    def of_score(self) -> Q:
        """What only a score answers: who has none is not meant."""
        found = Q()
        if self.stage:
            found &= Q(stage=self.stage)
        if self.rating:
            # By its letter, because the index does; the digit is asked for beside it.
            found &= Q(grade=self.rating[0])
        if len(self.rating) > 1:
            found &= Q(rating=self.rating)
        if self.is_disqualified is not None:
            found &= Q(is_disqualified=self.is_disqualified)
        if self.is_fast_tracked is not None:
            found &= Q(is_fast_tracked=self.is_fast_tracked)
        return found

    @property
    def of_both(self) -> Mapping[str, Any]:
        """What a score carries as well as its lead, but for the industry, which people write in several ways."""
        found: dict[str, Any] = {}
        if self.country:
            found["country"] = self.country
        if self.is_unowned:
            found["owner"] = None
        elif self.owner is not None:
            found["owner"] = self.owner
        return found

    def narrow(self, leads: QuerySet[Lead], *, is_masked: bool) -> QuerySet[Lead]:
        """Of `leads` those that meet what only the lead answers; the same object where nothing is asked."""
        if self.search:
            leads = leads_found(leads, self.search, is_masked=is_masked)
        for condition in self._of_lead():
            leads = leads.filter(condition)
        return leads

    def _of_lead(self) -> list[Condition]:
        return [*self._equal(), *self._known(), *self._of_time(), *(_attribute(one) for one in self.attributes)]

    def _equal(self) -> list[Condition]:
        found: list[Condition] = []
        if self.source:
            found.append(Q(source__iexact=self.source))
        if self.seniority:
            found.append(Q(seniority=self.seniority))
        if self.imported_by is not None:
            found.append(Q(imported_by=self.imported_by))
        if self.size:
            low, high = SIZES[self.size]
            found.append(Q(company__employees__gte=low))
            if high is not None:
                found.append(Q(company__employees__lte=high))
        return found

    def _known(self) -> list[Condition]:
        found: list[Condition] = []
        for field, is_known in (("email", self.has_email), ("phone", self.has_phone)):
            if is_known is not None:
                found.append(~Q(**{field: ""}) if is_known else Q(**{field: ""}))
        if self.consent:
            found.append(Q(consent={"yes": True, "no": False, "unknown": None}[self.consent]))
        return found

    def _of_time(self) -> list[Condition]:
        found: list[Condition] = []
        if self.created_since:
            found.append(Q(created_at__gte=self.created_since))
        if self.active_since:
            found.append(Exists(activities_of_leads().filter(occurred_at__gte=self.active_since)))
        if self.silent_days is not None:
            since = timezone.now() - timedelta(days=self.silent_days)
            found.append(~Q(Exists(activities_of_leads().filter(occurred_at__gte=since))))
        return found


def activities_of_leads() -> QuerySet[Activity]:
    """What the lead of the outer query did: what we record ourselves, a rejection say, is nothing the lead did."""
    return Activity.objects.filter(lead=OuterRef("pk"), is_bot=False, withdrawn_at=None).exclude(feed=OWN_FEED)


def _attribute(asked: AttributeIs) -> Q | IExact:
    field = "company__attributes" if asked.is_company else "attributes"
    if asked.is_member:
        return Q(**{f"{field}__contains": {asked.key: [asked.value]}})
    if isinstance(asked.value, str):
        # By an expression, as a key may be called like a lookup; people do not remember how it was written.
        return IExact(KeyTextTransform(asked.key, field), asked.value)
    return Q(**{f"{field}__contains": {asked.key: asked.value}})
