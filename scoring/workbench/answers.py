"""JSON between the workbench's scripts and its addresses: read strictly, refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from kernel import json
from kernel.errors import BadRequestError, LeadscoreError
from scoring.engine.json_text import checked_json
from scoring.models.exact_json import ExactEncoder

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]
#: A document of 500 criteria stays far below.
MOST_BYTES: Final = 2 * 1024 * 1024


def body_read(request: HttpRequest) -> dict[str, Any]:
    """The body as an object, decimals exact. Raises BadRequestError for anything else."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise BadRequestError(_("This is too large for a matrix: send less at once."), code="too_large")
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequestError(_("This is no text in UTF-8."), code="not_utf8") from error
    body = json.read(text, parse_float=json.exact)
    if not isinstance(body, dict):
        raise BadRequestError(_("Send a JSON object."), code="wrong_type")
    # What no text may hold could be answered no more than stored.
    _sound, problems = checked_json(body)
    if problems:
        raise BadRequestError(_("This holds characters or numbers that cannot be kept."), code=problems[0].code)
    return body


def json_answer(view: View[Rest]) -> View[Rest]:
    """What a service refuses becomes JSON: code, detail, errors, and whatever else the refusal says."""

    @wraps(view)
    def answering(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except LeadscoreError as error:
            return refusal(error)

    return answering


def answer(body: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return JsonResponse(body, encoder=ExactEncoder, status=status)


def refusal(error: LeadscoreError) -> HttpResponse:
    problems = [{"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in error.problems]
    return answer(
        {**error.extra, "code": error.code, "detail": str(error.detail), "errors": problems}, status=error.status
    )
