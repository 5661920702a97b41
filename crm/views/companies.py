"""Companies: the list, and one company with its facts, its people and its place among others."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.asked import is_htmx, number_asked
from accounts.models import User
from accounts.rights import Action, may, sees_personal_data
from crm.facts_shown import company_facts_shown
from crm.forms.companies import SIZES, CompanyFilterForm
from crm.forms.facts import company_option
from crm.identity.countries import country_names
from crm.models import Company, FactChange
from crm.services.attributes import attribute_types
from crm.services.company_edits import ancestor_ids
from crm.views._asked import asker
from crm.views.facts_history import history_page
from crm.visibility import companies_visible_to, leads_visible_to, sees_all_leads

PAGE_SIZE: Final = 50
COUNT_CAP: Final = 10_000
OPTIONS: Final = 10
SUBSIDIARIES_SHOWN: Final = 100


@dataclass(frozen=True, kw_only=True)
class CompanyRow:
    """One row of the list; `leads` counts those only whom the asker may see."""

    company: Company
    leads: int


@login_required
@require_safe
def companies(request: HttpRequest) -> HttpResponse:
    """The companies one may see, by name, filtered, page by page."""
    user = asker(request)
    visible = companies_visible_to(user)
    form = CompanyFilterForm(
        request.GET,
        countries=country_names(get_language() or "en"),
        owners=User.objects.filter(pk__in=Company.objects.exclude(owner=None).values("owner")),
    )
    filters = form.filters()
    found = _filtered(visible, filters)
    page, next_cursor = _page(found, request.GET.get("after", ""))
    counts = dict(
        leads_visible_to(user)
        .filter(company__in=[each.pk for each in page])
        .order_by()
        .values_list("company")
        .annotate(leads=Count("pk"))
    )
    context = {
        "form": form,
        "rows": [CompanyRow(company=each, leads=counts.get(each.pk, 0)) for each in page],
        "count": found.order_by()[: COUNT_CAP + 1].count(),
        "count_cap": COUNT_CAP,
        "is_filtered": bool(filters),
        "next_url": f"?{urlencode({**filters, 'after': next_cursor})}" if next_cursor else "",
        "first_url": f"?{urlencode(filters)}" if request.GET.get("after") else "",
    }
    response = render(request, "crm/companies/_list.html" if is_htmx(request) else "crm/companies/list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@require_safe
def company(request: HttpRequest, pk: int) -> HttpResponse:
    """One company; one that was merged away leads on to where its leads went."""
    user = asker(request)
    emptied = Company.objects.filter(pk=pk, name="", domain="", leads=None).exclude(parent=None)
    if survivor := emptied.values_list("parent", flat=True).first():
        return redirect("company", pk=survivor)
    found = get_object_or_404(companies_visible_to(user).select_related("owner", "parent"), pk=pk)
    visible = companies_visible_to(user)
    above = ancestor_ids(found.pk)
    seen = visible.in_bulk(above)
    context: dict[str, Any] = {
        "company": found,
        "facts": company_facts_shown(found, is_masked=not sees_personal_data(user.role), types=attribute_types()),
        "may_edit": may(user.role, Action.LEAD_EDIT),
        "may_merge": may(user.role, Action.LEAD_MERGE) and sees_all_leads(user),
        # The farthest first; one that is out of sight is passed over.
        "above": [seen[each] for each in reversed(above) if each in seen],
        "below": list(visible.filter(parent=found).order_by("name", "pk")[:SUBSIDIARIES_SHOWN]),
        "leads": leads_visible_to(user).filter(company=found).count(),
        "may_see_history": sees_personal_data(user.role),
    }
    return render(request, "crm/companies/company.html", context)


@login_required
@require_safe
def company_history(request: HttpRequest, pk: int) -> HttpResponse:
    """How the facts of a company changed, newest first."""
    user = asker(request)
    found = get_object_or_404(companies_visible_to(user), pk=pk)
    rows = FactChange.objects.filter(subject_type=FactChange.Subject.COMPANY, subject_id=pk)
    context = {
        "company": found,
        "title": _("How the facts changed"),
        "is_masked": not sees_personal_data(user.role),
        **history_page(rows, request, user),
    }
    return render(request, "crm/companies/history.html", context)


@login_required
@require_safe
def company_options(request: HttpRequest) -> HttpResponse:
    """What a field offers while a company is typed into it."""
    text = (request.GET.get("company") or request.GET.get("parent") or "").replace("\0", "").strip()[:200]
    found: list[Company] = []
    if text:
        rows = companies_visible_to(asker(request)).filter(Q(name__icontains=text) | Q(domain__icontains=text))
        found = list(rows.order_by("name", "pk")[:OPTIONS])
    options = [{"value": company_option(each), "about": each.domain} for each in found]
    return render(request, "crm/companies/_options.html", {"options": options})


def _filtered(rows: QuerySet[Company], filters: dict[str, str]) -> QuerySet[Company]:
    for word in filters.get("search", "").split():
        rows = rows.filter(Q(name__icontains=word) | Q(domain__icontains=word))
    if filters.get("industry"):
        rows = rows.filter(industry__icontains=filters["industry"])
    if filters.get("country"):
        rows = rows.filter(country=filters["country"])
    if filters.get("owner"):
        rows = rows.filter(owner_id=int(filters["owner"]))
    if filters.get("size"):
        low, high = SIZES[filters["size"]]
        rows = rows.filter(employees__gte=low, **({"employees__lte": high} if high else {}))
    return rows


def _page(rows: QuerySet[Company], after: str) -> tuple[list[Company], str]:
    """By name, then by number; `after` is the number of the last row of the page before."""
    if (place := number_asked(after)) is not None and (last := Company.objects.filter(pk=place).first()):
        # The first condition alone lets the index find it, the second is exact.
        rows = rows.filter(Q(name__gte=last.name) & (Q(name__gt=last.name) | Q(pk__gt=last.pk)))
    found = list(rows.select_related("owner").order_by("name", "pk")[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], str(found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""


urlpatterns: list[URLPattern] = [
    path("companies/", companies, name="companies"),
    path("companies/options/", company_options, name="company-options"),
    path("companies/<int:pk>/", company, name="company"),
    path("companies/<int:pk>/history/", company_history, name="company-history"),
]
