"""Keys of programs: made, shown once, revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from accounts.rights import scopes_to_give
from accounts.services.audit import audit_record
from kernel.errors import NotAllowedError

KEY_PREFIX = "ls_live_"


def key_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def api_key_create(
    *, name: str, feed: str, scopes: Sequence[str], by: User | None = None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key and return it with its secret, which is shown this once and cannot be read again.

    Raises NotAllowedError for scopes that the maker may not give.
    """
    if by is not None and not set(scopes) <= set(scopes_to_give(by.role)):
        raise NotAllowedError(_("Only an administrator makes a key that reads leads."), code="scope_not_yours")
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name,
        feed=feed,
        scopes=list(scopes),
        created_by=by,
        expires_at=expires_at,
        prefix=secret[:12],
        key_hash=key_hash(secret),
    )
    audit_record(
        action="api_key.create",
        subject_type="api_key",
        subject_id=key.pk,
        actor=by,
        details={"scopes": list(scopes), "feed": feed},
    )
    return key, secret


@transaction.atomic
def api_key_revoke(*, key_id: int, by: User) -> bool:
    """End a key at once; False where it was revoked before."""
    now = timezone.now()
    if not ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now, updated_at=now):
        return False
    audit_record(action="api_key.revoke", subject_type="api_key", subject_id=key_id, actor=by)
    return True
