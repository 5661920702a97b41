"""Two leads become one, with a choice per field; the merges made lately, and taking one back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from crm.facts_shown import SENIORITIES
from crm.forms.merging import PREFIX, MergeForm, PairForm
from crm.models import Company, FactChange, Lead, LeadMerge, Note
from crm.search import leads_found
from crm.services.history import lead_facts
from crm.services.merge_choices import MERGED, SURVIVOR, Difference, differences
from crm.services.merging import leads_merge, merge_undo
from crm.views._pairs import PAGE_SIZE, cursor_read, merging, sides
from crm.visibility import leads_visible_to
from kernel.errors import ConflictError

SEARCHED_SHOWN: Final = 20
LABELS: Final[dict[str, str | Promise]] = {
    "email": gettext_lazy("Email"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "title": gettext_lazy("Title"),
    "phone": gettext_lazy("Phone"),
    "country": gettext_lazy("Country"),
    "state": gettext_lazy("State"),
    "city": gettext_lazy("City"),
    "source": pgettext_lazy("how a lead came", "Source"),
    "consent": gettext_lazy("Consent"),
    "company": gettext_lazy("Company"),
    "owner": gettext_lazy("Owner"),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lead_merge(request: HttpRequest) -> HttpResponse:
    """Choose the other lead, who stays and which value of each field stays; then merge."""
    user = merging(request)
    if request.method == "POST":
        return _merge(request, user)
    asked = PairForm(request.GET)
    if not asked.is_valid():
        raise Http404
    first, second = asked.cleaned_data["first"], asked.cleaned_data["second"]
    if second is None:
        return _choose_other(request, user, _lead(user, first), asked.cleaned_data["search"])
    survivor_id = asked.cleaned_data["survivor"]
    ordered = (first, second) if survivor_id is None or survivor_id == first else (second, first)
    return _page(request, user, *ordered)


@login_required
@require_safe
def merges(request: HttpRequest) -> HttpResponse:
    """The merges of leads one sees, newest first."""
    user = merging(request)
    rows = LeadMerge.objects.filter(survivor__in=leads_visible_to(user).values("pk"))
    place = cursor_read(request.GET.get("cursor", ""), 1)
    if place:
        rows = rows.filter(pk__lt=place[0])
    found = list(rows.select_related("survivor", "merged", "merged_by").order_by("-pk")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    context = {
        "merges": [{"merge": merge, "activities": len(merge.moved["activities"])} for merge in shown],
        "next_url": f"?{urlencode({'cursor': shown[-1].pk})}" if len(found) > PAGE_SIZE else "",
        "first_url": "?" if place else "",
    }
    return render(request, "crm/duplicates/merges.html", context)


@login_required
@require_POST
def merge_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Two people again."""
    user = merging(request)
    merge = get_object_or_404(LeadMerge, pk=pk, survivor__in=leads_visible_to(user).values("pk"))
    try:
        merge_undo(merge_id=merge.pk, by=user)
    except ConflictError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, _("The merge is undone: they are two leads again, with what each had."))
    return redirect("merges")


def _merge(request: HttpRequest, user: User) -> HttpResponse:
    named = [name.removeprefix(PREFIX) for name in request.POST if name.startswith(PREFIX)]
    form = MergeForm(request.POST, fields=named)
    if not form.is_valid():
        raise Http404
    survivor, merged = (_lead(user, form.cleaned_data[name]) for name in (SURVIVOR, MERGED))
    try:
        leads_merge(
            survivor_id=survivor.pk, merged_id=merged.pk, by=user, choices=form.choices(), revisions=form.revisions()
        )
    except ConflictError as refused:
        messages.error(request, refused.detail)
        return _page(request, user, survivor.pk, merged.pk, status=refused.status, chosen=form.choices())
    messages.success(request, _("They are one lead now. “Merges” undoes it if that was wrong."))
    return redirect("lead", pk=survivor.pk)


def _lead(user: User, pk: int) -> Lead:
    return get_object_or_404(leads_visible_to(user), pk=pk)


def _choose_other(request: HttpRequest, user: User, lead: Lead, search: str) -> HttpResponse:
    others = leads_visible_to(user).exclude(pk=lead.pk)
    found = leads_found(others, search, is_masked=False).select_related("company", "owner") if search else others.none()
    context = {"lead": lead, "search": search, "found": found.order_by("-pk")[:SEARCHED_SHOWN]}
    return render(request, "crm/duplicates/choose.html", context)


def _page(
    request: HttpRequest,
    user: User,
    survivor_id: int,
    merged_id: int,
    *,
    status: int = 200,
    chosen: Mapping[str, str] | None = None,
) -> HttpResponse:
    if survivor_id == merged_id:
        raise Http404
    leads = [_lead(user, pk) for pk in (survivor_id, merged_id)]
    found = differences(*(lead_facts(lead) for lead in leads))
    people = sides([survivor_id, merged_id])
    context = {
        "sides": [people[survivor_id], people[merged_id]],
        "survivor": leads[0],
        "merged": leads[1],
        "rows": _rows(found, leads, chosen or {}),
        "moves": {
            "activities": leads[1].activities.count(),
            "external_ids": leads[1].external_ids.count(),
            "notes": Note.objects.filter(lead=leads[1]).count(),
        },
    }
    return render(request, "crm/duplicates/merge.html", context, status=status)


def _rows(found: list[Difference], leads: list[Lead], chosen: Mapping[str, str]) -> list[dict[str, object]]:
    """A row for each difference: both values, since when each is known, and which stays."""
    since = _since([each.field for each in found], leads)
    names = _names(found)
    rows: list[dict[str, object]] = []
    for each in found:
        first, second = (since[lead.pk, each.field] for lead in leads)
        values = [
            _shown(each.field, value, lead, names)
            for value, lead in zip((each.survivor, each.merged), leads, strict=True)
        ]
        rows.append(
            {
                "field": each.field,
                "name": f"{PREFIX}{each.field}",
                "label": _label(each.field),
                "stays": chosen.get(each.field, each.stays),
                "options": [
                    {"value": SURVIVOR, "text": values[0], "since": first, "is_newer": first.date() > second.date()},
                    {"value": MERGED, "text": values[1], "since": second, "is_newer": second.date() > first.date()},
                ],
            }
        )
    return rows


def _label(field: str) -> str:
    """An attribute is called by its own name."""
    return str(LABELS[field]) if field in LABELS else field.partition(".")[2].replace("_", " ").capitalize()


def _since(fields: list[str], leads: list[Lead]) -> dict[tuple[int, str], datetime]:
    """Since when each value is known: its last change, else the beginning."""
    rows = FactChange.objects.filter(
        subject_type=FactChange.Subject.LEAD, subject_id__in=[lead.pk for lead in leads], field__in=fields
    )
    changed = {
        (row["subject_id"], row["field"]): row["at"]
        for row in rows.values("subject_id", "field").annotate(at=Max("valid_at"))
    }
    return {(lead.pk, field): changed.get((lead.pk, field), lead.created_at) for lead in leads for field in fields}


def _names(found: list[Difference]) -> dict[tuple[str, object], str]:
    """Companies and owners by name."""
    ids = {
        field: {
            value
            for each in found
            if each.field == field
            for value in (each.survivor, each.merged)
            if isinstance(value, int)
        }
        for field in ("company", "owner")
    }
    names: dict[tuple[str, object], str] = {
        ("company", each.pk): str(each) for each in Company.objects.filter(pk__in=ids["company"])
    }
    return names | {("owner", each.pk): str(each) for each in User.objects.filter(pk__in=ids["owner"])}


def _shown(field: str, value: object, lead: Lead, names: Mapping[tuple[str, object], str]) -> str:
    """A value for people; empty where nothing is known."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if field == "title" and lead.seniority:
        return f"{value} ({SENIORITIES.get(lead.seniority, lead.seniority)})"
    return names.get((field, value), str(value))


urlpatterns: list[URLPattern] = [
    path("leads/merge/", lead_merge, name="lead-merge"),
    path("leads/merges/", merges, name="merges"),
    path("leads/merges/<int:pk>/undo/", merge_take_back, name="merge-undo"),
]
