"""The front door, the health of the house, and what a person sees when something is missing."""

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from accounts.models import Role

# Counted no further than 10,001, so that a long backlog does not slow the question.
OLDEST_WORK = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)
FROM (SELECT created_at FROM crm_work ORDER BY id LIMIT 10001) AS work
"""


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Reps start at their queue, everybody else at the list of leads."""
    return redirect("queue" if request.user.role in {Role.REP, Role.SALES_MANAGER} else "leads")


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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)
