"""Possible duplicates: the surest first, told apart in one click, and looked for when asked."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from crm.models import PossibleDuplicate
from crm.services.duplicates import DIFFERENT, duplicate_reopen, duplicate_settle_different, duplicates_ask
from crm.views._pairs import FIELDS, PAGE_SIZE, REASONS, cursor_read, cursor_text, merging, sides
from crm.visibility import leads_visible_to, sees_all_leads


@login_required
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that wait for somebody to look, or those that were told apart (`settled=different`)."""
    user = merging(request)
    reason = request.GET.get("reason", "")
    is_settled = request.GET.get("settled") == DIFFERENT
    rows = (
        _pairs_within(user).filter(settled_as=DIFFERENT) if is_settled else _pairs_within(user).filter(settled_at=None)
    )
    if reason in REASONS:
        rows = rows.filter(reason=reason)
    place = cursor_read(request.GET.get("cursor", ""), 2)
    if place:
        sure, pk = place
        rows = rows.filter(Q(likeness__lte=sure) & (Q(likeness__lt=sure) | Q(pk__lt=pk)))
    found = list(rows.select_related("settled_by").order_by("-likeness", "-pk")[: PAGE_SIZE + 1])
    shown, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    people = sides(lead_id for pair in shown for lead_id in (pair.first_id, pair.second_id))
    kept = {name: value for name, value in request.GET.items() if name in {"reason", "settled"} and value}
    last = shown[-1] if shown else None
    context = {
        "pairs": [
            {
                "pair": pair,
                "sides": [people[pair.first_id], people[pair.second_id]],
                "why": REASONS.get(pair.reason, pair.reason),
                "evidence": [FIELDS.get(field, field) for field in pair.evidence],
            }
            for pair in shown
            if pair.first_id in people and pair.second_id in people
        ],
        "reasons": REASONS,
        "reason": reason,
        "is_settled": is_settled,
        "next_url": f"?{urlencode({**kept, 'cursor': cursor_text((last.likeness, last.pk))})}" if last and more else "",
        "first_url": f"?{urlencode(kept)}" if place else "",
    }
    return render(request, "crm/duplicates/duplicates.html", context)


@login_required
@require_POST
def duplicates_look(request: HttpRequest) -> HttpResponse:
    """Have a worker look now."""
    merging(request)
    duplicates_ask()
    messages.success(request, _("A worker looks for duplicates now. Load this page again in a minute."))
    return redirect("duplicates")


@login_required
@require_POST
def duplicate_different(request: HttpRequest, pk: int) -> HttpResponse:
    """They are two people."""
    user = merging(request)
    pair = get_object_or_404(_pairs_within(user), pk=pk)
    duplicate_settle_different(duplicate_id=pair.pk, by=user)
    messages.success(request, _("They stay two people and are not suggested again. “Told apart” has them, to undo it."))
    return redirect("duplicates")


@login_required
@require_POST
def duplicate_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Perhaps they are one after all."""
    user = merging(request)
    pair = get_object_or_404(_pairs_within(user), pk=pk)
    duplicate_reopen(duplicate_id=pair.pk, by=user)
    messages.success(request, _("The pair is suggested again."))
    return redirect("duplicates")


def _pairs_within(user: User) -> QuerySet[PossibleDuplicate]:
    """Pairs both of whose leads this person sees; merged ones wait for nobody."""
    if sees_all_leads(user):
        return PossibleDuplicate.objects.filter(first__merged_into=None, second__merged_into=None)
    seen = leads_visible_to(user).values("pk")
    return PossibleDuplicate.objects.filter(first__in=seen, second__in=seen)


urlpatterns: list[URLPattern] = [
    path("leads/duplicates/", duplicates, name="duplicates"),
    path("leads/duplicates/look/", duplicates_look, name="duplicates-look"),
    path("leads/duplicates/<int:pk>/different/", duplicate_different, name="duplicate-different"),
    path("leads/duplicates/<int:pk>/again/", duplicate_again, name="duplicate-again"),
]
