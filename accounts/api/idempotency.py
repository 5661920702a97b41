"""The Idempotency-Key of a write: the same key and body get the first answer again, for a day."""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parsing import BODY_SHA256
from accounts.models import ApiKey, IdempotencyRecord
from kernel.errors import BadRequestError, ConflictError, InvalidError

KEPT = timedelta(days=1)
# A call that died on the way leaves its record open; our writes can be repeated, so after a minute it may be tried again.
ABANDONED = timedelta(minutes=1)
LONGEST = 200


class ReplayError(Exception):
    """Not an error: the answer stands already."""

    def __init__(self, record: IdempotencyRecord) -> None:
        self.response = Response(record.body, status=record.status, headers={"Idempotent-Replayed": "true"})


def begin(request: Request) -> IdempotencyRecord | None:
    """Reserve the call's key, or raise: `ReplayError` with the first answer, 409 while it is under way, 422 for another body."""
    key = request.headers.get("Idempotency-Key")
    if key is None or not isinstance(request.auth, ApiKey):
        return None
    if not (0 < len(key) <= LONGEST and key.isprintable()):
        raise BadRequestError(_("An Idempotency-Key has 1 to 200 printable characters."), code="bad_idempotency_key")
    _parsed = request.data
    sent = f"{request.method} {request.path} {request.META.get(BODY_SHA256, '')}"
    fingerprint = IdempotencyRecord.fingerprint(sent)
    now = timezone.now()
    with transaction.atomic():
        IdempotencyRecord.objects.filter(api_key=request.auth, key=key, created_at__lt=now - KEPT).delete()
        record, is_new = IdempotencyRecord.objects.get_or_create(
            api_key=request.auth, key=key, defaults={"request_hash": fingerprint, "created_at": now}
        )
        if is_new:
            return record
        record = IdempotencyRecord.objects.select_for_update().get(pk=record.pk)
        if record.request_hash != fingerprint:
            raise InvalidError(
                _("This Idempotency-Key was used for another call. Use a new one."), code="idempotency_key_reused"
            )
        if record.status is not None:
            raise ReplayError(record)
        if record.created_at > now - ABANDONED:
            raise ConflictError(
                _("The first call with this Idempotency-Key is still under way."), code="idempotency_in_progress"
            )
        record.created_at = now
        record.save(update_fields=["created_at"])
        return record


def finish(record: IdempotencyRecord, response: Response) -> None:
    """Keep the answer of what was done. A refusal did nothing and is forgotten, so that the call may be mended and sent again."""
    # With the database away there is nothing to write to; such a record is abandoned and free again after a minute.
    if response.status_code == 503:
        return
    if response.status_code >= 400:
        record.delete()
        return
    record.status, record.body = response.status_code, json.loads(JSONRenderer().render(response.data))
    record.save(update_fields=["status", "body"])


def answers_forget(*, now: datetime | None = None) -> int:
    """Delete the answers that are kept no longer: how many."""
    deleted, _by_model = IdempotencyRecord.objects.filter(created_at__lt=(now or timezone.now()) - KEPT).delete()
    return deleted
