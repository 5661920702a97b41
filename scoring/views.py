"""Pages and fragments of this floor: the list of leads, ranked, and how far a run has come."""

from typing import cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rights import sees_personal_data
from scoring.forms import LeadFilterForm
from scoring.models import Run, RunRange, ScoringModel
from scoring.ranking import COUNT_CAP, leads_ranked


@login_required
@require_safe
def leads(request: HttpRequest) -> HttpResponse:
    """The leads one may see, best first under one model, filtered, page by page."""
    user = cast(User, request.user)
    models = list(ScoringModel.objects.exclude(active_version=None).select_related("active_version"))
    model = next((one for one in models if one.slug == request.GET.get("model")), models[0] if models else None)
    stages = _stages(model)
    form = LeadFilterForm(request.GET, stages=list(stages.items()))
    page = leads_ranked(user=user, model=model, filters=form.filters(), cursor=request.GET.get("cursor", ""))
    kept = {name: value for name, value in request.GET.items() if name != "cursor" and value}
    context = {
        "form": form,
        "page": page,
        "model": model,
        "models": models,
        "stages": stages,
        "is_masked": not sees_personal_data(user.role),
        "is_filtered": any(name in kept for name in ("search", "stage", "rating", "country", "owner")),
        "count_cap": COUNT_CAP,
        "next_url": f"?{urlencode({**kept, 'cursor': page.next_cursor})}" if page.next_cursor else "",
        "previous_url": f"?{urlencode({**kept, 'cursor': page.previous_cursor})}" if page.previous_cursor else "",
    }
    is_part = request.headers.get("HX-Request") == "true"
    response = render(request, "scoring/_leads.html" if is_part else "scoring/leads.html", context)
    # The same address answers with a page or a part of it.
    patch_vary_headers(response, ["HX-Request"])
    return response


def _stages(model: ScoringModel | None) -> dict[str, str]:
    """The stages of a model's active version: key to label."""
    if model is None or model.active_version is None:
        return {}
    return {stage["key"]: stage.get("label") or stage["key"] for stage in model.active_version.document["stages"]}


@login_required
@require_safe
def run_progress(request: HttpRequest) -> HttpResponse:
    """How far the runs that are under way have come; an empty place where none is."""
    runs = list(Run.objects.filter(finished_at=None).select_related("model", "version").order_by("id")[:3])
    done = dict(
        RunRange.objects.filter(run__in=runs).exclude(done_at=None).values_list("run").annotate(leads=Sum("leads"))
    )
    shown = [{"run": run, "done": done.get(run.pk, 0)} for run in runs]
    return render(request, "scoring/_run_progress.html", {"runs": shown})
