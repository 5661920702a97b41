"""Notes of colleagues on the lead page: written, changed, pinned and deleted in place."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.asked import is_htmx
from accounts.models import User
from accounts.rights import sees_personal_data
from crm.forms.notes import NoteForm
from crm.models import Lead, Note
from crm.services.notes import may_delete, may_edit, note_add, note_delete, note_edit, note_pin
from crm.views._asked import asker, changed, lead_seen, lead_to_edit
from kernel.errors import BadRequestError

SHOWN = 100


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lead_notes(request: HttpRequest, pk: int) -> HttpResponse:
    """The notes about a lead, pinned ones first; a new one by POST. Not for those who see leads masked."""
    if request.method != "POST":
        lead = lead_seen(request, pk)
        if not sees_personal_data(asker(request).role):
            raise PermissionDenied
        return _notes(request, lead)
    lead, form = lead_to_edit(request, pk), NoteForm(request.POST)
    if form.is_valid():
        try:
            note_add(lead_id=lead.pk, text=form.cleaned_data["text"], by=asker(request))
        except BadRequestError as refused:
            form.add_error("text", refused.detail)
        else:
            return changed(request, _notes(request, lead), _("The note is kept."), to="lead", pk=pk)
    return _notes(request, lead, form=form, status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own note."""
    found = _note(request, pk)
    if not may_edit(found, asker(request)):
        raise PermissionDenied
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"text": found.text})
    if form.is_valid():
        try:
            note_edit(note_id=pk, text=form.cleaned_data["text"], by=asker(request))
        except BadRequestError as refused:
            form.add_error("text", refused.detail)
        else:
            answer = _notes(request, found.lead)
            return changed(request, answer, _("The note is changed."), to="lead", pk=found.lead_id)
    return _notes(request, found.lead, edited=found, form=form, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a note: one's own, or anybody's as an administrator."""
    found = _note(request, pk)
    note_delete(note_id=pk, by=asker(request))
    return changed(request, _notes(request, found.lead), _("The note is deleted."), to="lead", pk=found.lead_id)


@login_required
@require_POST
def pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold a note at the top, or let it go."""
    found = _note(request, pk)
    pinned = note_pin(note_id=pk, is_pinned=not found.is_pinned)
    sentence = _("The note stays at the top.") if pinned.is_pinned else _("The note is no longer held at the top.")
    return changed(request, _notes(request, found.lead), sentence, to="lead", pk=found.lead_id)


def notes_context(lead: Lead, user: User) -> dict[str, Any]:
    """The notes of a lead and of those merged into it, with what this person may do to each; two queries at most."""
    of_it = Q(lead=lead) | Q(lead__merged_into=lead) | Q(lead__merged_into__merged_into=lead)
    rows = list(Note.objects.filter(of_it).select_related("author").order_by("-is_pinned", "-id")[: SHOWN + 1])
    return {
        "lead": lead,
        "notes": [
            {"note": row, "may_edit": may_edit(row, user), "may_delete": may_delete(row, user)} for row in rows[:SHOWN]
        ],
        "has_older": len(rows) > SHOWN,
        "note_form": NoteForm(),
    }


def _note(request: HttpRequest, pk: int) -> Note:
    """A note on a lead within reach, for whoever may write there."""
    found: Note = get_object_or_404(Note.objects.select_related("lead"), pk=pk)
    survivor = found.lead.merged_into
    while survivor is not None and survivor.merged_into is not None:
        survivor = survivor.merged_into
    found.lead = lead_to_edit(request, survivor.pk if survivor else found.lead_id)
    return found


def _notes(
    request: HttpRequest, lead: Lead, *, form: NoteForm | None = None, edited: Note | None = None, status: int = 200
) -> HttpResponse:
    context = notes_context(lead, asker(request)) | {"edited": edited, "title": _("Notes")}
    if form is not None:
        context["edit_form" if edited else "note_form"] = form
    template = "crm/notes/_notes.html" if is_htmx(request) else "crm/notes/notes.html"
    return render(request, template, context, status=status)


urlpatterns: list[URLPattern] = [
    path("leads/<int:pk>/notes/", lead_notes, name="lead-notes"),
    path("notes/<int:pk>/", note, name="note"),
    path("notes/<int:pk>/delete/", delete, name="note-delete"),
    path("notes/<int:pk>/pin/", pin, name="note-pin"),
]
