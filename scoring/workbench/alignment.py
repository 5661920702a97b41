"""Alignment meetings: the page of a model on which they are written down, and those of one version on its review tab."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import number_asked
from accounts.models import User
from accounts.unfold import admin_user
from kernel.errors import InvalidError, LeadscoreError
from scoring.models import MatrixVersion, MeetingParticipant, ScoringModel
from scoring.services.aligning import Seat, meeting_record, meeting_remove, side_of
from scoring.workbench.access import editor_required, may_edit, reader_required, version_or_404
from scoring.workbench_shown.meetings import meetings_of_model, meetings_of_version

SEATS: Final = 4
MOST_SEATS: Final = 40


@reader_required
@require_safe
def alignment(request: HttpRequest, model: int) -> HttpResponse:
    """All meetings on a model, and a form for the next."""
    return _page(request, _model(model))


@editor_required
@require_POST
def record(request: HttpRequest, model: int) -> HttpResponse:
    """Write a meeting down; what is refused stays in the form."""
    of = _model(model)
    try:
        meeting = meeting_record(
            model_id=of.pk,
            held_on=_day(request.POST.get("held_on", "")),
            seats=_seats(request),
            note=request.POST.get("note", ""),
            version_id=number_asked(request.POST.get("version", "")),
            by=admin_user(request),
        )
    except LeadscoreError as refusal:
        return _page(request, of, refusal=refusal)
    messages.success(request, _("The meeting of %(day)s is written down.") % {"day": meeting.held_on.isoformat()})
    return redirect("workbench-alignment", model)


@editor_required
@require_POST
def remove(request: HttpRequest, model: int, meeting: int) -> HttpResponse:
    _model(model)
    meeting_remove(meeting_id=meeting, by=admin_user(request))
    return redirect("workbench-alignment", model)


@reader_required
@require_safe
def of_version(request: HttpRequest, pk: int) -> HttpResponse:
    """The meetings at which a version was spoken of: a part of its review tab."""
    version = version_or_404(pk)
    context = {"version": version, "meetings": meetings_of_version(version, admin_user(request)), "is_part": True}
    return render(request, "workbench/_alignment_of.html", context)


def _page(request: HttpRequest, model: ScoringModel, *, refusal: LeadscoreError | None = None) -> HttpResponse:
    reader = admin_user(request)
    typed = request.POST if refusal else {}
    chosen = _typed_seats(request) if refusal else []
    people = list(User.objects.filter(is_active=True).order_by("name", "pk")) if may_edit(reader) else []
    context: dict[str, Any] = {
        "model": model,
        "meetings": meetings_of_model(model.pk, reader),
        "may_record": may_edit(reader),
        "people": people,
        "sides": MeetingParticipant.Side.choices,
        "seats": [*chosen, *[("", "")] * max(1, SEATS - len(chosen))],
        "versions": MatrixVersion.objects.filter(model=model).only("number", "state")[:30],
        "today": timezone.localdate(),
        "typed": typed,
        "version_asked": request.GET.get("version", "") or typed.get("version", ""),
        "refusal": refusal,
    }
    return render(request, "workbench/alignment.html", context, status=refusal.status if refusal else 200)


def _model(pk: int) -> ScoringModel:
    model = ScoringModel.objects.filter(pk=pk).first()
    if model is None:
        raise Http404
    return model


def _typed_seats(request: HttpRequest) -> list[tuple[str, str]]:
    rows = zip(request.POST.getlist("person"), request.POST.getlist("side"), strict=False)
    return [(person, side) for person, side in rows if person][:MOST_SEATS]


def _seats(request: HttpRequest) -> list[Seat]:
    """Whose side is left open speaks for that of their role."""
    typed = [(number_asked(person) or 0, side) for person, side in _typed_seats(request)]
    roles = dict(User.objects.filter(pk__in=[id_ for id_, _side in typed]).values_list("pk", "role"))
    return [Seat(user_id=id_, side=side or str(side_of(roles[id_])) if id_ in roles else side) for id_, side in typed]


def _day(text: str) -> date:
    try:
        day = parse_date(text.strip())
    except ValueError:
        day = None
    if day is None:
        raise InvalidError(_("Say on which day it was held."), code="no_day")
    return day


urlpatterns: list[URLPattern] = [
    path("models/<int:model>/alignment/", alignment, name="workbench-alignment"),
    path("models/<int:model>/alignment/record/", record, name="workbench-alignment-record"),
    path("models/<int:model>/alignment/<int:meeting>/remove/", remove, name="workbench-alignment-remove"),
    path("<int:pk>/alignment/", of_version, name="workbench-alignment-of"),
]
