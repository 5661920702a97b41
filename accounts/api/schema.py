"""What the schema says of a call: its scopes, its answers, its problems. Serializers here describe and never validate."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from kernel.api import PROBLEM_TYPE

# What any call may answer besides its own.
EVERYWHERE = (401, 403, 429, 503)
BODY = (400, 413, 415, 422)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=_("The same key and body get the first answer again, for a day."),
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=_("The ETag that was read: 412 where the row changed since, 428 without one."),
)
PAGING = (
    OpenApiParameter("cursor", str, description=_("From `next` or `previous` of another page.")),
    OpenApiParameter("page_size", int, description=_("Rows of a page, 1 to 200; 50 by default.")),
)
View = TypeVar("View", bound=Callable[..., Any])
Described = serializers.BaseSerializer[Any] | type[serializers.BaseSerializer[Any]]


class FieldProblem(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text=_("RFC 6901 pointer into what was sent; empty for the whole."))
    code = serializers.CharField()
    detail = serializers.CharField()


# `errors` is a property of every serializer, so the field of that name goes in by `get_fields`.
class Problem(serializers.Serializer[Any]):
    """RFC 9457. `code` is for machines, `detail` for people; conflicts add members that name the state found."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "errors": FieldProblem(many=True)}


class KeySchema(AutoSchema):
    """Adds the scopes a view names for its method: one of them is needed."""

    def get_auth(self) -> list[dict[str, Any]]:
        return [dict.fromkeys(each, self._scopes()) for each in super().get_auth()]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None and self._scopes():
            names = " or ".join(f"`{scope}`" for scope in self._scopes())
            operation["description"] = f"{operation.get('description', '')}\n\nScope: {names}.".strip()
        return operation

    def _scopes(self) -> list[str]:
        return sorted(getattr(self.view, "scopes", {}).get(self.method, ()))


def call(
    operation_id: str,
    summary: Any,
    *,
    answers: Mapping[int, Described],
    problems: Sequence[int] = (),
    request: Described | None = None,
    sent: object = None,
    answered: object = None,
    parameters: Sequence[OpenApiParameter] = (),
    is_write: bool = False,
    description: Any = "",
) -> Callable[[View], View]:
    """Describe one call. `sent` and `answered` are its examples; what every call may answer stands in by itself."""
    codes = sorted({*EVERYWHERE, *problems, *(BODY if request is not None else ())})
    responses: dict[Any, Any] = {
        **{(status, "application/json"): described for status, described in answers.items()},
        **{
            (code, PROBLEM_TYPE): OpenApiResponse(response=Problem, description=HTTPStatus(code).phrase)
            for code in codes
            if code not in answers
        },
    }
    examples = []
    if sent is not None:
        examples.append(OpenApiExample(operation_id, value=sent, request_only=True))
    if answered is not None:
        status = str(next(iter(answers)))
        examples.append(OpenApiExample(operation_id, value=answered, response_only=True, status_codes=[status]))
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=str(description or summary),
        request=request,
        responses=responses,
        parameters=[*parameters, *([IDEMPOTENCY_KEY] if is_write else [])],
        examples=examples,
    )


def results(name: str, row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The shape of an answer whose one key holds a list."""
    return inline_serializer(name, {"results": row(many=True)})


def paged(name: str, row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The shape of one page."""
    nowhere = _("Address of that page; null where there is none.")
    return inline_serializer(
        name,
        {
            "next": serializers.URLField(allow_null=True, help_text=nowhere),
            "previous": serializers.URLField(allow_null=True, help_text=nowhere),
            "results": row(many=True),
        },
    )


def anything(help_text: Any = "") -> serializers.JSONField:
    """An object of the sender's or the engine's own keys."""
    return serializers.JSONField(help_text=help_text)
