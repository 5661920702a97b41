"""What lint finds in the draft, with one-click mends and the reasons why warnings are lived with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from accounts.unfold import admin_user
from scoring.models import MatrixVersion
from scoring.services.accepting import finding_accept, finding_accept_withdraw
from scoring.workbench.access import (
    EDITABLE,
    draft_or_refuse,
    editor_required,
    may_edit,
    reader_required,
    version_or_404,
)
from scoring.workbench_shown.findings import findings_shown


@reader_required
@require_safe
def findings(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab; `criterion` narrows it to what speaks of one."""
    return _tab(request, version_or_404(pk), criterion=request.GET.get("criterion", ""))


@editor_required
@require_POST
def reason(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the reason for a warning, or with `withdraw` take it back."""
    version = draft_or_refuse(pk)
    code, criteria = request.POST.get("code", ""), request.POST.get("criteria", "").split()
    by = admin_user(request)
    if "withdraw" in request.POST:
        finding_accept_withdraw(version_id=pk, code=code, criteria=criteria, by=by)
    else:
        text = request.POST.get("reason", "")
        finding_accept(version_id=pk, code=code, criteria=criteria, reason=text, by=by)
    return _tab(request, version, criterion=request.POST.get("only", ""))


def _tab(request: HttpRequest, version: MatrixVersion, *, criterion: str) -> HttpResponse:
    is_editable = version.state in EDITABLE and may_edit(admin_user(request))
    context = {
        "version": version,
        "is_editable": is_editable,
        "shown": findings_shown(version, criterion=criterion, with_mends=is_editable),
        "criterion": criterion,
    }
    return render(request, "workbench/_findings.html", context)


urlpatterns: list[URLPattern] = [
    path("<int:pk>/findings/", findings, name="workbench-findings"),
    path("<int:pk>/findings/reason/", reason, name="workbench-findings-reason"),
]
