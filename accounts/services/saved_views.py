"""Saved views: filters and columns of a list page under a name, for oneself or for everybody.

What the parameters mean is the page's own; here they are texts. Each person has besides, for each page, one view without
a name: the columns they chose for it, and the view it opens with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import SavedView, User
from accounts.rights import Action, may
from kernel.errors import BadRequestError, ConflictError, NotAllowedError

PAGES = ("leads", "queue")
# Where the view without a name keeps which one its page opens with.
START = "start"
MOST_VIEWS = 100
MOST_COLUMNS = 60
_MOST_PARAMETERS = 100
_LONGEST = 1_000


@dataclass(frozen=True, kw_only=True)
class ViewsOfPage:
    """The views somebody may open, their own first; the columns they chose for the page, and the view it opens with."""

    views: Sequence[SavedView]
    columns: Sequence[str]
    start_id: int | None


def saved_views_of(*, user: User, page: str) -> ViewsOfPage:
    """What is kept for this person and page. One query."""
    rows = list(_visible(user).filter(page=page).select_related("user"))
    own = next((row for row in rows if not row.name and row.user_id == user.pk), None)
    start = own.query.get(START) if own else None
    return ViewsOfPage(
        views=sorted(
            (row for row in rows if row.name), key=lambda row: (row.user_id != user.pk, row.name.casefold(), row.pk)
        ),
        columns=own.columns if own else [],
        start_id=start if isinstance(start, int) else None,
    )


@transaction.atomic
def saved_view_create(
    *, user: User, page: str, name: str, query: Mapping[str, str], columns: Sequence[str], is_shared: bool = False
) -> SavedView:
    """Keep filters and columns. Raises BadRequestError, ConflictError for a name in use, NotAllowedError for sharing."""
    if page not in PAGES:
        raise BadRequestError(_("This page keeps no views."), code="no_such_page")
    if SavedView.objects.filter(user=user, page=page).count() > MOST_VIEWS:
        raise ConflictError(_("These are a hundred views already: delete one first."), code="too_many_views")
    view = SavedView(user=user, page=page)
    return _stored(view, name=name, query=query, columns=columns, is_shared=is_shared)


@transaction.atomic
def saved_view_change(
    *,
    view_id: int,
    user: User,
    name: str | None = None,
    query: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
    is_shared: bool | None = None,
) -> SavedView:
    """Change one's own view; None leaves a part as it is. Raises SavedView.DoesNotExist for one that is not one's own."""
    view = SavedView.objects.select_for_update().exclude(name="").get(pk=view_id, user=user)
    return _stored(
        view,
        name=view.name if name is None else name,
        query=view.query if query is None else query,
        columns=view.columns if columns is None else columns,
        is_shared=view.is_shared if is_shared is None else is_shared,
    )


@transaction.atomic
def saved_view_copy(*, view_id: int, user: User) -> SavedView:
    """Make a view that one may open one's own, under the next name that is free. Raises SavedView.DoesNotExist."""
    view = _visible(user).exclude(name="").get(pk=view_id)
    taken = set(SavedView.objects.filter(user=user, page=view.page).values_list("name", flat=True))
    names = [view.name, *(f"{view.name[:74]} {number}" for number in range(2, MOST_VIEWS + 3))]
    name = next(name for name in names if name not in taken)
    return saved_view_create(user=user, page=view.page, name=name, query=view.query, columns=view.columns)


@transaction.atomic
def saved_view_delete(*, view_id: int, user: User) -> SavedView:
    """Delete one's own view; colleagues who shared in it see it no more. Raises SavedView.DoesNotExist."""
    view = SavedView.objects.select_for_update().exclude(name="").get(pk=view_id, user=user)
    SavedView.objects.filter(pk=view.pk).delete()
    return view


@transaction.atomic
def saved_view_start(*, user: User, page: str, view_id: int | None) -> None:
    """Open a page with this view from now on; None: with everything. Raises SavedView.DoesNotExist."""
    if view_id is not None:
        _visible(user).exclude(name="").get(pk=view_id, page=page)
    settings = _settings_locked(user, page)
    settings.query = {} if view_id is None else {START: view_id}
    settings.save(update_fields=["query", "updated_at"])


@transaction.atomic
def saved_view_columns(*, user: User, page: str, columns: Sequence[str]) -> None:
    """Keep the columns a page shows where no view says others; none: the page's own."""
    settings = _settings_locked(user, page)
    settings.columns = _columns_checked(columns)
    settings.save(update_fields=["columns", "updated_at"])


def _visible(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(user=user) | Q(is_shared=True, user__is_active=True))


def _settings_locked(user: User, page: str) -> SavedView:
    if page not in PAGES:
        raise BadRequestError(_("This page keeps no views."), code="no_such_page")
    return SavedView.objects.select_for_update().get_or_create(user=user, page=page, name="")[0]


def _stored(
    view: SavedView, *, name: str, query: Mapping[str, str], columns: Sequence[str], is_shared: bool
) -> SavedView:
    name = " ".join(name.split())
    if not name or len(name) > 80 or not name.isprintable():
        raise BadRequestError(_("Give the view a name of 1 to 80 letters."), code="bad_name")
    if is_shared and not may(view.user.role, Action.VIEW_SHARE):
        raise NotAllowedError(_("Your role keeps views for yourself only."), code="sharing_not_yours")
    view.name, view.is_shared = name, is_shared
    view.query, view.columns = _query_checked(query), _columns_checked(columns)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        said = _("You have a view called “%(name)s” already: choose another name.") % {"name": name}
        raise ConflictError(said, code="name_taken") from error
    return view


def _query_checked(query: Mapping[str, str]) -> dict[str, str]:
    is_fine = len(query) <= _MOST_PARAMETERS and all(
        isinstance(value, str) and "\x00" not in key + value and len(key + value) <= _LONGEST
        for key, value in query.items()
    )
    if not is_fine:
        raise BadRequestError(_("These filters are too long to be kept."), code="bad_query")
    return dict(query)


def _columns_checked(columns: Sequence[str]) -> list[str]:
    unique = list(dict.fromkeys(columns))
    if len(unique) > MOST_COLUMNS or any("\x00" in key or not 0 < len(key) <= 80 for key in unique):
        raise BadRequestError(_("Choose at most sixty columns of the list."), code="bad_columns")
    return unique
