"""How pages change a draft, and how they learn that others did: edits, undo and redo, and the poll."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import number_asked
from accounts.unfold import admin_user
from kernel.errors import BadRequestError
from kernel.json import unsafe_text
from scoring.models import Comment, MatrixVersion
from scoring.services.matrices import Edit, version_edit
from scoring.services.presence import LONGEST_PLACE, others_here, presence_leave, presence_mark
from scoring.services.undoing import undo_state, version_redo, version_undo
from scoring.workbench.access import draft_or_refuse, editor_required, reader_required, version_or_404
from scoring.workbench.answers import answer, body_read, json_answer
from scoring.workbench_shown.edit_log import edits_since
from scoring.workbench_shown.state import state_of

#: More than any button of the page sends at once.
MOST_EDITS: Final = 600
LONGEST_PATH: Final = 300


@require_POST
@json_answer
@editor_required
def edits(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Apply `{edits: [{path, before, after}]}`; answers the draft as it is then."""
    wanted = edits_read(body_read(request))
    version = version_edit(version=draft_or_refuse(pk), edits=wanted, by=admin_user(request))
    return _changed(request, version, [each.path for each in wanted])


@require_POST
@json_answer
@editor_required
def undo(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _back(request, pk, version_undo)


@require_POST
@json_answer
@editor_required
def redo(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _back(request, pk, version_redo)


@require_safe
@json_answer
@reader_required
def poll(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who is here and what changed since `revision`; 304 without a body where nothing did.

    `place` is where the reader is in the document; `left` says that the page was closed.
    """
    version, reader = version_or_404(pk), admin_user(request)
    if "left" in request.GET:
        presence_leave(version_id=version.pk, by=reader)
        return HttpResponse(status=204)
    place = request.GET.get("place", "")
    presence_mark(version_id=version.pk, by=reader, place="" if unsafe_text(place) else place[:LONGEST_PATH])
    here = [asdict(each) for each in others_here(version, but=reader)]
    comments = Comment.objects.filter(version=version).order_by("-id").values_list("id", "settled_at", "edited_at")
    said = [version.revision, version.state, here, list(map(str, comments))]
    tag = f'"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    since = number_asked(request.GET.get("revision", ""))
    body: dict[str, Any] = {"revision": version.revision, "state": version.state, "here": here}
    if since != version.revision:
        body |= {**_state(request, version), "edits": edits_since(version, since or 0)}
    response = answer(body)
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache"
    return response


def edits_read(body: dict[str, Any]) -> list[Edit]:
    """The edits of a body; raises BadRequestError where they are none."""
    items = body.get("edits")
    if not isinstance(items, list) or not items or set(body) != {"edits"}:
        raise BadRequestError(_("Send a list of edits."), code="wrong_type")
    if len(items) > MOST_EDITS:
        raise BadRequestError(_("Send at most %(most)s edits at once.") % {"most": MOST_EDITS}, code="too_many")
    return [_edit(item) for item in items]


def _edit(item: object) -> Edit:
    if not isinstance(item, dict) or "path" not in item or set(item) - {"path", "before", "after"}:
        raise BadRequestError(_("An edit has a path, what stood there, and what shall stand there."), code="wrong_type")
    place = item["path"]
    if not isinstance(place, str) or not 1 <= len(place) <= LONGEST_PATH or unsafe_text(place):
        raise BadRequestError(
            _("The path of an edit is a pointer of at most %(most)s characters.") % {"most": LONGEST_PLACE},
            code="wrong_path",
        )
    return Edit(path=place, before=item.get("before"), after=item.get("after"))


def _back(request: HttpRequest, pk: int, verb: Callable[..., MatrixVersion]) -> HttpResponseBase:
    version = verb(version=draft_or_refuse(pk), by=admin_user(request))
    return _changed(request, version, [])


def _changed(request: HttpRequest, version: MatrixVersion, paths: list[str]) -> HttpResponse:
    return answer({**_state(request, version), "paths": paths})


def _state(request: HttpRequest, version: MatrixVersion) -> dict[str, Any]:
    return {**state_of(version), **undo_state(version=version, by=admin_user(request))}


urlpatterns: list[URLPattern] = [
    path("<int:pk>/edits/", edits, name="workbench-edits"),
    path("<int:pk>/undo/", undo, name="workbench-undo"),
    path("<int:pk>/redo/", redo, name="workbench-redo"),
    path("<int:pk>/poll/", poll, name="workbench-poll"),
]
