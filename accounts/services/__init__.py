"""What the people floor does: people and how they get in, teams, keys, notifications, and the audit log."""

from accounts.services.audit import audit_record
from accounts.services.keys import KEY_PREFIX, api_key_create, api_key_revoke, key_hash
from accounts.services.notifying import notification_emails_send, notifications_read, notify

__all__ = [
    "KEY_PREFIX",
    "api_key_create",
    "api_key_revoke",
    "audit_record",
    "key_hash",
    "notification_emails_send",
    "notifications_read",
    "notify",
]
