"""The panel of this floor beside a matrix: what a draft does to the queue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from handoff.services.load import queue_load
from scoring.workbench.access import reader_required, version_or_404
from scoring.workbench_shown.impact import entering_ids


@reader_required
@require_safe
def workbench_load(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand-offs that wait for each rep and those the version's leads would open, against what they can work."""
    version = version_or_404(pk)
    entering = entering_ids(version)
    load = None if entering is None else queue_load(entering)
    return render(request, "handoff/_workbench_load.html", {"version": version, "load": load})
