"""What is asked of somebody before they reach any page."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts.asked import is_htmx, page_asked_from
from accounts.rights import needs_second_factor

# The way to a second factor, the way out, and what holds nothing of anybody.
OPEN_VIEWS = {
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "second-factor-done",
    "admin:logout",
    "health-live",
    "health-ready",
    "set_language",
    "javascript-catalog",
}
AFTER_KEY = "after_second_factor"


class SecondFactorMiddleware:
    """Lead who needs a second factor and has none to where it is set up; where they wanted to go is kept.

    The API is opened by keys alone and never arrives here with a session's rights.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not settings.MFA_REQUIRED or not request.user.is_authenticated or request.path_info.startswith("/api/"):
            return None
        if request.resolver_match is not None and request.resolver_match.view_name in OPEN_VIEWS:
            return None
        if not needs_second_factor(request.user.role) or is_mfa_enabled(request.user, ["totp"]):
            return None
        if is_htmx(request) and _is_open(_page(request)):
            # A part of a page that is open itself, such as the bell of its header: nothing to show, nowhere to lead.
            return HttpResponse(status=204)
        wanted = _wanted(request)
        request.session[AFTER_KEY] = wanted
        address = f"{reverse('mfa_activate_totp')}?{urlencode({'next': wanted})}"
        if is_htmx(request):
            answer = HttpResponse(status=204)
            answer["HX-Redirect"] = address
            return answer
        return HttpResponseRedirect(address)


def _wanted(request: HttpRequest) -> str:
    """The page somebody wanted to see: this one, or the one whose part or form this is."""
    if request.method == "GET" and not is_htmx(request):
        return request.get_full_path()
    page = _page(request)
    return page if page and url_has_allowed_host_and_scheme(page, None) else "/"


def _page(request: HttpRequest) -> str:
    """The path of the page from which this was asked."""
    return page_asked_from(request, without_script=request.headers.get("Referer", "")).geturl()


def _is_open(page: str) -> bool:
    try:
        return resolve(page.partition("?")[0]).view_name in OPEN_VIEWS
    except Resolver404:
        return False
