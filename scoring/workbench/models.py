"""All models with their versions: where the work on a matrix begins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.unfold import admin_user
from scoring.models import MatrixVersion, ScoringModel
from scoring.services.matrices import version_create
from scoring.workbench.access import editor_required, may_edit, reader_required, version_or_404
from scoring.workbench_shown.weekly import weekly_of

#: Versions listed of a model; older ones are in the admin.
SHOWN = 30


@reader_required
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Each model with its newest versions first."""
    versions = (
        MatrixVersion.objects.select_related("created_by", "published_by")
        .prefetch_related("sign_offs__signed_by")
        .defer("document")
        .order_by("-number")
    )
    rows = ScoringModel.objects.prefetch_related(Prefetch("versions", queryset=versions))
    shown: list[dict[str, Any]] = [{"model": model, "versions": list(model.versions.all())[:SHOWN]} for model in rows]
    for one in shown:
        one["more"] = len(one["model"].versions.all()) - len(one["versions"])
    every = [version for one in shown for version in one["versions"]]
    weekly = weekly_of(every)
    for version in every:
        version.weekly = weekly.get(version.pk)
    context = {"models": shown, "may_edit": may_edit(admin_user(request)), "weekly": bool(weekly)}
    return render(request, "workbench/models.html", context)


@editor_required
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """A new draft equal to a version, opened at once."""
    base = version_or_404(pk)
    if base.state not in MatrixVersion.State.values:
        raise Http404
    made = version_create(
        model=base.model, document=base.document, by=admin_user(request), origin=f"version:{base.number}"
    )
    messages.success(
        request, _("%(version)s is a draft equal to version %(number)s.") % {"version": made, "number": base.number}
    )
    return redirect("workbench", made.pk)


urlpatterns: list[URLPattern] = [
    path("", models, name="workbench-models"),
    path("<int:pk>/draft/", draft, name="workbench-draft"),
]
