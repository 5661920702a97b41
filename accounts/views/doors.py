"""What every page of this floor asks first: who is there, and whether this page is theirs."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from accounts.models import User
from accounts.rights import Action, may
from kernel.errors import LeadscoreError

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
PAGE_SIZE = 50


def who(request: HttpRequest) -> User:
    """Who asks; the decorators below let nobody else in."""
    return cast(User, request.user)


def page_for(action: Action) -> Callable[[View[P]], View[P]]:
    """A page of those who may do this; for everybody else it is not there."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not may(who(request).role, action):
                raise Http404
            return view(request, *args, **kwargs)

        return cast(View[P], never_cache(login_required(guarded)))

    return decorate


def refused(form: forms.BaseForm, error: LeadscoreError, field: str | None = None) -> None:
    """Show a service's refusal in the form that asked for it."""
    form.add_error(field if field in form.fields else None, error.detail)


def page_of(request: HttpRequest, rows: QuerySet[User]) -> Mapping[str, object]:
    """One page of a list that is never long enough for its last pages to be slow."""
    page: Page[User] = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()

    def address(number: int) -> str:
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }
