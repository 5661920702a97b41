"""Who calls: a key, by `Authorization: Bearer ls_live_…`. Only its SHA-256 is looked up, and every refusal reads the same."""

import re
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiKey
from accounts.services import key_hash

REFUSED = _("Send a valid API key: Authorization: Bearer ls_live_….")
BEARER = re.compile(r"^Bearer +([\x21-\x7e]{1,200})$", re.IGNORECASE)
# A key's last use is noted to the minute, so that a busy key is not one busy row.
NOTED_EVERY = timedelta(minutes=1)


class KeyAuthentication(BaseAuthentication):
    """No key, and one that is malformed, unknown, expired or revoked, get one and the same 401."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def authenticate(self, request: Request) -> tuple[ApiKey, ApiKey]:
        header = get_authorization_header(request).decode("latin-1")
        match = BEARER.match(header)
        key = ApiKey.objects.filter(key_hash=key_hash(match[1])).first() if match else None
        if key is None or not key.is_live:
            raise AuthenticationFailed(REFUSED)
        now = timezone.now()
        if key.last_used_at is None or now - key.last_used_at > NOTED_EVERY:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        return key, key


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself, untyped
    """How the schema tells of it."""

    target_class = "accounts.api.authentication.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ls_live_…"}
