"""A shadow as its page shows it: the days with their gaps, and who would have been handed off, by name as far as one may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.visibility import leads_visible_to, sees_all_leads
from kernel.errors import BadRequestError
from scoring.loader import zone_named
from scoring.models import MatrixVersion, Shadow, ShadowDay, ShadowLead
from scoring.services.shadowing import why_over

PAGE: Final = 50
#: The last days that are drawn and listed.
DAYS: Final = 92
# A few days are drawn as narrow as a fortnight.
_LEAST_SLOTS: Final = 14
_SLOT, _MIDDLE, _HIGH = 10, 3, 40

Side = ShadowLead.Side


@dataclass(frozen=True, kw_only=True)
class DayShown:
    """`day` is None where nobody judged it."""

    on: date
    day: ShadowDay | None


@dataclass(frozen=True, kw_only=True)
class Bar:
    left: int
    top: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One count over the days, drawn on a scale of its own, from 0 to `most`."""

    key: str
    label: str
    most: int
    bars: Sequence[Bar]


@dataclass(frozen=True, kw_only=True)
class Chart:
    width: int
    high: int
    strips: Sequence[Strip]
    gaps: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class SideShown:
    """`count` leads were qualified by this side alone on some day."""

    key: str
    count: int


@dataclass(frozen=True, kw_only=True)
class LeadRow:
    """`name` is empty for whom no personal data is shown to."""

    pk: int
    name: str
    company: str
    found: ShadowLead


@dataclass(frozen=True, kw_only=True)
class LeadsShown:
    """One page of a side, best first; `cursor` is where the next begins, empty on the last."""

    side: str
    seen: int
    is_narrowed: bool
    rows: Sequence[LeadRow]
    cursor: str
    is_first: bool


@dataclass(frozen=True, kw_only=True)
class ShadowShown:
    """`over` says why an open shadow is judged no more, though nobody closed it yet."""

    shadow: Shadow
    over: str
    days: Sequence[DayShown]
    gaps: int
    last: ShadowDay | None
    chart: Chart | None
    sides: Sequence[SideShown]

    @property
    def is_running(self) -> bool:
        return self.shadow.ended_at is None and not self.over


def shadows_of(version: MatrixVersion) -> list[Shadow]:
    """Of one draft, the latest first."""
    return list(Shadow.objects.filter(version=version).select_related("started_by").order_by("-pk"))


def shadow_shown(version: MatrixVersion, shadow: Shadow) -> ShadowShown:
    """Three queries, however many days and leads there are."""
    shadow.version = version
    judged = {day.as_of: day for day in shadow.days.select_related("published")}
    days = _days(version, shadow, judged)
    over = why_over(shadow) if shadow.ended_at is None else None
    rows = ShadowLead.objects.filter(shadow=shadow, lead__merged_into=None)
    counts = {side: rows.filter(side=side).count() for side in Side.values}
    return ShadowShown(
        shadow=shadow,
        over=str(over.label) if over else "",
        days=days,
        gaps=sum(day.day is None for day in days),
        last=judged[max(judged)] if judged else None,
        chart=_chart(days) if judged else None,
        sides=[SideShown(key=side, count=counts[side]) for side in Side.values],
    )


def shadow_leads(*, shadow: Shadow, user: User, side: str, cursor: str = "") -> LeadsShown:
    """One page of those whom one side alone qualified, as far as this person sees them; merged leads are their survivors'.

    Raises BadRequestError for a cursor that cannot be read.
    """
    place = _place_read(cursor)
    total = "total_shadow" if side == Side.SHADOW else "total_published"
    rows = ShadowLead.objects.filter(shadow=shadow, side=side, lead__merged_into=None)
    if not sees_all_leads(user):
        rows = rows.filter(lead__in=leads_visible_to(user).order_by().values("pk"))
    page = rows.select_related("lead__company").order_by(F(total).desc(), "lead_id")
    if place is not None:
        points, lead_id = place
        page = page.filter(Q(**{f"{total}__lt": points}) | Q(**{total: points, "lead__gt": lead_id}))
    found = list(page[: PAGE + 1])
    is_masked = not sees_personal_data(user.role)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return LeadsShown(
        side=side,
        seen=rows.count(),
        is_narrowed=not sees_all_leads(user),
        rows=[
            LeadRow(
                pk=each.lead_id,
                name="" if is_masked else str(each.lead),
                company=each.lead.company.name if each.lead.company else "",
                found=each,
            )
            for each in found[:PAGE]
        ],
        cursor="" if last is None else f"{getattr(last, total)}.{last.lead_id}",
        is_first=place is None,
    )


def _days(version: MatrixVersion, shadow: Shadow, judged: dict[date, ShadowDay]) -> list[DayShown]:
    """From the first judged day to the last that could have been: a day that is not over yet is no gap."""
    if not judged:
        return []
    last = max(judged)
    zone = zone_named(version.model.time_zone)
    until = (shadow.ended_at or timezone.now()).astimezone(zone).date() - timedelta(days=1)
    end = max(last, until)
    start = max(min(judged), end - timedelta(days=DAYS - 1))
    every = [start + timedelta(days=at) for at in range((end - start).days + 1)]
    return [DayShown(on=on, day=judged.get(on)) for on in every]


def _chart(days: Sequence[DayShown]) -> Chart:
    judged = [each.day for each in days]
    return Chart(
        width=max(len(days), _LEAST_SLOTS) * _SLOT,
        high=_HIGH,
        strips=[
            _strip("both", _("Both"), [day.qualified_both if day else 0 for day in judged]),
            _strip("shadow", _("Only the shadow"), [day.qualified_shadow_only if day else 0 for day in judged]),
            _strip("published", _("Only published"), [day.qualified_published_only if day else 0 for day in judged]),
        ],
        gaps=[at * _SLOT + _MIDDLE for at, day in enumerate(judged) if day is None],
    )


def _strip(key: str, label: str, counts: Sequence[int]) -> Strip:
    most = max(counts, default=0)
    bars = []
    for at, count in enumerate(counts):
        if count:
            # Who is one of thousands is still to be seen.
            height = max(1, count * _HIGH // most)
            bars.append(Bar(left=at * _SLOT, top=_HIGH - height, height=height))
    return Strip(key=key, label=label, most=most, bars=bars)


def _place_read(cursor: str) -> tuple[int, int] | None:
    if not cursor:
        return None
    total, _dot, lead_id = cursor.partition(".")
    digits = total.removeprefix("-")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in (digits, lead_id)):
        raise BadRequestError(
            _("This address names no place of the list: begin again from the top."), code="bad_cursor"
        )
    return int(total), int(lead_id)
