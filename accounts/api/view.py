"""The base of every API view: key, scope, rate, idempotency, and the same headers on every answer."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import idempotency
from accounts.api.parsing import INFLATED_BYTES
from accounts.models import ApiKey, IdempotencyRecord, Scope
from kernel.errors import LeadscoreError


class PreconditionRequiredError(LeadscoreError):
    status = 428


class PreconditionFailedError(LeadscoreError):
    status = 412


class ApiView(APIView):
    """Subclasses name `scopes` per method and, where it differs, `max_body_bytes`; `is_stored` is false where nothing is written."""

    scopes: ClassVar[Mapping[str, tuple[Scope, ...]]] = {}
    max_body_bytes = INFLATED_BYTES
    is_stored = True
    idempotency_record: IdempotencyRecord | None = None

    @property
    def key(self) -> ApiKey:
        """The key that calls; only asked once the permission let it in."""
        assert isinstance(self.request.auth, ApiKey)  # noqa: S101 - HasScope refused everything else
        return self.request.auth

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.is_stored and request.method in {"POST", "PATCH", "PUT", "DELETE"}:
            self.idempotency_record = idempotency.begin(request)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, idempotency.ReplayError):
            return exc.response
        return super().handle_exception(exc)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.idempotency_record is not None:
            record, self.idempotency_record = self.idempotency_record, None
            idempotency.finish(record, response)
        for name, value in getattr(getattr(request, "_request", request), "rate", {}).items():
            response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    def require_match(self, current: int) -> None:
        """Hold `If-Match` against the row's revision: 428 where it is missing, 412 where it is stale."""
        sent = self.request.headers.get("If-Match")
        if sent is None:
            raise PreconditionRequiredError(_("Send If-Match with the ETag you read."), code="if_match_missing")
        tags = {tag.strip().removeprefix("W/").strip('"') for tag in sent.split(",")}
        if not tags & {"*", str(current)}:
            raise PreconditionFailedError(_("It was changed since you read it. Read it again."), code="if_match_stale")
