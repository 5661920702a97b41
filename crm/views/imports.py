"""Bringing files: upload, list, progress, result, undo. The mapping of one has a module of its own."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.asked import number_asked
from accounts.export import csv_rows
from accounts.rights import Action, may
from crm.forms.import_columns import REJECTED_COLUMNS
from crm.forms.imports import StartForm, UploadForm
from crm.models import Import
from crm.services.imports import import_create, import_look, import_start, import_stop, import_undo, imports_same
from crm.services.imports_estimate import import_estimate
from crm.views import import_mapping, import_wording
from crm.views.import_access import import_or_404, managing, viewing
from kernel.errors import ConflictError, LeadscoreError

PAGE: Final = 30
_UNDER_WAY: Final = (Import.State.WAITING, Import.State.RUNNING, Import.State.UNDOING)


@login_required
@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """All of them, newest first, and the place to drop a file."""
    user = viewing(request)
    before = number_asked(request.GET.get("before", ""))
    rows = Import.objects.select_related("created_by").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: PAGE + 1])
    context = {
        "rows": [import_wording.import_shown(each) for each in page[:PAGE]],
        "next_url": f"?before={page[PAGE - 1].pk}" if len(page) > PAGE else "",
        "first_url": "" if before is None else request.path,
        "manages": may(user.role, Action.IMPORT_MANAGE),
        "form": UploadForm(),
    }
    return render(request, "crm/imports/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file. What cannot be read at all is refused here, with the sentence that says why."""
    user = managing(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            # Of what cannot be read nothing stays, not even that it was brought.
            with transaction.atomic():
                made = import_create(file_name=file.name, content=file.chunks(), by=user)
                import_look(made)
            return redirect("import-mapping", pk=made.pk)
        except LeadscoreError as error:
            form.add_error("file", error.detail)
    return render(request, "crm/imports/upload.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@never_cache
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: how far it is, what became of it, and what can be done."""
    user = viewing(request)
    found = import_or_404(pk)
    manages = may(user.role, Action.IMPORT_MANAGE)
    if found.state == Import.State.UPLOADED and manages:
        return redirect("import-start" if found.mapping else "import-mapping", pk=pk)
    context = {**_progress(found), "manages": manages, "has_rejections": found.rejections.exists()}
    return render(request, "crm/imports/import.html", context)


@login_required
@never_cache
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar, asked for again and again; once it has ended the page is, as the result is more than a bar."""
    viewing(request)
    found = import_or_404(pk)
    response = render(request, "crm/imports/_progress.html", _progress(found))
    if found.state not in _UNDER_WAY:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """The last look before it runs: what would happen, and what becomes of those who qualify."""
    user = managing(request)
    found = import_or_404(pk)
    if found.state != Import.State.UPLOADED:
        return redirect("import", pk=pk)
    if not found.mapping:
        return redirect("import-mapping", pk=pk)
    form = StartForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            chosen, per_day = form.cleaned_data["handoffs"], form.cleaned_data["handoffs_per_day"]
            import_start(import_id=pk, handoffs=chosen, per_day=per_day, by=user)
            return redirect("import", pk=pk)
        except LeadscoreError as error:
            form.add_error(None, error.detail)
    context: dict[str, Any] = {"import": found, "form": form}
    try:
        context["import"] = found = found if found.estimate else import_estimate(import_id=pk)
    except LeadscoreError as error:
        context["refusal"] = error.detail
    context |= {
        "estimate": import_wording.estimate_shown(found),
        "mapped": import_wording.mapping_shown(found),
        "same": imports_same(found).first(),
    }
    return render(request, "crm/imports/start.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, import_stop, _("Stopped. What was stored by then stays."))


@login_required
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, import_undo, _("It is being undone."))


@login_required
@require_safe
def rejections(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that did not go in: where, why, and the cells as they were, to be mended and brought again."""
    managing(request)
    found = import_or_404(pk)
    if not found.rejections.exists():
        raise Http404
    kept = [place for place, name in enumerate(found.columns) if name not in REJECTED_COLUMNS]
    header = [*REJECTED_COLUMNS, *(found.columns[place] for place in kept)]
    # Separated as the file was: a spreadsheet that wrote semicolons opens commas as one column.
    separator = str(found.rules.get("delimiter") or ",")
    rows = csv_rows(header, _rejected(found, kept), separator=separator)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{pk}-rejected.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _rejected(found: Import, kept: list[int]) -> Iterator[list[object]]:
    for row in found.rejections.order_by("line").iterator(chunk_size=1_000):
        field = import_wording.field_of(row.pointer)
        cells = [row.cells[place] if place < len(row.cells) else "" for place in kept]
        # A row with more cells than there are columns keeps them: they are what is wrong with it.
        yield [row.line, field, row.detail, *cells, *row.cells[len(found.columns) :]]


def _done(request: HttpRequest, pk: int, verb: Callable[..., Import], sentence: str) -> HttpResponseRedirect:
    user = managing(request)
    import_or_404(pk)
    try:
        verb(import_id=pk, by=user)
    except ConflictError as conflict:
        messages.error(request, conflict.detail)
    else:
        messages.success(request, sentence)
    return redirect("import", pk=pk)


def _progress(found: Import) -> dict[str, Any]:
    return {
        "import": found,
        "shown": import_wording.import_shown(found),
        "is_under_way": found.state in _UNDER_WAY,
        "undo": import_wording.undo_shown(found),
        "first_rejections": import_wording.rejections_shown(found),
    }


urlpatterns: list[URLPattern] = [
    path("imports/", imports, name="imports"),
    path("imports/new/", upload, name="import-new"),
    path("imports/<int:pk>/", detail, name="import"),
    path("imports/<int:pk>/progress/", progress, name="import-progress"),
    path("imports/<int:pk>/start/", start, name="import-start"),
    path("imports/<int:pk>/stop/", stop, name="import-stop"),
    path("imports/<int:pk>/undo/", undo, name="import-undo"),
    path("imports/<int:pk>/rejections/", rejections, name="import-rejections"),
    *import_mapping.urlpatterns,
]
