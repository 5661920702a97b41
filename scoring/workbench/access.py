"""Who opens the workbench: who edits drafts, and who reads everything and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Action, may
from accounts.unfold import admin_user
from kernel.errors import ConflictError, NotAllowedError
from scoring.models import MatrixVersion

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]
EDITABLE = (MatrixVersion.State.DRAFT, MatrixVersion.State.IN_REVIEW)


def may_read(user: User) -> bool:
    return may(user.role, Action.MATRIX_VIEW)


def may_edit(user: User) -> bool:
    return may(user.role, Action.DRAFT_EDIT)


def reader_required(view: View[Rest]) -> View[Rest]:
    """Signed in and allowed to read matrices; for others there is nothing here."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        if not may_read(admin_user(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def editor_required(view: View[Rest]) -> View[Rest]:
    """Allowed to edit drafts; who reads only is told so."""

    @reader_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        if not may_edit(admin_user(request)):
            raise NotAllowedError(_("You may read this matrix and not change it."), code="read_only")
        return view(request, *args, **kwargs)

    return guarded


def version_or_404(pk: int) -> MatrixVersion:
    """The version with its model and that model's active version, or no page."""
    rows = MatrixVersion.objects.select_related("model__active_version", "created_by", "published_by", "submitted_by")
    version = rows.filter(pk=pk).first()
    if version is None:
        raise Http404
    return version


def draft_or_refuse(pk: int) -> MatrixVersion:
    """The version where it still may be edited; ConflictError where it was published meanwhile."""
    version = version_or_404(pk)
    if version.state not in EDITABLE:
        raise ConflictError(
            _("This version was published and stays as it is: make a new version from it and edit that."),
            code="version_immutable",
            extra={"state": version.state},
        )
    return version
