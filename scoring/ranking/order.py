"""The order of the list, and a place in it: the scored from high to low, then by id; after them the newest without a score."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.models import Company, Lead
from crm.visibility import leads_visible_to, sees_all_leads
from scoring.models import Score, ScoringModel
from scoring.ranking.filters import LeadFilters

_LONGEST_NUMBER = 18
# So many ids are handed to the database one by one; it reads them within tens of milliseconds.
FEW = 10_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a lead stands. No total: it has no score."""

    lead_id: int
    total: int | None

    def text(self) -> str:
        return f"{'new' if self.total is None else self.total}.{self.lead_id}"

    @classmethod
    def read(cls, total: str, lead_id: str) -> Self | None:
        """The place a cursor names; None where it names none."""
        digits = (total.removeprefix("-"), lead_id)
        if any(not (part.isascii() and part.isdecimal()) or len(part) > _LONGEST_NUMBER for part in digits[1:]):
            return None
        if total == "new":
            return cls(lead_id=int(lead_id), total=None)
        if not (digits[0].isascii() and digits[0].isdecimal()) or len(digits[0]) > _LONGEST_NUMBER:
            return None
        return cls(lead_id=int(lead_id), total=int(total))


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """From where a page goes on, and in which direction."""

    place: Place
    is_back: bool

    def text(self) -> str:
        return f"{'before' if self.is_back else 'after'}.{self.place.text()}"


def cursor_read(text: str) -> Cursor | None:
    """The cursor of an address, None of none. Raises ValueError for one that cannot be read."""
    if not text:
        return None
    match text.split("."):
        case ["after" | "before" as side, total, lead_id]:
            place = Place.read(total, lead_id)
            if place is not None:
                return Cursor(place=place, is_back=side == "before")
    raise ValueError("This address names no place of the list.")


class Order:
    """The leads that `user` may see and `filters` mean, in their order."""

    def __init__(self, *, user: User, model: ScoringModel | None, filters: LeadFilters) -> None:
        visible = leads_visible_to(user, is_list=True)
        leads = filters.narrow(visible, is_masked=not sees_personal_data(user.role))
        self.scored: QuerySet[Any] | None = None
        industries = _spellings(filters.industry) if filters.industry else None
        of_lead, of_score = dict(filters.of_both), dict(filters.of_both)
        if industries is not None:
            of_lead["company__industry__in"] = of_score["industry__in"] = industries
        self.leads = leads.filter(**of_lead)
        # A score answers alone where nothing but the score was asked for; a merged lead has none.
        is_narrow = leads is not visible or not sees_all_leads(user)
        few = _few(self.leads) if is_narrow else None
        self._has_many = is_narrow and few is None
        if few is not None:
            self.leads = Lead.objects.filter(pk__in=few)
        unscored = self.leads
        if model is not None:
            scored = Score.objects.filter(filters.of_score, model=model)
            if few is not None:
                scored = scored.filter(lead__in=few)
            else:
                scored = scored.filter(**of_score)
                scored = scored.filter(lead__in=leads.values("pk")) if is_narrow else scored
            self.scored = scored.annotate(lead_key=F("lead_id"))
            unscored = unscored.filter(~Exists(Score.objects.filter(lead=OuterRef("pk"), model=model)))
        self.unscored: QuerySet[Any] | None = None if filters.of_score else unscored.annotate(lead_key=F("pk"))

    def count(self, cap: int) -> int:
        """How many there are, counted no further than one beyond `cap`."""
        if self._has_many and self.unscored is not None and cap <= FEW:
            return cap + 1
        # Where scored or not makes no difference, neither has to be told from the other.
        rows = self.scored if self.unscored is None else self.leads
        return 0 if rows is None else rows.order_by()[: cap + 1].count()

    def after(self, place: Place | None, size: int) -> list[Place]:
        """Up to `size` places beyond one, in order; from the top without one."""
        found: list[Place] = []
        if self.scored is not None and (place is None or place.total is not None):
            part = self.scored if place is None else self.scored.filter(_beyond(place, is_back=False))
            found = _places(part.order_by("-total", "lead_key")[:size], is_scored=True)
        if self.unscored is not None and len(found) < size:
            part = self.unscored
            if place is not None and place.total is None:
                part = part.filter(lead_key__lt=place.lead_id)
            found += _places(part.order_by("-lead_key")[: size - len(found)], is_scored=False)
        return found

    def before(self, place: Place, size: int) -> list[Place]:
        """Up to `size` places in front of one, in order."""
        found: list[Place] = []
        if self.unscored is not None and place.total is None:
            part = self.unscored.filter(lead_key__gt=place.lead_id)
            found = _places(part.order_by("lead_key")[:size], is_scored=False)
        if self.scored is not None and len(found) < size:
            part = self.scored if place.total is None else self.scored.filter(_beyond(place, is_back=True))
            found += _places(part.order_by("total", "-lead_key")[: size - len(found)], is_scored=True)
        return found[::-1]

    def ids(self) -> Iterator[int]:
        """The ids of all, in order, read in pieces."""
        if self.scored is not None:
            yield from self.scored.order_by("-total", "lead_key").values_list("lead_key", flat=True).iterator()
        if self.unscored is not None:
            yield from self.unscored.order_by("-lead_key").values_list("lead_key", flat=True).iterator()


def _few(leads: QuerySet[Lead]) -> list[int] | None:
    """The ids of these leads where they are few, else None.

    Told the ids, the planner fetches their scores and sorts them. It cannot know that a condition is met by few, and
    would walk along all scores to find them; where many meet it, that walk is soon over.
    """
    found = list(leads.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(found) <= FEW else None


def _spellings(industry: str) -> list[str]:
    """How companies write this industry: told the very texts, the planner knows how many have them."""
    companies = Company.objects.filter(industry__iexact=industry)
    return list(companies.order_by().values_list("industry", flat=True).distinct()) or [industry]


def _beyond(place: Place, *, is_back: bool) -> Q:
    """What comes after (or before). The first condition alone lets the index find it, the second is exact."""
    total, lead_id = place.total, place.lead_id
    if is_back:
        return Q(total__gte=total) & (Q(total__gt=total) | Q(lead_key__lt=lead_id))
    return Q(total__lte=total) & (Q(total__lt=total) | Q(lead_key__gt=lead_id))


def _places(rows: QuerySet[Any], *, is_scored: bool) -> list[Place]:
    if is_scored:
        return [Place(lead_id=lead_id, total=total) for total, lead_id in rows.values_list("total", "lead_key")]
    return [Place(lead_id=lead_id, total=None) for lead_id in rows.values_list("lead_key", flat=True)]
