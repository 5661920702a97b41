"""Reading the body of a call: an object, or the list of a batch."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.api.parsing import TooLargeError
from kernel import json
from kernel.errors import BadRequestError, Problem


def body_object(request: Request) -> dict[str, Any]:
    """The body as an object; anything else, also no body at all, is a `BadRequestError`."""
    if not has_body(request):
        json.read("")
    if not isinstance(request.data, dict):
        raise BadRequestError(_("Send a JSON object."), code="wrong_type")
    return request.data


def body_list(request: Request, name: str, *, most: int) -> list[Any]:
    """The items of a batch: a JSON list, or an object whose one key `name` holds it; more than `most` items is 413."""
    if not has_body(request):
        json.read("")
    body = request.data
    items = body[name] if isinstance(body, dict) and set(body) == {name} else body
    if not isinstance(items, list):
        detail = _("Send a JSON list, or an object with the one key “%(name)s” that holds it.") % {"name": name}
        raise BadRequestError(
            detail, code="wrong_type", problems=[Problem(pointer="", code="wrong_type", detail=detail)]
        )
    if len(items) > most:
        raise TooLargeError(_("Send at most %(most)s items in one batch.") % {"most": most}, code="too_large")
    return items


def has_body(request: Request) -> bool:
    """Whether anything was sent at all; a call without a length is read as empty."""
    return request.META.get("CONTENT_LENGTH") not in {None, "", "0"}
