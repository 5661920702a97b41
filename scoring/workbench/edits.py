"""How pages change a draft, and how they learn that others did: edits, undo and redo, and the poll."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import number_asked
from accounts.unfold import admin_user
from kernel.errors import BadRequestError, ConflictError
from kernel.json import unsafe_text
from scoring.models import Comment, MatrixVersion, VersionEdit
from scoring.services.matrices import Edit, version_edit
from scoring.services.presence import LONGEST_PLACE, others_here, presence_leave, presence_mark
from scoring.services.undoing import undo_state, version_redo, version_undo
from scoring.workbench.access import draft_or_refuse, editor_required, reader_required, version_or_404
from scoring.workbench.answers import answer, body_read, json_answer
from scoring.workbench_shown.edit_log import edits_since, place_words
from scoring.workbench_shown.state import state_of

#: More than any button of the page sends at once.
MOST_EDITS: Final = 600
MOST_PASSED_OVER: Final = 1_000
LONGEST_PATH: Final = 300


@require_POST
@json_answer
@editor_required
def edits(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Apply `{edits: [{path, before, after}]}`; answers the draft as it is then."""
    wanted = edits_read(body_read(request))
    draft = draft_or_refuse(pk)
    with _said_where(draft):
        version = version_edit(version=draft, edits=wanted, by=admin_user(request))
    return _changed(request, version)


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
    """Undo or redo. `over` are revisions to leave alone; `found` are values by path that may be overwritten."""
    body = body_read(request)
    over, found = body.get("over", []), body.get("found", {})
    is_readable = isinstance(over, list) and isinstance(found, dict) and len(over) <= MOST_PASSED_OVER
    if not is_readable or not all(isinstance(each, int) for each in over):
        raise BadRequestError(_("Send the revisions to leave alone, and what was found."), code="wrong_type")
    draft = draft_or_refuse(pk)
    with _said_where(draft):
        version = verb(version=draft, by=admin_user(request), over=over, found=found)
    return _changed(request, version)


@contextmanager
def _said_where(draft: MatrixVersion) -> Iterator[None]:
    """Let a refusal that names a place say it in words, too."""
    try:
        yield
    except ConflictError as error:
        if "path" in error.extra:
            where = place_words(str(error.extra["path"]), draft.document, also=(error.extra.get("before"),))
            error.extra = {**error.extra, "where": where}
        raise


def _changed(request: HttpRequest, version: MatrixVersion) -> HttpResponse:
    """The draft after an edit, with the paths that it changed."""
    rows = VersionEdit.objects.filter(version=version, revision=version.revision)
    return answer({**_state(request, version), "paths": list(rows.values_list("path", flat=True))})


def _state(request: HttpRequest, version: MatrixVersion) -> dict[str, Any]:
    return {**state_of(version), **undo_state(version=version, by=admin_user(request))}


urlpatterns: list[URLPattern] = [
    path("<int:pk>/edits/", edits, name="workbench-edits"),
    path("<int:pk>/undo/", undo, name="workbench-undo"),
    path("<int:pk>/redo/", redo, name="workbench-redo"),
    path("<int:pk>/poll/", poll, name="workbench-poll"),
]
