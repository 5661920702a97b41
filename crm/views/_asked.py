"""What the pages of this floor share: who asks for which lead, and the two ways in which a page answers a change."""

import json
import re
from typing import Final, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.asked import is_htmx
from accounts.models import Role, User
from accounts.rights import Action, Reach, may, reach
from crm.models import Company, Lead
from crm.services.lead_company import company_named
from crm.visibility import companies_visible_to, leads_visible_to

# How crm.forms.facts.company_option writes what is offered.
_CHOSEN: Final = re.compile(r"\(#(\d{1,18})\)\s*$")


def asker(request: HttpRequest) -> User:
    return cast(User, request.user)


def lead_seen(request: HttpRequest, pk: int) -> Lead:
    """A lead within reach; Http404 for any other."""
    found: Lead = get_object_or_404(leads_visible_to(asker(request)).select_related("company", "owner"), pk=pk)
    return found


def lead_to_edit(request: HttpRequest, pk: int) -> Lead:
    """The same for whoever may write down what they learn; who reads leads masked may not."""
    lead = lead_seen(request, pk)
    if not may(asker(request).role, Action.LEAD_EDIT):
        raise PermissionDenied
    return lead


def changed(request: HttpRequest, response: HttpResponse, sentence: str, *, to: str, pk: int) -> HttpResponse:
    """The new part with a toast where htmx asked; else back to the page, with the sentence on it."""
    if not is_htmx(request):
        messages.success(request, sentence)
        return redirect(to, pk=pk)
    response["HX-Trigger"] = json.dumps({"toast": sentence})
    return response


def owners_within_reach(user: User) -> QuerySet[User] | None:
    """To whom this person may give what they edit: a manager within the team, a rep to nobody (None)."""
    how_far = reach(user.role, Action.LEAD_EDIT)
    if how_far is Reach.OWN:
        return None
    people = User.objects.filter(is_active=True).exclude(role=Role.AUDITOR)
    if how_far is Reach.TEAM:
        return people.filter(team=user.team_id) if user.team_id else people.filter(pk=user.pk)
    return people


def company_meant(text: str, user: User) -> Company:
    """The company chosen from what was offered, or that of a name or domain, made where there is none."""
    if chosen := _CHOSEN.search(text):
        found = companies_visible_to(user).filter(pk=int(chosen[1])).first()
        if found is not None:
            return found
        text = _CHOSEN.sub("", text)
    return company_named(text, by=user)
