"""The edit log of a version, filtered by person, criterion and part."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from accounts.asked import number_asked
from kernel.json import unsafe_text
from scoring.workbench.access import reader_required, version_or_404
from scoring.workbench_shown.edit_log import KINDS, PAGE_SIZE, EditFilters, edit_rows, edit_shown, editors_of


@reader_required
@require_safe
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest edits first; `before` is the number of the edit the page before ended at."""
    version = version_or_404(pk)
    criterion = request.GET.get("criterion", "")[:60]
    filters = EditFilters(
        person=number_asked(request.GET.get("person", "")),
        criterion="" if unsafe_text(criterion) else criterion,
        kind=request.GET.get("kind", ""),
    )
    rows, before = edit_rows(version, filters), number_asked(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    query = request.GET.copy()
    query["before"] = str(found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""
    context = {
        "version": version,
        "edits": [edit_shown(row, version.document) for row in found[:PAGE_SIZE]],
        "people": editors_of(version),
        "criteria": [(each["key"], each.get("label", each["key"])) for each in version.document["criteria"]],
        "kinds": KINDS.items(),
        "filters": filters,
        "is_filtered": bool(filters.person or filters.criterion or filters.kind),
        "older": f"?{query.urlencode()}" if len(found) > PAGE_SIZE else "",
    }
    return render(request, "workbench/_log.html", context)


urlpatterns: list[URLPattern] = [path("<int:pk>/log/", log, name="workbench-log")]
