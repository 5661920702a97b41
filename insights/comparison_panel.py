"""The panel beside a publication: the days before a version against the days since."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from insights.comparison import comparison
from scoring.workbench.access import reader_required, version_or_404


@reader_required
@require_safe
def baseline(request: HttpRequest, pk: int) -> HttpResponse:
    version = version_or_404(pk)
    return render(request, "insights/_baseline.html", {"version": version, "compared": comparison(version)})
