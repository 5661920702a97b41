"""How far a run has come."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scoring.run_progress import runs_progress

SHOWN = 3


@login_required
@require_safe
def run_progress(request: HttpRequest) -> HttpResponse:
    """How far the runs that are under way have come; an empty place where none is."""
    shown = [
        {
            "progress": each,
            "minutes_left": None if each.seconds_left is None else each.seconds_left // 60,
            "is_slow": "engine" in each.ways,
        }
        for each in reversed(runs_progress(is_open=True, limit=SHOWN))
    ]
    return render(request, "scoring/_run_progress.html", {"runs": shown})
