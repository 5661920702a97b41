"""Strict JSON in, bounded while it is read."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from kernel import json
from kernel.errors import BadRequestError, LeadscoreError

BODY_SHA256 = "leadscore.body_sha256"
CHUNK_BYTES = 64 * 1024
INFLATED_BYTES = 4 * 1024 * 1024


class TooLargeError(LeadscoreError):
    """The body, or what it inflates to, is over its limit."""

    status = 413


class UnsupportedEncodingError(LeadscoreError):
    """A content encoding other than identity or gzip."""

    status = 415


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
