"""What the people floor does: keys and the audit log."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import ApiKey, AuditEntry, User
from accounts.rights import scopes_to_give
from kernel.errors import NotAllowedError

KEY_PREFIX = "ls_live_"


def audit_record(
    *,
    action: str,
    subject_type: str,
    subject_id: int | None = None,
    actor: User | ApiKey | None = None,
    details: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Append one row to the audit log. Call it inside the transaction of the change it tells of."""
    return AuditEntry.objects.create(
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        actor=actor if isinstance(actor, User) else None,
        actor_key_id=actor.pk if isinstance(actor, ApiKey) else None,
        details=dict(details or {}),
    )


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
