from accounts.models.api_key import ApiKey, Scope
from accounts.models.audit import AuditEntry
from accounts.models.idempotency import IdempotencyRecord, RateWindow
from accounts.models.installation import Installation
from accounts.models.notification import Notification
from accounts.models.saved_view import SavedView
from accounts.models.team import Team
from accounts.models.user import Role, User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "IdempotencyRecord",
    "Installation",
    "Notification",
    "RateWindow",
    "Role",
    "SavedView",
    "Scope",
    "Team",
    "User",
]
