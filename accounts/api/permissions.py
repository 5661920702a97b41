"""What a key may do. Apart from the view's base class: DRF reads this while it is still loading its own views."""

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiKey
from kernel.errors import NotAllowedError


class HasScope(BasePermission):
    """The key must hold one of the scopes its view names for the method."""

    def has_permission(self, request: Request, view: object) -> bool:
        if not isinstance(request.auth, ApiKey):
            return False
        needed = getattr(view, "scopes", {}).get("GET" if request.method in {"HEAD", "OPTIONS"} else request.method, ())
        if needed and not set(needed) & set(request.auth.scopes):
            names = ", ".join(sorted(needed))
            raise NotAllowedError(
                _("This key lacks the scope it needs: %(names)s.") % {"names": names}, code="missing_scope"
            )
        return True
