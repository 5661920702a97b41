"""Filters and columns of a list, kept under a name. Each door says a sentence and leads back to the list."""

from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.asked import number_asked, way_back
from accounts.models import SavedView, User
from accounts.services.saved_views import (
    saved_view_change,
    saved_view_columns,
    saved_view_copy,
    saved_view_create,
    saved_view_delete,
    saved_view_start,
)
from kernel.errors import LeadscoreError

# Of the address alone, never of what is kept.
NOT_KEPT = {"cursor", "view", "columns", "csrfmiddlewaretoken"}


@login_required
@require_POST
def create(request: HttpRequest, page: str) -> HttpResponseRedirect:
    """Keep the filters and columns that are shown under a new name."""

    def act(user: User) -> dict[str, str]:
        view = saved_view_create(
            user=user,
            page=page,
            name=request.POST.get("name", ""),
            query=_query(request),
            columns=_columns(request),
            is_shared="is_shared" in request.POST,
        )
        messages.success(request, _("“%(name)s” is kept.") % {"name": view.name})
        return _address_of(view)

    return _acted(request, act)


@login_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Rename or share a view, or (`overwrite`) keep in it what is shown now."""
    is_overwrite = "overwrite" in request.POST

    def act(user: User) -> dict[str, str]:
        view = saved_view_change(
            view_id=pk,
            user=user,
            name=None if is_overwrite else request.POST.get("name", ""),
            is_shared=None if is_overwrite else "is_shared" in request.POST,
            query=_query(request) if is_overwrite else None,
            columns=_columns(request) if is_overwrite else None,
        )
        messages.success(request, _("“%(name)s” is changed.") % {"name": view.name})
        return _address_of(view)

    return _acted(request, act)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Delete one's own view; the list is shown as it was."""

    def act(user: User) -> dict[str, str]:
        view = saved_view_delete(view_id=pk, user=user)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name})
        return {"view": "all"}

    return _acted(request, act)


@login_required
@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Make a colleague's view one's own."""

    def act(user: User) -> dict[str, str]:
        view = saved_view_copy(view_id=pk, user=user)
        messages.success(request, _("“%(name)s” is yours now: change it as you like.") % {"name": view.name})
        return _address_of(view)

    return _acted(request, act)


@login_required
@require_POST
def start(request: HttpRequest, page: str) -> HttpResponseRedirect:
    """Open the page with this view from now on, or with everything."""
    asked = request.POST.get("view", "")

    def act(user: User) -> None:
        view_id = number_asked(asked)
        if asked and view_id is None:
            raise SavedView.DoesNotExist
        saved_view_start(user=user, page=page, view_id=view_id)
        messages.success(request, _("The list opens like this from now on."))

    return _acted(request, act)


@login_required
@require_POST
def columns(request: HttpRequest, page: str) -> HttpResponseRedirect:
    """Choose columns: for one's own list, or, where a view is open, to be looked at before they are kept in it."""
    chosen = [] if "usual" in request.POST else _columns(request)

    def act(user: User) -> dict[str, str] | None:
        if request.POST.get("in_view"):
            return {"columns": ",".join(chosen)}
        saved_view_columns(user=user, page=page, columns=chosen)
        messages.success(request, _("Your columns are kept."))
        return {"columns": ""}

    return _acted(request, act)


def _acted(request: HttpRequest, act: Callable[[User], dict[str, str] | None]) -> HttpResponseRedirect:
    """Do it, say a refusal as a sentence, and go back to the list, whose parameters what was done may change."""
    changed: dict[str, str] | None = None
    try:
        changed = act(cast(User, request.user))
    except SavedView.DoesNotExist:
        raise Http404 from None
    except LeadscoreError as refusal:
        messages.error(request, refusal.detail)
    return HttpResponseRedirect(_back(request, changed or {}), status=303)


def _back(request: HttpRequest, changed: dict[str, str]) -> str:
    asked = way_back(request)
    if not asked:
        return "/"
    parts = urlsplit(asked)
    if "view" in changed and changed["view"] != "all":
        # The view says everything itself.
        query = {"view": changed["view"], **{name: changed[name] for name in changed if name != "view"}}
    else:
        query = {**_parameters(asked), **changed}
        query = {name: value for name, value in query.items() if value}
    return f"{parts.path}?{urlencode(query)}" if query else parts.path


def _address_of(view: SavedView) -> dict[str, str]:
    return {**view.query, "view": str(view.pk)}


def _query(request: HttpRequest) -> dict[str, str]:
    """The filters of the list, as they stand in `next`."""
    return {name: value for name, value in _parameters(request.POST.get("next", "")).items() if name not in NOT_KEPT}


def _parameters(address: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(address).query, max_num_fields=200))
    except ValueError:
        # No address of ours.
        return {}


def _columns(request: HttpRequest) -> list[str]:
    """The chosen columns in their order: where positions are sent, by them, else as they are sent, one or several a field."""
    chosen = [key for part in request.POST.getlist("columns") for key in part.split(",") if key]

    def position(key: str) -> int:
        return number_asked(request.POST.get(f"position.{key}", "")) or 0

    return sorted(chosen, key=position)


urlpatterns: list[URLPattern] = [
    path("views/<slug:page>/", create, name="saved-view-create"),
    path("views/<slug:page>/start/", start, name="saved-view-start"),
    path("views/<slug:page>/columns/", columns, name="saved-view-columns"),
    path("views/<int:pk>/change/", change, name="saved-view-change"),
    path("views/<int:pk>/delete/", delete, name="saved-view-delete"),
    path("views/<int:pk>/copy/", copy, name="saved-view-copy"),
]
