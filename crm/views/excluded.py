"""What was excluded as a machine's doing, grouped as it was done, and taking that back for one or for all of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Case, CharField, Count, F, Max, Min, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, TruncDate
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.rights import Action, may, sees_personal_data
from crm.bots import BY_HAND, PERSON, WHY
from crm.forms.excluded import ExcludedFilterForm, GroupForm, MarkForm
from crm.models import Activity, Lead
from crm.services.machines import activities_exclude, activities_include
from crm.views._asked import asker
from crm.views._pairs import PAGE_SIZE, cursor_read
from crm.visibility import leads_visible_to, sees_all_leads

EACH_SHOWN: Final = 100
_ADDRESS: Final = Coalesce(
    KeyTextTransform("ip", "properties"), KeyTextTransform("ip", KeyTransform("context", "properties"))
)


@login_required
@require_safe
def excluded(request: HttpRequest) -> HttpResponse:
    """Groups of what was excluded, the latest first, or single activities of which somebody said that it was a person."""
    user = asker(request)
    form = ExcludedFilterForm(request.GET, reasons=WHY)
    reason, days, is_given_back = form.asked()
    place = cursor_read(request.GET.get("cursor", ""), 1)
    before = place[0] if place else None
    rows, last = _given_back(user, days, before) if is_given_back else _groups(user, days, reason, before)
    kept = {name: value for name, value in request.GET.items() if name in {"reason", "days", "given"} and value}
    context = {
        "form": form,
        "rows": rows,
        "is_given_back": is_given_back,
        "is_filtered": bool(reason),
        "kept": urlencode({name: value for name, value in kept.items() if name != "given"}),
        "next_url": f"?{urlencode({**kept, 'cursor': last})}" if last else "",
        "first_url": f"?{urlencode(kept)}" if place else "",
        **_frame(user),
    }
    return render(request, "crm/excluded/excluded.html", context)


@login_required
@require_safe
def excluded_group(request: HttpRequest) -> HttpResponse:
    """Each activity of a group, at most a hundred."""
    user = asker(request)
    form = GroupForm(request.GET)
    if not form.is_valid():
        raise Http404
    rows = _members(user, form.cleaned_data)
    count = rows.count()
    if not count:
        raise Http404
    context = {
        "rows": rows.select_related("lead").order_by("-occurred_at", "-pk")[:EACH_SHOWN],
        "count": count,
        "more": max(0, count - EACH_SHOWN),
        "why": WHY.get(form.cleaned_data["reason"], form.cleaned_data["reason"]),
        "group": form.cleaned_data,
        **_frame(user),
    }
    return render(request, "crm/excluded/group.html", context)


@login_required
@require_POST
def excluded_mark(request: HttpRequest) -> HttpResponse:
    """Say of one activity, or of a whole group, that it was a person; or of one that it was not, after all."""
    user = asker(request)
    if not sees_personal_data(user.role):
        raise Http404
    if not may(user.role, Action.ACTIVITY_MARK):
        raise PermissionDenied
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise Http404
    asked = form.cleaned_data
    if asked["activity"]:
        ids = _within(user, None).filter(pk=asked["activity"]).values_list("pk", flat=True)
    else:
        group = GroupForm(request.POST)
        if not group.is_valid():
            raise Http404
        ids = _members(user, group.cleaned_data).values_list("pk", flat=True)
    found = list(ids)
    if not found:
        raise Http404
    if asked["says"] == "person":
        count = activities_include(activity_ids=found, by=user)
        sentence = ngettext(
            "%(n)s activity counts again, as a person's. “Given back” has it.",
            "%(n)s activities count again, as a person's. “Given back” has them.",
            count,
        )
    else:
        count = activities_exclude(activity_ids=found, by=user)
        sentence = ngettext("%(n)s activity is excluded again.", "%(n)s activities are excluded again.", count)
    messages.success(request, sentence % {"n": count})
    return redirect(f"{reverse('excluded')}?given=1" if asked["says"] != "person" else "excluded")


def _frame(user: User) -> dict[str, object]:
    return {
        "is_masked": not sees_personal_data(user.role),
        "marks": sees_personal_data(user.role) and may(user.role, Action.ACTIVITY_MARK),
        "why_of": WHY,
    }


def _within(user: User, days: int | None) -> QuerySet[Activity]:
    """What this person may look at; what nobody is known to have done, only those who see every lead."""
    rows = Activity.objects.all()
    if not sees_all_leads(user):
        rows = rows.filter(lead__in=leads_visible_to(user).values("pk"))
    return rows.filter(occurred_at__gte=timezone.now() - timedelta(days=days)) if days else rows


def _given_back(user: User, days: int | None, before: int | None) -> tuple[list[Any], int]:
    """A page of activities that a person stands for, and where the next begins, 0 where there is none."""
    rows = _within(user, days).filter(bot_reason=PERSON, is_bot=False).select_related("lead")
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else 0


def _groups(user: User, days: int | None, reason: str, before: int | None) -> tuple[list[Any], int]:
    """A page of what belongs together: one reason, one day, and one lead and mail, or one address where it was a data centre's."""
    rows = _within(user, days).filter(is_bot=True)
    if reason:
        rows = rows.filter(bot_reason=reason)
    is_address = Q(bot_reason="address_burst")
    groups: QuerySet[Any, Any] = (
        rows.annotate(
            day=TruncDate("occurred_at", tzinfo=UTC),
            of_lead=Case(
                When(is_address, then=Value(0)), default=Coalesce(F("lead_id"), 0), output_field=BigIntegerField()
            ),
            address=Case(When(is_address, then=_ADDRESS), default=Value(""), output_field=CharField()),
            mail=Case(When(bot_reason="click_burst", then=F("subject")), default=Value(""), output_field=CharField()),
        )
        .values("bot_reason", "day", "of_lead", "address", "mail")
        .annotate(
            newest=Max("pk"),
            count=Count("pk"),
            leads=Count("lead", distinct=True),
            one_lead=Min("lead"),
        )
    )
    found = list((groups.filter(newest__lt=before) if before else groups).order_by("-newest")[: PAGE_SIZE + 1])
    return _shown(found[:PAGE_SIZE]), found[PAGE_SIZE - 1]["newest"] if len(found) > PAGE_SIZE else 0


def _shown(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    leads = Lead.objects.in_bulk({group["one_lead"] for group in groups if group["leads"] == 1})
    shown = []
    for group in groups:
        key = {
            "reason": group["bot_reason"],
            "day": group["day"].isoformat(),
            "lead": group["of_lead"],
            "address": group["address"] or "",
            "mail": group["mail"],
        }
        lead = leads.get(group["one_lead"]) if group["leads"] == 1 else None
        why = WHY.get(group["bot_reason"], group["bot_reason"] or WHY[BY_HAND])
        shown.append({**group, "why": why, "lead": lead, "key": key, "query": urlencode(key)})
    return shown


def _members(user: User, group: dict[str, Any]) -> QuerySet[Activity]:
    begins = _midnight(group["day"])
    rows = _within(user, None).filter(
        is_bot=True, bot_reason=group["reason"], occurred_at__gte=begins, occurred_at__lt=begins + timedelta(days=1)
    )
    if group["reason"] == "address_burst":
        return rows.annotate(address=_ADDRESS).filter(address=group["address"])
    rows = rows.filter(lead=group["lead"] or None)
    return rows.filter(subject=group["mail"]) if group["reason"] == "click_burst" else rows


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


urlpatterns: list[URLPattern] = [
    path("leads/excluded/", excluded, name="excluded"),
    path("leads/excluded/group/", excluded_group, name="excluded-group"),
    path("leads/excluded/mark/", excluded_mark, name="excluded-mark"),
]
