"""The list of leads: best first under one model, narrowed, with columns of choice and views that are kept."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.asked import is_htmx
from accounts.models import User
from accounts.rights import REP_EXPORT_ROWS, Action, Reach, may, reach
from crm.search import similar_spellings
from crm.visibility import leads_visible_to
from scoring.ranking import PAGE_SIZE, cells_of, lead_name, leads_ranked
from scoring.views.lead_list import LeadList, lead_list

PART = "scoring/_leads.html"


@login_required
@require_safe
def leads(request: HttpRequest) -> HttpResponse:
    """The leads one may see; the part below the filters alone where htmx asks."""
    user = cast(User, request.user)
    is_part = is_htmx(request)
    asked = lead_list(user=user, params=request.GET.dict())
    if asked.opens_with and not is_part:
        return HttpResponseRedirect(f"{reverse('leads')}?{urlencode(asked.opens_with)}")
    response = render(request, PART if is_part else "scoring/leads.html", _context(user, asked, request))
    # The same address answers with a page or a part of it.
    patch_vary_headers(response, ["HX-Request"])
    return response


def _context(user: User, asked: LeadList, request: HttpRequest) -> dict[str, Any]:
    page = leads_ranked(
        user=user,
        model=asked.model,
        filters=asked.filters,
        cursor=request.GET.get("cursor", ""),
        size=PAGE_SIZE,
        needs={column.key for column in asked.columns},
    )
    rows = [
        {
            "row": row,
            "name": lead_name(row, is_masked=asked.is_masked),
            "cells": cells_of(row, asked.columns),
        }
        for row in page.rows
    ]
    similar = []
    if not rows and asked.filters.search:
        similar = [
            {"text": one.text, "query": urlencode({**asked.kept, "search": one.text})}
            for one in similar_spellings(leads_visible_to(user), asked.filters.search, is_masked=asked.is_masked)
        ]
    here = urlencode(asked.kept)
    return {
        "asked": asked,
        "form": asked.form,
        "model": asked.model,
        "models": asked.models,
        "stages": asked.stages,
        "page": page,
        "rows": rows,
        "similar": similar,
        "notices": asked.form.refusals(),
        "chips": asked.form.chips(asked.beside),
        "here": here,
        "here_url": f"{reverse('leads')}?{here}" if here else reverse("leads"),
        "is_filtered": asked.is_filtered,
        "exports": may(user.role, Action.LEAD_EXPORT),
        "export_limit": REP_EXPORT_ROWS if reach(user.role, Action.LEAD_EXPORT) is Reach.OWN else None,
        "shares_views": may(user.role, Action.VIEW_SHARE),
        "next_url": _link(asked, page.next_cursor),
        "previous_url": _link(asked, page.previous_cursor),
    }


def _link(asked: LeadList, cursor: str) -> str:
    return f"?{urlencode({**asked.kept, 'cursor': cursor})}" if cursor else ""
