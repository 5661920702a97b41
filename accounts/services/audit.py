"""The audit log is written in one place."""

from collections.abc import Mapping

from accounts.models import ApiKey, AuditEntry, User


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
