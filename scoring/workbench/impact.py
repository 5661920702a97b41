"""What a draft does before it does it: figures, the leads behind each of them, values not saved yet, the threshold by
capacity."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import number_asked
from accounts.unfold import admin_user
from kernel import json
from kernel.errors import BadRequestError
from scoring.models import MatrixVersion
from scoring.workbench.access import (
    EDITABLE,
    draft_or_refuse,
    editor_required,
    may_edit,
    reader_required,
    version_or_404,
)
from scoring.workbench_shown.impact import document_tried, impact
from scoring.workbench_shown.impact_capacity import MOST_A_WEEK, capacity_of_all, capacity_shown
from scoring.workbench_shown.impact_choices import behind_from
from scoring.workbench_shown.impact_leads import impact_leads

# A value and its place; a whole document is not tried but saved.
MOST_TRIED_BYTES = 100_000


@reader_required
@require_safe
def tab(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole tab: figures, capacity, and what the floors above say of the draft."""
    version = version_or_404(pk)
    context = {"impact": impact(version=version, user=admin_user(request)), "capacity": capacity_of_all()}
    return render(request, "workbench/_impact.html", {**context, **_rights(request, version)})


@reader_required
@require_safe
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures alone, as they are now."""
    version = version_or_404(pk)
    found = impact(version=version, user=admin_user(request))
    return render(request, "workbench/_impact_figures.html", {"impact": found, **_rights(request, version)})


@editor_required
@require_POST
def figures_tried(request: HttpRequest, pk: int) -> HttpResponse:
    """The same with `{edits: [{path, before, after}]}` that nobody saved. Nothing is written."""
    version = draft_or_refuse(pk)
    tried = document_tried(version, _edits(request))
    found = impact(version=version, user=admin_user(request), tried=tried)
    return render(request, "workbench/_impact_figures.html", {"impact": found, **_rights(request, version)})


@reader_required
@require_safe
def leads(request: HttpRequest, pk: int) -> HttpResponse:
    """The leads behind a figure."""
    version = version_or_404(pk)
    behind = behind_from(request.GET.dict())
    page = impact_leads(version=version, user=admin_user(request), behind=behind, cursor=request.GET.get("cursor", ""))
    here = behind.params()
    context = {
        "version": version,
        "page": page,
        "first_url": "" if page.is_first else f"?{urlencode(here)}",
        "next_url": f"?{urlencode({**here, 'cursor': page.cursor})}" if page.cursor else "",
    }
    return render(request, "workbench/impact_leads.html", context)


@reader_required
@require_safe
def threshold(request: HttpRequest, pk: int) -> HttpResponse:
    """The threshold that brings `a_week` leads, and what it costs."""
    version = version_or_404(pk)
    a_week = number_asked(request.GET.get("a_week", ""))
    if a_week is None or a_week > MOST_A_WEEK:
        raise BadRequestError(_("Say how many leads a week you can work: a whole number."), code="no_capacity")
    shown = capacity_shown(version=version, a_week=a_week)
    return render(request, "workbench/_impact_capacity.html", {"shown": shown, **_rights(request, version)})


def _rights(request: HttpRequest, version: MatrixVersion) -> dict[str, Any]:
    return {"version": version, "edits": may_edit(admin_user(request)) and version.state in EDITABLE}


def _edits(request: HttpRequest) -> list[dict[str, Any]]:
    if len(request.body) > MOST_TRIED_BYTES:
        raise BadRequestError(_("This is too much to try at once: save it and look."), code="too_large")
    try:
        body = json.read(request.body.decode())
    except UnicodeDecodeError as error:
        raise BadRequestError(_("The body is no text in UTF-8."), code="broken_json") from error
    edits = body.get("edits") if isinstance(body, dict) else None
    if not isinstance(edits, list) or not all(
        isinstance(each, dict) and isinstance(each.get("path"), str) for each in edits
    ):
        raise BadRequestError(_("Send edits, each with its path, before and after."), code="no_edits")
    return edits


urlpatterns: list[URLPattern] = [
    path("<int:pk>/impact/", tab, name="workbench-impact"),
    path("<int:pk>/impact/figures/", figures, name="workbench-impact-figures"),
    path("<int:pk>/impact/try/", figures_tried, name="workbench-impact-try"),
    path("<int:pk>/impact/leads/", leads, name="workbench-impact-leads"),
    path("<int:pk>/impact/threshold/", threshold, name="workbench-impact-threshold"),
]
