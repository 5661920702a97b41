"""What belongs to every answer of one part of the product."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django_structlog.middlewares import RequestMiddleware

from accounts.asked import is_htmx
from kernel.errors import LeadscoreError

# What comes after one of these in a path is as good as a password.
SECRET_PATHS = ("/password/reset/key/", "/invitation/")
# Unfold evaluates Alpine expressions and writes style attributes; nothing else of the product may.
ADMIN_POLICY = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class AdminPolicyMiddleware:
    """Loosen the content security policy on unfold's own pages, and only there: the workbench below their address keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        is_ours = match is not None and "admin" not in match.app_names
        if request.path_info.startswith(reverse("admin:index")) and not is_ours:
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]  # django-csp reads it from here
        return response


class RefusalMiddleware:
    """The one place where pages say no: a service's refusal becomes a page, or a notice where htmx asked.

    The API has its own place (kernel.api) and never arrives here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, LeadscoreError) or request.path_info.startswith("/api/"):
            return None
        template = "_refusal.html" if is_htmx(request) else "refusal.html"
        return render(request, template, {"refusal": exception}, status=exception.status)


class RequestLogMiddleware(RequestMiddleware):
    """One line when a request comes and one when it is answered: by its path, never by what was asked.

    A search holds names and addresses, which would outlive the person's erasure in a log; the link of a forgotten
    password, and that of an invitation, opens an account for whoever reads it.
    """

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        path = request.path
        for secret in SECRET_PATHS:
            before, found, _rest = path.partition(secret)
            path = f"{before}{found}"
        return f"{request.method} {path}"


class TimeZoneMiddleware:
    """Show times in the zone of the one who looks. What is stored, scored and sent stays in UTC or the model's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/") or not request.user.is_authenticated:
            return self.get_response(request)
        try:
            zone = ZoneInfo(request.user.time_zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            # Typed by hand long ago, or no file of that name on this machine.
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)
