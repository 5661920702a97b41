"""The list of leads: best first under one model, by keyset, with what a page shows in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.models import Activity, Lead
from crm.services.activities import OWN_FEED
from crm.visibility import leads_visible_to, sees_all_leads
from scoring.models import Score, ScoringModel

PAGE_SIZE = 50
# Counted no further: a count of a million rows is slower than the page it stands on.
COUNT_CAP = 10_000
# Below every total: where a lead without a score stands.
UNSCORED = -(10**12)


@dataclass(frozen=True, kw_only=True)
class RankedLead:
    """One row of the list; no score where the model does not apply to the lead."""

    lead: Lead
    score: Score | None
    last_activity_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RankedPage:
    """One page. Cursors are opaque texts, empty where there is no more; `count` stops at COUNT_CAP + 1."""

    rows: Sequence[RankedLead]
    count: int
    next_cursor: str
    previous_cursor: str


def leads_ranked(
    *, user: User, model: ScoringModel | None, filters: Mapping[str, Any], cursor: str = "", size: int = PAGE_SIZE
) -> RankedPage:
    """The leads `user` may see, by total from high to low, then by id.

    `filters`: search, stage, rating (a grade or a whole rating), country, owner (id); each may be missing or empty.
    A cursor that cannot be read starts from the top.
    """
    keys = _keys(user, model, filters)
    is_back, position = _read_cursor(cursor)
    order = ("total", "-lead_key") if is_back else ("-total", "lead_key")
    reached = keys if position is None else keys.filter(_beyond(*position, is_back=is_back))
    found = list(reached.order_by(*order).values_list("total", "lead_key")[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if is_back:
        found.reverse()
    has_next, has_previous = (True, has_more) if is_back else (has_more, position is not None)
    return RankedPage(
        rows=_rows([lead_id for _total, lead_id in found], model),
        count=keys.order_by()[: COUNT_CAP + 1].count(),
        next_cursor=_cursor("after", found[-1]) if found and has_next else "",
        previous_cursor=_cursor("before", found[0]) if found and has_previous else "",
    )


def _keys(user: User, model: ScoringModel | None, filters: Mapping[str, Any]) -> QuerySet[Any]:
    """Rows of (total, lead_key): from the scores where they can answer alone, from the leads where text is searched."""
    visible = leads_visible_to(user)
    on_score = Q()
    if filters.get("stage"):
        on_score &= Q(stage=filters["stage"])
    if filters.get("rating"):
        on_score &= Q(rating__startswith=filters["rating"])
    words = (filters.get("search") or "").split()
    if model is not None and not words:
        scores = Score.objects.filter(on_score, model=model)
        if filters.get("country"):
            scores = scores.filter(country=filters["country"])
        if filters.get("owner"):
            scores = scores.filter(owner_id=filters["owner"])
        scores = scores if sees_all_leads(user) else scores.filter(lead__in=visible)
        return scores.annotate(lead_key=F("lead_id"))
    leads = visible
    for word in words:
        found = Q(company__name__icontains=word)
        # What somebody may not read they may not find by: a hit would tell it.
        if sees_personal_data(user.role):
            found |= Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
        leads = leads.filter(found)
    if filters.get("country"):
        leads = leads.filter(country=filters["country"])
    if filters.get("owner"):
        leads = leads.filter(owner_id=filters["owner"])
    own_score = Score.objects.filter(lead=OuterRef("pk"), model=model)
    if on_score:
        leads = leads.filter(pk__in=Score.objects.filter(on_score, model=model).values("lead"))
    total = Coalesce(Subquery(own_score.values("total")[:1]), UNSCORED, output_field=IntegerField())
    return leads.annotate(total=total, lead_key=F("pk"))


def _rows(lead_ids: Sequence[int], model: ScoringModel | None) -> list[RankedLead]:
    # What we record ourselves, a rejection say, is nothing the lead did.
    by_lead = Activity.objects.filter(lead=OuterRef("pk"), is_bot=False, withdrawn_at=None).exclude(feed=OWN_FEED)
    newest = by_lead.order_by("-occurred_at")
    leads = (
        Lead.objects.filter(pk__in=lead_ids)
        .select_related("company", "owner")
        .annotate(last_activity_at=Subquery(newest.values("occurred_at")[:1]))
        .in_bulk()
    )
    scores = {score.lead_id: score for score in Score.objects.filter(lead__in=lead_ids, model=model)}
    return [
        RankedLead(lead=leads[pk], score=scores.get(pk), last_activity_at=leads[pk].last_activity_at) for pk in lead_ids
    ]


def _beyond(total: int, lead_id: int, *, is_back: bool) -> Q:
    """What comes after (or before) this place. The first condition alone lets the index find it, the second is exact."""
    if is_back:
        return Q(total__gte=total) & (Q(total__gt=total) | Q(lead_key__lt=lead_id))
    return Q(total__lte=total) & (Q(total__lt=total) | Q(lead_key__gt=lead_id))


def _cursor(side: str, place: tuple[int, int]) -> str:
    return f"{side}.{place[0]}.{place[1]}"


def _read_cursor(cursor: str) -> tuple[bool, tuple[int, int] | None]:
    match cursor.split("."):
        case ["after" | "before" as side, total, lead_id] if (
            total.removeprefix("-").isdecimal() and lead_id.isdecimal()
        ):
            if max(len(total), len(lead_id)) <= 18:
                return side == "before", (int(total), int(lead_id))
    return False, None
