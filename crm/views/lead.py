"""The lead page: who they are. What we think of them and what was done come as panels from the floors above."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.models import Lead
from crm.views._cards import fact_cards, identity_context
from crm.views.notes import notes_context
from crm.visibility import leads_visible_to


@login_required
@require_safe
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    """One lead; a merged one leads on to its survivor, one out of reach is not found."""
    user = cast(User, request.user)
    survivor = Lead.objects.filter(pk=pk).values_list("merged_into", flat=True).first()
    if survivor:
        return redirect("lead", pk=survivor)
    found = get_object_or_404(leads_visible_to(user).select_related("company", "owner"), pk=pk)
    context = {
        "lead": found,
        "cards": fact_cards(found, user),
        **identity_context(request, found, user),
        "external_ids": [],
    }
    if sees_personal_data(user.role):
        context |= {"external_ids": found.external_ids.order_by("feed"), **notes_context(found, user)}
    return render(request, "crm/lead.html", context)


urlpatterns: list[URLPattern] = [path("leads/<int:pk>/", lead, name="lead")]
