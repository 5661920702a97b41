"""What every API view shares: strict JSON in, bounded while reading; problem+json (RFC 9457) out, never HTML."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.utils import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import json
from kernel.errors import BadRequestError, LeadscoreError, Problem

PROBLEM_TYPE = "application/problem+json"
BODY_SHA256 = "leadscore.body_sha256"
CHUNK_BYTES = 64 * 1024
INFLATED_BYTES = 4 * 1024 * 1024
TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    410: "Gone",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid",
    428: "Precondition required",
    429: "Too many requests",
    500: "Internal error",
    503: "Temporarily unavailable",
}


class TooLargeError(LeadscoreError):
    """The body, or what it inflates to, is over its limit."""

    status = 413


class UnsupportedEncodingError(LeadscoreError):
    """A content encoding other than identity or gzip."""

    status = 415


class ServiceAwayError(LeadscoreError):
    """The database does not answer; nothing was acknowledged."""

    status = 503


class StrictJSONParser(BaseParser):
    """JSON as kernel.json reads it. The limit is the view's `max_body_bytes`, held while reading; gzip inflates to 4 MB at most."""

    media_type = "application/json"
    exact_numbers = False

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        context = parser_context or {}
        request: Request = context["request"]
        raw = b"".join(self._limited(stream, getattr(context.get("view"), "max_body_bytes", INFLATED_BYTES)))
        raw = self._decoded(raw, request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower())
        # Kept beside the request: what an Idempotency-Key is held against.
        request._request.META[BODY_SHA256] = hashlib.sha256(raw).hexdigest()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadRequestError(_("The body is not UTF-8."), code="not_utf8") from None
        return json.read(text, parse_float=json.exact if self.exact_numbers else None)

    @staticmethod
    def _limited(stream: Any, limit: int) -> Iterable[bytes]:
        total = 0
        while chunk := stream.read(CHUNK_BYTES):
            total += len(chunk)
            if total > limit:
                raise TooLargeError(
                    _("The body is larger than %(limit)s bytes. Send it in smaller parts.") % {"limit": limit},
                    code="too_large",
                )
            yield chunk

    @staticmethod
    def _decoded(raw: bytes, encoding: str) -> bytes:
        if encoding in {"", "identity"}:
            return raw
        if encoding != "gzip":
            raise UnsupportedEncodingError(_("Send the body as it is, or with gzip."), code="unsupported_encoding")
        inflater = zlib.decompressobj(wbits=31)
        try:
            inflated = inflater.decompress(raw, INFLATED_BYTES + 1)
        except zlib.error:
            raise BadRequestError(_("The body is not valid gzip."), code="broken_gzip") from None
        if len(inflated) > INFLATED_BYTES:
            raise TooLargeError(_("The body inflates to more than 4 MB. Send it in smaller parts."), code="too_large")
        if not inflater.eof:
            raise BadRequestError(_("The gzip body is cut off."), code="broken_gzip")
        return inflated


class ExactJSONParser(StrictJSONParser):
    """The same with fractions kept as written, for the engine."""

    exact_numbers = True


def problem(
    status_code: int, detail: str, *, code: str, instance: str, errors: Iterable[Problem] = (), **extra: object
) -> dict[str, object]:
    """The body of a problem+json answer."""
    found = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in errors]
    return {
        "type": f"urn:leadscore:problem:{code}",
        "title": TITLES.get(status_code, "Error"),
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
        body = problem(
            error.status, error.detail, code=error.code, instance=request.path, errors=error.problems, **error.extra
        )
        if error.status == status.HTTP_503_SERVICE_UNAVAILABLE:
            headers["Retry-After"] = "5"
    elif isinstance(error, exceptions.APIException):
        detail = error.detail if isinstance(error.detail, str) else str(error.default_detail)
        body = problem(error.status_code, detail, code=str(error.get_codes()), instance=request.path)
        authenticate = getattr(error, "auth_header", None)
        headers |= {"WWW-Authenticate": authenticate} if authenticate else {}
        wait = getattr(error, "wait", None)
        headers |= {"Retry-After": str(int(wait) + 1)} if wait is not None else {}
    else:
        return None
    return Response(body, status=int(body["status"]), headers=headers, content_type=PROBLEM_TYPE)  # type: ignore[call-overload]
