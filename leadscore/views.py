"""The front door, the health of the house, and what a person sees when something is missing."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.db import connection
from django.db.utils import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.http import require_POST, require_safe

from accounts.asked import way_back
from accounts.models import Role, User
from accounts.rights import Action, may
from kernel.api import problem_json
from leadscore.first_run.steps import first_run, is_running
from leadscore.templatetags.demo import DEMO_DOMAIN

# Counted no further than 10,001, so that a long backlog does not slow the question.
OLDEST_WORK = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)
FROM (SELECT created_at FROM crm_work ORDER BY id LIMIT 10001) AS work
"""
PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 (the path of a class)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Reps start at their queue, everybody else at the list of leads; administrators at what is left to set up.

    Where nobody is yet there is nothing here but the way to the set-up link.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path()) if User.objects.exists() else redirect("set-up")
    user = request.user
    if may(user.role, Action.SETUP) and is_running():
        return render(request, "first_run/home.html", {"run": first_run()})
    return redirect("queue" if user.role in {Role.REP, Role.SALES_MANAGER} else "leads")


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo company's people without a password; there is no such page outside a demo."""
    if not settings.DEMO:
        raise Http404
    email = request.POST.get("email", "").replace("\0", "")
    user = get_object_or_404(User, email=email, email__endswith=f"@{DEMO_DOMAIN}", is_active=True)
    login(request, user, backend=PASSWORD_BACKEND)
    return redirect(way_back(request) or "home")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for a symbol when what they were sent names none, such as a fragment opened alone."""
    return redirect(static("img/logo.svg"))


def nothing_here(request: HttpRequest) -> HttpResponse:
    """In place of a page that a library brings along and that the product does not have."""
    raise Http404


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> JsonResponse:
    """What waits and for how long, not whether a process is up; 503 where the database is away."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(OLDEST_WORK)
            waiting, age = cursor.fetchone()
    except DatabaseError:
        response = JsonResponse({"status": "database_away"}, status=503)
        response["Retry-After"] = "5"
        return response
    return JsonResponse({"status": "ready", "work": {"waiting": int(waiting), "oldest_seconds": int(age)}})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: asked under a name that is not ours, or sent what Django itself refuses to read."""
    if _is_api(request):
        return problem_json(request, 400, _("This request cannot be read."), "bad_request")
    return defaults.bad_request(request, exception)


def not_allowed(request: HttpRequest, exception: Any) -> HttpResponse:
    """403: `exception` may carry a sentence that says why."""
    if _is_api(request):
        return problem_json(request, 403, _("You may not do this."), "permission_denied")
    return render(request, "403.html", {"detail": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_json(request, 404, _("There is no such thing here."), "not_found")
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        detail = _(
            "Something broke on our side. Send the call again with the same Idempotency-Key, or tell your administrator."
        )
        return problem_json(request, 500, detail, "internal_error")
    return render(request, "500.html", status=500)


def _is_api(request: HttpRequest) -> bool:
    """Programs read what is below /api/, so they are never sent a page."""
    return request.path_info.startswith("/api/")
