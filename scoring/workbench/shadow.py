"""The page of a draft that runs beside the published version: started and ended here, and read after weeks."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import number_asked
from accounts.unfold import admin_user
from kernel.errors import ConflictError
from scoring.models import Shadow, ShadowLead
from scoring.services.shadowing import MOST_OPEN, shadow_end, shadow_start
from scoring.workbench.access import EDITABLE, editor_required, may_edit, reader_required, version_or_404
from scoring.workbench_shown.shadow import shadow_leads, shadow_shown, shadows_of


@reader_required
@require_safe
def shadow(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest shadow of the draft, or the one that the address names, with its days and one side's leads."""
    version = version_or_404(pk)
    user = admin_user(request)
    every = shadows_of(version)
    chosen = _chosen(every, request.GET.get("shadow", ""))
    side = request.GET.get("side", "")
    if side not in ShadowLead.Side.values:
        side = ShadowLead.Side.SHADOW.value
    context: dict[str, object] = {
        "version": version,
        "every": every,
        "most": MOST_OPEN,
        "may_edit": may_edit(user),
    }
    is_running = False
    if chosen is not None:
        shown = shadow_shown(version, chosen)
        leads = shadow_leads(shadow=chosen, user=user, side=side, cursor=request.GET.get("after", ""))
        is_running = shown.is_running
        context |= {
            "shown": shown,
            "leads": leads,
            "first_url": "" if leads.is_first else _address(chosen, side),
            "next_url": _address(chosen, side, leads.cursor) if leads.cursor else "",
        }
    context["may_start"] = may_edit(user) and version.state in EDITABLE and not is_running
    return render(request, "workbench/shadow.html", context)


@editor_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    version = version_or_404(pk)
    shadow_start(version_id=version.pk, by=admin_user(request))
    messages.success(request, _("The draft runs beside the published version from now on."))
    return redirect("workbench-shadow", pk)


@editor_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    version = version_or_404(pk)
    running = Shadow.objects.filter(version=version, ended_at=None).first()
    if running is None:
        raise ConflictError(_("This shadow has ended already."), code="shadow_ended")
    shadow_end(shadow_id=running.pk, by=admin_user(request))
    messages.success(request, _("The shadow has ended; what it found stays here."))
    return redirect("workbench-shadow", pk)


def _chosen(every: list[Shadow], asked: str) -> Shadow | None:
    if not asked:
        return every[0] if every else None
    number = number_asked(asked)
    found = next((each for each in every if each.pk == number), None)
    if found is None:
        raise Http404
    return found


def _address(chosen: Shadow, side: str, after: str = "") -> str:
    asked = {"shadow": str(chosen.pk), "side": side, **({"after": after} if after else {})}
    return f"?{urlencode(asked)}#shadow-leads"


urlpatterns: list[URLPattern] = [
    path("<int:pk>/shadow/", shadow, name="workbench-shadow"),
    path("<int:pk>/shadow/start/", start, name="workbench-shadow-start"),
    path("<int:pk>/shadow/end/", end, name="workbench-shadow-end"),
]
