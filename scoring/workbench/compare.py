"""What differs between any two versions of a model."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.asked import number_asked
from kernel.errors import BadRequestError
from scoring.models import MatrixVersion
from scoring.workbench.access import reader_required, version_or_404
from scoring.workbench_shown.compare import compare_shown


@reader_required
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """`a` is before, `b` after."""
    a, b = (_asked(request, name) for name in ("a", "b"))
    if a.model_id != b.model_id:
        raise BadRequestError(_("These versions are of two models: choose two of one."), code="two_models")
    return render(request, "workbench/compare.html", {"shown": compare_shown(a, b), "model": a.model})


def _asked(request: HttpRequest, name: str) -> MatrixVersion:
    number = number_asked(request.GET.get(name, ""))
    if number is None:
        raise Http404
    return version_or_404(number)


urlpatterns: list[URLPattern] = [path("compare/", compare, name="workbench-compare")]
