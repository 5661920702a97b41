"""Reading the body of a call: an object, or the list of a batch."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from kernel import json
from kernel.api import TooLargeError
from kernel.errors import BadRequestError, Problem


def body_object(request: Request) -> dict[str, Any]:
    """The body as an object; anything else, also no body at all, is a `BadRequestError`."""
    if not request.META.get("CONTENT_LENGTH") or request.META["CONTENT_LENGTH"] == "0":
        json.read("")
    if not isinstance(request.data, dict):
        raise BadRequestError(_("Send a JSON object."), code="wrong_type")
    return request.data


def body_list(request: Request, name: str, *, most: int) -> list[Any]:
    """The list a batch call carries as `{name: [...]}`; more than `most` items is 413."""
    body = body_object(request)
    unknown = sorted(set(body) - {name})
    if unknown or not isinstance(body.get(name), list):
        detail = _("Send an object with the one key “%(name)s”, a list.") % {"name": name}
        raise BadRequestError(
            detail, code="wrong_type", problems=[Problem(pointer=f"/{name}", code="wrong_type", detail=detail)]
        )
    items: list[Any] = body[name]
    if len(items) > most:
        raise TooLargeError(_("Send at most %(most)s items in one batch.") % {"most": most}, code="too_large")
    return items
