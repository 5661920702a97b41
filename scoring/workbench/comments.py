"""The talk beside the matrix: one thread for each criterion and one for the whole, with mentions."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import number_asked
from accounts.models import User
from accounts.unfold import admin_user
from scoring.models import MatrixVersion
from scoring.services.commenting import (
    comment_add,
    comment_delete,
    comment_edit,
    people_to_mention,
    thread_reopen,
    thread_settle,
)
from scoring.workbench.access import editor_required, may_edit, reader_required, version_or_404
from scoring.workbench_shown.comments import criteria_labels, threads_shown, with_ids


@reader_required
@require_safe
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab; `criterion` is what somebody wants to write about."""
    version = version_or_404(pk)
    reader = admin_user(request)
    people = people_to_mention() if may_edit(reader) else []
    context = {
        **_threads(version, reader),
        "labels": criteria_labels(version),
        "chosen": request.GET.get("criterion", ""),
        "people": json.dumps([{"id": each.pk, "name": str(each), "role": each.get_role_display()} for each in people]),
    }
    return render(request, "workbench/_comments.html", context)


@reader_required
@require_safe
def threads(request: HttpRequest, pk: int) -> HttpResponse:
    """The threads alone, as they are now."""
    return _answer(request, version_or_404(pk))


@editor_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something, or with `comment` put it differently."""
    version, by = version_or_404(pk), admin_user(request)
    text = _text(request)
    comment_id = number_asked(request.POST.get("comment", ""))
    if comment_id is not None:
        comment_edit(comment_id=comment_id, text=text, by=by)
    else:
        comment_add(version_id=pk, criterion=request.POST.get("criterion", ""), text=text, by=by)
    return _answer(request, version, has_said=True)


@editor_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    version = version_or_404(pk)
    comment_delete(comment_id=number_asked(request.POST.get("comment", "")) or 0, by=admin_user(request))
    return _answer(request, version)


@editor_required
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle a thread, or with `reopen` open it again."""
    version, by = version_or_404(pk), admin_user(request)
    criterion = request.POST.get("criterion", "")
    verb = thread_reopen if "reopen" in request.POST else thread_settle
    verb(version_id=pk, criterion=criterion, by=by)
    return _answer(request, version)


def _text(request: HttpRequest) -> str:
    """What was typed, with everybody who works here by id: whom one may mention, the service says."""
    chosen = [number for each in request.POST.getlist("mention") if (number := number_asked(each)) is not None]
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if "@" not in text:
        return text
    return with_ids(text, User.objects.filter(is_active=True), chosen)


def _answer(request: HttpRequest, version: MatrixVersion, *, has_said: bool = False) -> HttpResponse:
    answer = render(request, "workbench/_comment_threads.html", _threads(version, admin_user(request)))
    if has_said:
        answer["HX-Trigger"] = "comment:said"
    return answer


def _threads(version: MatrixVersion, reader: User) -> dict[str, object]:
    return {"version": version, "threads": threads_shown(version, reader), "is_speaker": may_edit(reader)}


urlpatterns: list[URLPattern] = [
    path("<int:pk>/comments/", comments, name="workbench-comments"),
    path("<int:pk>/comments/threads/", threads, name="workbench-comment-threads"),
    path("<int:pk>/comments/add/", add, name="workbench-comment-add"),
    path("<int:pk>/comments/delete/", delete, name="workbench-comment-delete"),
    path("<int:pk>/comments/settle/", settle, name="workbench-comment-settle"),
]
