"""How the API says no: every refusal becomes one problem+json (RFC 9457), never HTML."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.utils import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import LeadscoreError, Problem

PROBLEM_TYPE = "application/problem+json"


class ServiceAwayError(LeadscoreError):
    """The database does not answer; nothing was acknowledged."""

    status = 503


def problem(
    status_code: int, detail: str, *, code: str, instance: str, errors: Iterable[Problem] = (), **extra: object
) -> dict[str, object]:
    """The body of a problem+json answer."""
    found = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in errors]
    return {
        "type": f"urn:leadscore:problem:{code}",
        "title": HTTPStatus(status_code).phrase,
        "status": status_code,
        "detail": detail,
        "instance": instance,
        "code": code,
        "errors": found,
        **extra,
    }


def problem_json(request: HttpRequest, status_code: int, detail: str, code: str) -> JsonResponse:
    """A problem for what happens outside an API view: no such address, an unexpected error."""
    return JsonResponse(
        problem(status_code, detail, code=code, instance=request.path), status=status_code, content_type=PROBLEM_TYPE
    )


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal becomes one problem; what is not a refusal is left to be a 500."""
    request: Request = context["request"]
    headers: dict[str, str] = {}
    if isinstance(error, OperationalError | InterfaceError):
        error = ServiceAwayError(_("The database does not answer. Try again in a moment."), code="database_away")
    if isinstance(error, Http404):
        error = exceptions.NotFound(_("There is no such thing here."))
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, LeadscoreError):
        number = error.status
        body = problem(
            number, error.detail, code=error.code, instance=request.path, errors=error.problems, **error.extra
        )
        if number == status.HTTP_503_SERVICE_UNAVAILABLE:
            headers["Retry-After"] = "5"
    elif isinstance(error, exceptions.APIException):
        detail = error.detail if isinstance(error.detail, str) else str(error.default_detail)
        number = error.status_code
        body = problem(number, detail, code=str(error.get_codes()), instance=request.path)
        authenticate = getattr(error, "auth_header", None)
        headers |= {"WWW-Authenticate": authenticate} if authenticate else {}
        wait = getattr(error, "wait", None)
        headers |= {"Retry-After": str(int(wait) + 1)} if wait is not None else {}
    else:
        return None
    return Response(body, status=number, headers=headers, content_type=PROBLEM_TYPE)
