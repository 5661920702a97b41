"""One page of the list: best first, by keyset, with what it shows in a constant number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Subquery
from django.utils import timezone

from accounts.models import User
from crm.models import Lead
from scoring.models import Score, ScoreChange, ScoringModel
from scoring.ranking.filters import LeadFilters, activities_of_leads
from scoring.ranking.order import Cursor, Order, Place, cursor_read
from scoring.services.percentiles import distribution_of

PAGE_SIZE = 50
# Counted no further: a count of a million rows is slower than the page it stands on.
COUNT_CAP = 10_000
TREND_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class RankedLead:
    """One row of the list; no score where the model does not apply to the lead or it was not judged yet.

    `trend`: what the total won or lost in TREND_DAYS; `percentile`: the share of the model's leads with a lower total, 0 to
    100 (scoring.services.percentiles). Both are None where they were not asked for or there is no score.
    """

    lead: Lead
    score: Score | None
    last_activity_at: datetime | None = None
    trend: int | None = None
    percentile: int | None = None


@dataclass(frozen=True, kw_only=True)
class RankedPage:
    """One page. Cursors are opaque texts, empty where there is no more; `count` stops one beyond `count_cap`.

    `is_from_top_again`: the cursor could not be read or nothing is left there, so this is the first page.
    """

    rows: Sequence[RankedLead]
    count: int
    next_cursor: str
    previous_cursor: str
    count_cap: int
    is_from_top_again: bool = False


def leads_ranked(
    *,
    user: User,
    model: ScoringModel | None,
    filters: LeadFilters | None = None,
    cursor: str = "",
    size: int = PAGE_SIZE,
    needs: Collection[str] = ("last_activity",),
) -> RankedPage:
    """The leads `user` may see, by total from high to low, then by id; those without a score last, newest first.

    `needs`: of the columns that cost a query of their own, those to be filled: last_activity, trend, percentile.
    A cursor that cannot be read starts from the top.
    """
    order = Order(user=user, model=model, filters=filters or LeadFilters())
    try:
        at = cursor_read(cursor)
        is_lost = False
    except ValueError:
        at, is_lost = None, True
    is_back = at is not None and at.is_back
    if at is not None and at.is_back:
        found = order.before(at.place, size + 1)
        has_more = len(found) > size
        found = found[-size:]
    else:
        found = order.after(at.place if at else None, size + 1)
        has_more = len(found) > size
        found = found[:size]
    if at is not None and not found:
        # Everything from there on went elsewhere meanwhile.
        return replace(
            leads_ranked(user=user, model=model, filters=filters, size=size, needs=needs), is_from_top_again=True
        )
    has_next, has_previous = (True, has_more) if is_back else (has_more, at is not None)
    return RankedPage(
        rows=ranked_rows([place.lead_id for place in found], model=model, needs=needs),
        count=len(found) if at is None and not has_more else order.count(COUNT_CAP),
        next_cursor=_cursor(found[-1], is_back=False) if found and has_next else "",
        previous_cursor=_cursor(found[0], is_back=True) if found and has_previous else "",
        count_cap=COUNT_CAP,
        is_from_top_again=is_lost,
    )


def ranked_rows(
    lead_ids: Sequence[int], *, model: ScoringModel | None, needs: Collection[str] = ()
) -> list[RankedLead]:
    """The rows of these leads in this order, in a constant number of queries; who is gone meanwhile is left out."""
    rows = Lead.objects.filter(pk__in=lead_ids).select_related("company", "owner")
    if "last_activity" in needs:
        newest = activities_of_leads().order_by("-occurred_at").values("occurred_at")[:1]
        rows = rows.annotate(last_activity_at=Subquery(newest))
    leads = rows.in_bulk()
    scores = {score.lead_id: score for score in Score.objects.filter(lead__in=lead_ids, model=model)} if model else {}
    before = _totals_before(lead_ids, model) if model and "trend" in needs else None
    distribution = distribution_of(model_id=model.pk) if model and "percentile" in needs else None
    return [
        RankedLead(
            lead=leads[pk],
            score=scores.get(pk),
            last_activity_at=getattr(leads[pk], "last_activity_at", None),
            trend=scores[pk].total - before.get(pk, scores[pk].total) if before is not None and pk in scores else None,
            percentile=distribution.of(scores[pk].total).percent if distribution and pk in scores else None,
        )
        for pk in lead_ids
        if pk in leads
    ]


def _totals_before(lead_ids: Sequence[int], model: ScoringModel) -> dict[int, int]:
    """The total TREND_DAYS ago, of the leads whose score changed since; 0 where there was none."""
    since = timezone.now() - timedelta(days=TREND_DAYS)
    changes = ScoreChange.objects.filter(lead__in=lead_ids, model=model, changed_at__gte=since)
    first = changes.order_by("lead", "pk").distinct("lead").values_list("lead", "before__total")
    return {lead_id: total or 0 for lead_id, total in first}


def _cursor(place: Place, *, is_back: bool) -> str:
    return Cursor(place=place, is_back=is_back).text()
