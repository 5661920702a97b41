"""The lead page: who they are. What we think of them and what was done come as panels from the floors above."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.facts_shown import facts_shown
from crm.models import Lead
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
    is_masked = not sees_personal_data(user.role)
    context = {
        "lead": found,
        "is_masked": is_masked,
        "facts": facts_shown(found, is_masked=is_masked),
        "external_ids": [] if is_masked else found.external_ids.order_by("feed"),
    }
    return render(request, "crm/lead.html", context)
