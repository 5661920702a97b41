"""The audit log: search and export."""

from collections.abc import Iterator
from dataclasses import asdict

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import is_htmx, number_asked
from accounts.audit_words import action_words, details_words, subject_words
from accounts.export import csv_rows
from accounts.forms import AuditForm
from accounts.models import AuditEntry
from accounts.queries import AuditSearch, audit_entries
from accounts.rights import Action
from accounts.services import audit_record
from accounts.views.doors import PAGE_SIZE, page_for, who


@require_safe
@page_for(Action.AUDIT_VIEW)
def audit(request: HttpRequest) -> HttpResponse:
    form = AuditForm(request.GET)
    rows, before = audit_entries(_search(form)), number_asked(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    query = request.GET.copy()
    query.pop("before", None)
    first_url = f"?{query.urlencode()}"
    if len(found) > PAGE_SIZE:
        query["before"] = str(found[PAGE_SIZE - 1].pk)
    context = {
        "form": form,
        "entries": [_shown(entry) for entry in found[:PAGE_SIZE]],
        "first_url": first_url if before is not None else "",
        "next_url": f"?{query.urlencode()}" if len(found) > PAGE_SIZE else "",
        "is_filtered": any(value for name, value in request.GET.items() if name in form.fields),
    }
    template = "people/_audit.html" if is_htmx(request) else "people/audit.html"
    return render(request, template, context)


@require_POST
@page_for(Action.AUDIT_VIEW)
def audit_export(request: HttpRequest) -> HttpResponseBase:
    """What the search finds, as a file, streamed; that it was taken is an entry of its own."""
    search = _search(AuditForm(request.POST))
    asked = {name: str(value) for name, value in asdict(search).items() if value not in (None, "")}
    # Whom somebody searched for is a name or an address, which does not belong into the log.
    asked.pop("who", None)
    with transaction.atomic():
        taken = audit_record(action="audit.export", subject_type="audit", actor=who(request), details=asked)
    header = [
        _("Number"),
        _("When"),
        _("Who"),
        _("Email"),
        _("API key"),
        _("What"),
        _("Code"),
        _("About"),
        _("Id"),
        _("Details"),
    ]
    rows = audit_entries(search).filter(pk__lte=taken.pk).iterator(chunk_size=2_000)
    answer = StreamingHttpResponse(csv_rows(header, _cells(rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y-%m-%d}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _search(form: AuditForm) -> AuditSearch:
    """What was asked for; a field that cannot be read is said so in the form, and left out here."""
    form.is_valid()
    return AuditSearch(**{name: value for name, value in form.cleaned_data.items() if value not in (None, "")})


def _shown(entry: AuditEntry) -> dict[str, object]:
    return {
        "entry": entry,
        "action": action_words(entry.action),
        "subject": subject_words(entry.subject_type),
        "details": details_words(entry.details),
    }


def _cells(rows: Iterator[AuditEntry]) -> Iterator[list[object]]:
    for entry in rows:
        actor = entry.actor
        yield [
            entry.pk,
            entry.at,
            actor.name if actor else "",
            actor.email if actor else "",
            entry.actor_key_id,
            action_words(entry.action),
            entry.action,
            subject_words(entry.subject_type),
            entry.subject_id,
            details_words(entry.details),
        ]


urlpatterns: list[URLPattern] = [
    path("audit/", audit, name="audit"),
    path("audit/export/", audit_export, name="audit-export"),
]
